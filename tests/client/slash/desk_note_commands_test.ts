import { assertEquals } from "@std/assert";
import { DESK_NOTE_COMMANDS } from "../../../lib/client/slash/desk_note_commands.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import type { OwnTarget } from "../../../lib/client/slash/own_commands.ts";
import type { LineTarget } from "../../../lib/client/slash/line_target.ts";
import { Effects, type LineTargetOptions } from "../../support/clients/line_target.ts";

const table = new SlashTable(DESK_NOTE_COMMANDS);

/** What a line has done, and what stands in the line after it. */
function enter(
  line: string,
  { isFree = true, waiting = [], drafts = [], ...options }: LineTargetOptions & {
    readonly drafts?: readonly (readonly [inquiry: number, seq: number])[];
    readonly isFree?: boolean;
    readonly waiting?: readonly number[];
  } = {},
): Effects & { put?: string } {
  const effects: Effects & { put?: string } = new Effects({ role: "operator", ...options });
  const { loop } = effects.target;
  const conversation = {
    ...loop.conversation,
    waiting: new Set(waiting),
    drafts: new Map(drafts),
  };
  const target: Pick<OwnTarget, "putBack"> & LineTarget = {
    ...effects.target,
    loop: { ...loop, conversation },
    putBack: (text) => {
      if (isFree) effects.put = text;
      return isFree;
    },
  };
  table.run(line, target as OwnTarget);
  return effects;
}

const reply = { type: "canned", name: "hello", inquiry: 42, content: "Hello ann,\nsee 42" };

Deno.test("desk note commands: /canned puts a text into the line, for the inquiry that is meant", () => {
  const cases: readonly (readonly [string, LineTargetOptions & { waiting?: number[] }])[] = [
    ["/canned 42 hello", {}],
    ["/canned ?42 hello", {}],
    ["/canned hello", { current: "?42" }],
    ["/canned hello", { waiting: [42] }],
    ["/canned hello", { current: "?42", waiting: [7] }],
  ];
  for (const [line, options] of cases) {
    const { done, put, shown } = enter(line, { ...options, reply });
    assertEquals(done, [{ type: "canned", name: "hello", inquiry: 42 }], line);
    assertEquals(put, "/answer 42 Hello ann,\nsee 42");
    assertEquals(shown, []);
  }
});

Deno.test("desk note commands: /canned overwrites nothing, asks which inquiry, and lists the names", () => {
  const taken = enter("/canned 42 hello", { reply, isFree: false });
  assertEquals(taken.texts, ["The line is not empty: /canned needs an empty one"]);
  for (const waiting of [[], [1, 2]]) {
    const { done, texts } = enter("/canned hello", { waiting });
    assertEquals([done, texts], [[], ["Which inquiry? Write its number first"]]);
  }
  assertEquals(enter("/canned 42").texts, ["Usage: /canned [NUMBER] [NAME]"]);
  assertEquals(enter("/canned 42 a b").texts, ["Usage: /canned [NUMBER] [NAME]"]);
  const names = { type: "canned", names: ["hello", "bye"] };
  assertEquals(enter("/canned", { reply: names }).texts, ["hello, bye"]);
  assertEquals(enter("/canned", { reply: { ...names, names: [] } }).texts, [
    "The server has no ready texts",
  ]);
});

Deno.test("desk note commands: /note, /notes and /use do what their rows say", () => {
  const drafts = [[42, 3]] as const;
  const cases: readonly (readonly [line: string, sent: unknown, says: readonly string[]])[] = [
    ["/note 42 he is\nnew", { type: "note", inquiry: 42, content: "he is\nnew" }, [
      "Noted about ?42",
    ]],
    ["/notes 42", { type: "history", room: "?42!", limit: 20 }, []],
    ["/use 42", { type: "respond", inquiry: 42, draft: 3 }, ["Sent to ?42 as your answer"]],
    ["/use 42 1", { type: "respond", inquiry: 42, draft: 1 }, ["Sent to ?42 as your answer"]],
    ["/use! 42", { type: "respond", inquiry: 42, draft: 3, anyway: true }, [
      "Sent to ?42 as your answer",
    ]],
  ];
  for (const [line, sent, says] of cases) {
    const { done, texts } = enter(line, { drafts });
    assertEquals(JSON.parse(JSON.stringify(done)), [sent], line);
    assertEquals(texts, says);
  }
  assertEquals(enter("/use 7", { drafts }).texts, [
    "no draft for 7 was shown here; /notes 7 shows them",
  ]);
  for (const line of ["/note 42", "/note x y", "/notes", "/use", "/use 42 x", "/use 42 0"]) {
    assertEquals(enter(line, { drafts }).texts[0]?.startsWith("Usage: /"), true, line);
  }
});
