// The words that the program does not use. The standard terms are in docs/architecture.md. Run by
// tests/layers_test.ts.

import { assertEquals } from "@std/assert";
import { listSources, type SourceParts, splitSource } from "./source.ts";

/** Words that are no part of a name: `create` and `open` for things, `subscribe` and `deliver` for events. */
const BANNED_PARTS = new Set(
  ("hear hears heard hearing told tell tells said saying spoken knock goodbye whoever somebody anew " +
    "elsewhere neighbour neighbours sighting sightings seat letter seed belief beliefs believes " +
    "doubtful obey strangeness lateness lastingly copier make makes made maker").split(" "),
);

/** Names that are too vague alone. */
const BANNED_NAMES = new Set(
  ("NOWHERE_ELSE Ending Turns Round Place DraftLine HeadMemory Talk Asking Asked Answered Visit " +
    "AddressBook NamesInUse Incoming Lost PASSING Guarded Executed EDITION Known").split(" "),
);

/** Phrases that no comment has: subject, verb, object, and the verbs that fit a program. */
const BANNED_PHRASES = new RegExp(
  `\\b(${
    [
      ...["whoever", "whatsoever", "somebody", "anybody", "inhabitants?", "neighbours?"],
      ...["anew", "for ever", "one who", "ones who", "those who", "makes (?:a|an|the)", "made of"],
      ...["(?:is|are|was|were) told", "hears", "heard", "said", "knocks?"],
      ...["whichever", "lest", "hence", "thereby", "in vain", "be it", "speaks? for itself"],
    ].join("|")
  })\\b`,
  "i",
);

/** Names that are not ours. */
const FOREIGN = /^makeTemp(Dir|File)(Sync)?$/;

function namesIn(code: string): string[] {
  return [...new Set(code.match(/[A-Za-z_$][\w$]*/g))].filter((name) => !FOREIGN.test(name));
}

function hasBannedPart(name: string): boolean {
  const parts = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  return parts.some((part) => BANNED_PARTS.has(part.toLowerCase()));
}

function bannedNames(code: string): string[] {
  return namesIn(code).filter((name) => BANNED_NAMES.has(name) || hasBannedPart(name));
}

function bannedPhrases(comments: readonly string[]): string[] {
  return comments.flatMap((comment) => BANNED_PHRASES.exec(comment)?.[0] ?? []);
}

const parts = new Map<string, SourceParts>();
for await (const file of listSources("lib")) await readParts(file);
for (const file of ["server.ts", "client.ts"]) await readParts(file);

async function readParts(file: string): Promise<void> {
  parts.set(file, splitSource(await Deno.readTextFile(file)));
}

/** What `find` finds in each source of the program, as "path: a". */
function findIn(find: (parts: SourceParts) => readonly string[]): readonly string[] {
  return [...parts].flatMap(([file, source]) => find(source).map((word) => `${file}: ${word}`));
}

Deno.test("words: code and comments of a source are separated", () => {
  const source =
    'const a = `x ${b(`//${c}`)} " `; // no \'code\nd(/"[/]\\//g, "// e"); /* f */ g();';
  const { code, comments } = splitSource(source);
  assertEquals(code.match(/[a-z]+/g), ["const", "a", "b", "c", "d", "g"]);
  assertEquals(comments, ["// no 'code", "/* f */"]);
  assertEquals(bannedNames("makeRoom unheard MAKE_IT #told hearRoom"), [
    "makeRoom",
    "MAKE_IT",
    "told",
    "hearRoom",
  ]);
  assertEquals(bannedPhrases(["// For one who waits"]), ["one who"]);
});

Deno.test("words: no name of the program has a banned word", () => {
  assertEquals(findIn(({ code }) => bannedNames(code)), []);
});

Deno.test("words: no name of tests and bench has a banned word", async () => {
  const found: string[] = [];
  for (const folder of ["tests", "bench"]) {
    for await (const file of listSources(folder)) {
      const { code } = splitSource(await Deno.readTextFile(file));
      // Seeds of random numbers, and bugs that are seeded.
      const names = namesIn(code).filter((name) => hasBannedPart(name) && !/seed/i.test(name));
      found.push(...names.map((name) => `${file}: ${name}`));
    }
  }
  assertEquals(found, []);
});

Deno.test("words: no comment of the program has a banned phrase", () => {
  assertEquals(findIn(({ comments }) => bannedPhrases(comments)), []);
});
