// Compares docs/guarantees.md with its proofs: every goal with its figures and command, and every
// figure that is also in the code. Runs no goal.

import { assert, assertEquals } from "@std/assert";
import { DEFAULT_LIMITS, LIMIT_NAMES } from "../../lib/wire/limits.ts";
import project from "../../deno.json" with { type: "json" };
import { GOALS } from "./goals/mod.ts";
import { CLASS_COUNT, HOSTILE_CLASSES, OTHER_CLASSES } from "./hostile/classes.ts";
import { LATER_BUGS, SEEDED_BUGS } from "./oracle/seeded_bugs.ts";

const ADDRESS = new URL("../../docs/guarantees.md", import.meta.url);
const page = Deno.readTextFileSync(ADDRESS);
/** As one line: line breaks have no meaning. */
const prose = page.replaceAll(/\s+/g, " ");

/** The section of each goal, by its id. */
function readSections(): ReadonlyMap<string, string> {
  const parts = page.split(/^(?=##+ )/m);
  const sections = parts.flatMap((part): [string, string][] => {
    const id = /^### (G\d+): /.exec(part)?.[1];
    return id === undefined ? [] : [[id, part]];
  });
  assertEquals(new Set(sections.map(([id]) => id)).size, sections.length, "a goal has two");
  return new Map(sections);
}

const byNumber = (ids: Iterable<string>): readonly string[] =>
  [...ids].toSorted((one, other) => Number(one.slice(1)) - Number(other.slice(1)));

Deno.test("guarantees: every goal that is run is a promise, and every promise a goal", () => {
  assert(GOALS.length > 10);
  assertEquals(byNumber(readSections().keys()), byNumber(GOALS.map(({ id }) => id)));
});

Deno.test("guarantees: a promise quotes the figure its goal asks for, and the command that runs it", () => {
  const sections = readSections();
  for (const { id, asked } of GOALS) {
    const lines = sections.get(id)?.trim().split("\n") ?? [];
    assertEquals(lines.slice(-2), [
      `- Figure: ${asked}`,
      `- Proof: \`deno task test:faults --only ${id}\``,
    ]);
  }
});

Deno.test("guarantees: every task named there exists", () => {
  const named = [...page.matchAll(/deno task (?:-q )?([\w:]+)/g)].map(([, task]) => task ?? "");
  assert(named.includes("test:faults") && named.includes("test:oracle"));
  assertEquals(named.filter((task) => !(task in project.tasks)), []);
});

Deno.test("guarantees: every file and heading that is linked, and every test named, is there", async () => {
  const links = [...page.matchAll(/\]\(([^)#]+)(#[^)]+)?\)/g)];
  assert(links.length >= 3);
  for (const [, file = "", anchor] of links) {
    const text = await Deno.readTextFile(new URL(file, ADDRESS));
    if (anchor !== undefined) assert(anchorsOf(text).includes(anchor), `${file}${anchor}`);
  }
  const tests = [...page.matchAll(/`(tests\/[^`]+)`/g)];
  assert(tests.length >= 1);
  for (const [, file = ""] of tests) await Deno.stat(new URL(`../${file}`, ADDRESS));
});

/** The anchors that Markdown derives from headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    "#" + heading.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}

Deno.test("guarantees: the limits quoted are the server's", () => {
  const quoted = [...prose.matchAll(/([\d,]+) \(limit `(\w+)`\)/g)];
  assert(quoted.length >= 1);
  for (const [all, figure = "", name] of quoted) {
    const limit = LIMIT_NAMES.find((one) => one === name);
    assert(limit !== undefined, `${all}: there is no such limit`);
    assertEquals([all, Number(figure.replaceAll(",", ""))], [all, DEFAULT_LIMITS[limit]]);
  }
});

Deno.test("guarantees: the classes of hostile input and the broken copies are as many as it says", () => {
  for (
    const sentence of [
      `Of the ${CLASS_COUNT} classes of hostile input ${HOSTILE_CLASSES.length} are sent`,
      `and ${OTHER_CLASSES.size}, of connections that end early and of the port for TLS`,
      `copies of the program in ${SEEDED_BUGS.length} known ways`,
      ...LATER_BUGS.length === 0
        ? []
        : [`${LATER_BUGS.length} more ${LATER_BUGS.length === 1 ? "is" : "are"} for `],
    ]
  ) assert(prose.includes(sentence), `the page does not say: ${sentence}`);
});
