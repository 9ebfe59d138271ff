import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  ByeFailure,
  ConnectionLost,
  Failure,
  formatExitCodes,
  reasonOf,
  toFailure,
} from "../../lib/client/exit.ts";
import { EXIT_CODES } from "../../lib/exit_codes.ts";
import { BYE_CODES, ChatError, ERROR_CODES, FrameError } from "../../lib/wire/errors.ts";

Deno.test("exit: every refusal is 1, but for those a script can tell apart", () => {
  const others = new Map<string, number>([
    ["unavailable", 75],
    ["storage_full", 75],
    ["busy", 75],
    ["rate_limited", 75],
    ["auth_failed", 77],
    ["forbidden", 77],
    ["banned", 77],
  ]);
  for (const code of ERROR_CODES) {
    assertEquals(toFailure(new ChatError(code, "no")).exitCode, others.get(code) ?? 1, code);
  }
});

Deno.test("exit: a bye is out of reach, unless it refuses the user", () => {
  const codes = Object.fromEntries(BYE_CODES.map((code) => [code, EXIT_CODES[reasonOf(code)]]));
  assertEquals(codes, {
    shutdown: 69,
    restarting: 69,
    slow: 69,
    idle: 69,
    flood: 1,
    kicked: 1,
    revoked: 77,
    banned: 77,
    too_many: 69,
    protocol: 76,
  });
  const bye = { type: "bye", code: "banned", message: "out", reconnect: false } as const;
  assertEquals(new ByeFailure(bye).message, "out");
});

Deno.test("exit: cut connections, broken framing and missing permissions have codes of their own", () => {
  assertEquals(toFailure(new ConnectionLost("gone")).exitCode, 69);
  assertEquals(toFailure(new FrameError("bad_json", "no JSON")).exitCode, 76);
  assertEquals(toFailure(new Deno.errors.NotCapable("no --allow-write")).exitCode, 78);
  assertEquals(toFailure(new Deno.errors.PermissionDenied("no access")).exitCode, 78);
  assertEquals(toFailure(new Failure("interrupted", "x")).exitCode, 130);
});

Deno.test("exit: an unexpected error is thrown as it is", () => {
  assertThrows(() => toFailure(new TypeError("a bug")), TypeError, "a bug");
});

Deno.test("exit: the help names every code", () => {
  for (const code of Object.values(EXIT_CODES)) {
    assertStringIncludes(formatExitCodes(), `${String(code).padStart(5)}  `);
  }
});
