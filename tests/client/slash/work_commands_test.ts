// The commands for the work at the desk.

import { assertEquals } from "@std/assert";
import { WORK_COMMANDS } from "../../../lib/client/slash/desk/work_commands.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { Effects, enterSlash, type LineTargetOptions } from "../../support/clients/line_target.ts";

const table = new SlashTable(WORK_COMMANDS);
const enter = (line: string, options: LineTargetOptions = {}) =>
  enterSlash(line, { table, role: "operator", ...options });

function sent({ done }: Effects): unknown[] {
  return JSON.parse(JSON.stringify(done));
}

Deno.test("work commands: each sends its request, and says what has become of the inquiry", async () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ["/claim 42", { type: "claim", inquiry: 42 }, "You work on ?42"],
    ["/release ?42", { type: "release", inquiry: 42 }, "?42 waits for another"],
    ["/assign 42 @bob", { type: "assign", inquiry: 42, user: "bob" }, "?42 is given to bob"],
    ["/snooze 42 2h", { type: "snooze", inquiry: 42, for_ms: 7_200_000 }, "?42 is put off"],
    ["/resolve #42", { type: "resolve", inquiry: 42 }, "?42 is resolved"],
    ["/reopen 42", { type: "reopen", inquiry: 42 }, "?42 is back in the queue"],
  ];
  for (const [line, frame, text] of cases) {
    const effects = await enter(line);
    assertEquals([sent(effects), effects.texts], [[frame], [text]], line);
  }
});

Deno.test("work commands: what is refused is shown, and what does not fit is explained", async () => {
  const reply = { type: "error", code: "already_claimed", message: "bob works on inquiry 42" };
  assertEquals((await enter("/claim 42", { reply })).texts, ["bob works on inquiry 42"]);
  for (const line of ["/claim x", "/assign 42", "/snooze 42", "/snooze 42 soon", "/resolve"]) {
    assertEquals((await enter(line)).done, [], line);
  }
});

Deno.test("work commands: /claim alone takes the longest waiting inquiry that nobody works on", async () => {
  const waiting = { room: "?1", user: 9, from: "ann", since: 1, last: 1, seq: 1, content: "?" };
  const inquiries = [
    { ...waiting, inquiry: 1, state: "claimed", assignee: "bob" },
    { ...waiting, inquiry: 2, user: 7, state: "open" },
    { ...waiting, inquiry: 3, state: "open" },
  ];
  const reply = { type: "queue", inquiries, more: false };
  assertEquals(sent(await enter("/claim", { reply })), [
    { type: "queue", limit: 100 },
    { type: "claim", inquiry: 3, expect: { assignee: null } },
  ]);
  const none = await enter("/claim", { reply: { ...reply, inquiries: inquiries.slice(0, 2) } });
  assertEquals(none.texts, ["No inquiry waits for an operator"]);
});
