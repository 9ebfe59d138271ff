import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../lib/client/slash/commands.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { Effects, enterSlash, type LineTargetOptions } from "../../support/clients/line_target.ts";
import { enterLine } from "../../../lib/client/slash/commands.ts";

const table = new SlashTable(COMMANDS, []);

/** An operator in the inquiry 42 of another user. */
const IN_42 = { role: "operator", current: "?42", standings: [["?42", "member"]] } as const;
const IN_OPS = { role: "operator" } as const;

async function enter(line: string, options: LineTargetOptions = {}): Promise<Effects> {
  return await enterSlash(line, { table, ...options });
}

Deno.test("desk work commands: each does what its row says, with a number and in the inquiry itself", async () => {
  const cases: readonly (readonly [string, LineTargetOptions, unknown])[] = [
    ["/claim 42", IN_OPS, { type: "claim", inquiry: 42 }],
    ["/claim", IN_42, { type: "claim", inquiry: 42 }],
    ["/release ?42", IN_OPS, { type: "release", inquiry: 42 }],
    ["/release", IN_42, { type: "release", inquiry: 42 }],
    ["/assign 43 @bob", IN_42, { type: "assign", inquiry: 43, user: "bob" }],
    ["/assign bob", IN_42, { type: "assign", inquiry: 42, user: "bob" }],
    ["/snooze 43 2h", IN_42, { type: "snooze", inquiry: 43, for_ms: 7_200_000 }],
    ["/snooze 2h", IN_42, { type: "snooze", inquiry: 42, for_ms: 7_200_000 }],
    ["/resolve 42", IN_OPS, { type: "resolve", inquiry: 42 }],
    ["/resolve", IN_42, { type: "resolve", inquiry: 42 }],
    ["/reopen 42", IN_OPS, { type: "reopen", inquiry: 42 }],
    // What is typed in an inquiry of another user is an answer.
    ["yes, do", IN_42, { inquiry: 42, content: "yes, do", to: undefined }],
  ];
  for (const [line, options, effect] of cases) {
    const { done, texts } = await enter(line, options);
    assertEquals([done, texts], [[effect], []], line);
  }
});

Deno.test("desk work commands: /claim alone takes the one that has waited longest and nobody works on", async () => {
  const waiting = (inquiry: number, more: object = {}) => ({ inquiry, user: 5, ...more });
  const claimed = async (...inquiries: readonly object[]) => {
    const reply = { type: "queue", inquiries, more: false };
    const { done, texts } = await enter("/claim", { ...IN_OPS, reply });
    assertEquals(done[0], { type: "queue", limit: 50 });
    return [done[1], texts];
  };
  const others = [waiting(40, { assignee: "bob" }), waiting(41, { user: 7 })];
  assertEquals(await claimed(...others, waiting(42), waiting(43)), [
    { type: "claim", inquiry: 42, expect: { assignee: null } },
    [],
  ]);
  assertEquals(await claimed(), [undefined, ["No open inquiries"]]);
  const [nothing, [text = ""]] = await claimed(...others) as [unknown, string[]];
  assertEquals(nothing, undefined);
  assertStringIncludes(text, "Others work on all that wait");
});

Deno.test("desk work commands: what does not fit is sent nowhere, and says how it is written", async () => {
  for (
    const line of ["/claim x", "/release 42 now", "/assign 42", "/snooze 42", "/snooze 42 soon"]
  ) {
    const { done, texts } = await enter(line, IN_42);
    assertEquals(done, [], line);
    assertStringIncludes(texts.join(), "Usage: ", line);
  }
  for (const line of ["/release", "/assign bob", "/snooze 2h", "/resolve", "/reopen"]) {
    const { done, texts } = await enter(line, IN_OPS);
    assertEquals(done, [], line);
    assertStringIncludes(texts.join(), "which inquiry?", line);
  }
});

Deno.test("desk work commands: an asker's text is a further question", () => {
  const effects = new Effects({ ...IN_42, standings: [["?42", "owner"]] });
  enterLine("and db4?", { table, target: effects.target });
  assertEquals(effects.done, [{ say: "and db4?", room: "?42" }]);
});
