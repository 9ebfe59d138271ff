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
  { isFree = true, waiting = [], ...options }: LineTargetOptions & {
    readonly isFree?: boolean;
    readonly waiting?: readonly number[];
  } = {},
): Effects & { put?: string } {
  const effects: Effects & { put?: string } = new Effects({ role: "operator", ...options });
  const { loop } = effects.target;
  const conversation = { ...loop.conversation, waiting: new Set(waiting) };
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
