import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { GOALS } from "../goals/mod.ts";
import { applyPatch, MisfitError } from "./patching.ts";
import { LATER_BUGS, SEEDED_BUGS } from "./seeded_bugs.ts";

const ROOT = new URL("../../../", import.meta.url);
const PATCH = { file: "lib/a.ts", search: "commit();", replace: "later(commit);" };

Deno.test("seeded bug: it is put into the one place that it has", () => {
  assertEquals(
    applyPatch("begin();\ncommit();\nend();\n", PATCH),
    "begin();\nlater(commit);\nend();\n",
  );
  assertEquals(applyPatch("commit();", { ...PATCH, replace: "$& $1" }), "$& $1");
});

Deno.test("seeded bug: a program without a place for it, or with two, is refused by file", () => {
  for (const [text, count] of [["", 0], ["begin();", 0], ["commit();commit();", 2]] as const) {
    const { message } = assertThrows(() => applyPatch(text, PATCH), MisfitError);
    assertStringIncludes(message, "The seeded bug no longer fits: lib/a.ts");
    assertStringIncludes(message, `${count} places, not 1`);
  }
});

Deno.test("seeded bug: a patch that changes nothing is refused", () => {
  const idle = { ...PATCH, replace: PATCH.search };
  assertThrows(() => applyPatch("commit();", idle), MisfitError, "changes nothing");
});

Deno.test("seeded bugs: each number has one, seeded or left for later", () => {
  const numbers = [...SEEDED_BUGS, ...LATER_BUGS].map(({ number }) => number);
  assertEquals(
    numbers.toSorted((one, other) => one - other),
    numbers.map((_, n) => n + 1),
  );
});

for (const { number, title, patches } of SEEDED_BUGS) {
  Deno.test(`seeded bug ${number}: it still fits the program: ${title}`, () => {
    const texts = new Map<string, string>();
    for (const patch of patches) {
      const text = texts.get(patch.file) ?? Deno.readTextFileSync(new URL(patch.file, ROOT));
      texts.set(patch.file, applyPatch(text, patch));
    }
    assert(texts.size > 0);
  });
}

Deno.test("seeded bugs: the tests that must catch them are there, by these names", () => {
  const missing = SEEDED_BUGS.map(({ test }) => test).filter(({ args }) => {
    const [file = ""] = args.filter((arg) => arg.startsWith("tests/"));
    const text = Deno.readTextFileSync(new URL(file, ROOT));
    const valueOf = (option: string) => args[args.indexOf(option) + 1];
    if (args.includes("--filter")) return text.split(valueOf("--filter") ?? "").length !== 2;
    return args.includes("--only") && !GOALS.some(({ id }) => id === valueOf("--only"));
  });
  assertEquals(missing, []);
});
