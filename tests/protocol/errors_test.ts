// Protocol 7: how a request is refused, and how a connection ends.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { greet, UNHURRIED } from "./scene.ts";

Deno.test("protocol 7.1: an error keeps the connection, and says what, where and what is allowed", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await greet(server, "ada");
  await ada.send({ type: "history", id: 1, room: "lobby", limit: 0 });
  const error = await ada.next();
  assertEquals(Object.keys(error), ["type", "re", "code", "message", "field"]);
  assertEquals([error.re, error.code, error.field], [1, "bad_field", "limit"]);
  assertMatch(error.message, /limit.*0.*1 or more/);
  await ada.quiet();
});

Deno.test("protocol 7.1: what may succeed later says so, and when", async () => {
  await using server = await startTestServer({ limits: { requests_burst: 2, requests_per_s: 1 } });
  const ada = await greet(server, "ada");
  await ada.ask({ type: "rooms" });
  const { type, re: _re, message: _message, after_ms, ...others } = await ada.ask({
    type: "rooms",
  });
  assertEquals([type, others], ["error", { code: "rate_limited", retry: true }]);
  assert(Number.isSafeInteger(after_ms) && after_ms > 0);
});

Deno.test("protocol 7.1: a fault of the server is told by its name in the log, and by nothing else", async () => {
  const server = await startTestServer();
  const ada = await greet(server, "ada");
  Object.assign(server.repository.members, {
    count: () => Promise.reject(new Error("SECRET of the house")),
  });
  const error = await ada.ask({ type: "join", room: "lobby" });
  assertEquals([error.type, error.code], ["error", "internal"]);
  assertMatch(error.fault, /^[0-9a-f]{8}$/);
  assert(!ada.raw.includes("SECRET"));
  assert(server.logged.some((line) => line.includes(error.fault) && line.includes("SECRET")));
  await ada.quiet();
  // It counts as what it is: a bug.
  await assertRejects(async () => await server[Symbol.asyncDispose](), Error, "Faults inside");
});

Deno.test("protocol 7.3: a bye is the last frame of a connection, whatever else was asked", async () => {
  await using server = await startTestServer({ limits: { refusals_per_min: 1 } });
  const ada = await greet(server, "ada");
  await ada.send("nonsense", "nonsense", "nonsense", { type: "ping", id: 1 });
  const frames = await ada.untilEnd();
  assertEquals(frames.map(({ type }) => type), ["error", "error", "bye"]);
  const bye = frames[2] ?? {};
  assertEquals([typeof bye.code, typeof bye.message, typeof bye.reconnect], [
    "string",
    "string",
    "boolean",
  ]);
});
