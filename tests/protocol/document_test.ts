// The page against the code: every code a heading, every limit a row, every request a section, and
// every section a test that names it.

import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../lib/server/commands/mod.ts";
import { BYE_CODES, ERROR_CODES } from "../../lib/wire/errors.ts";
import { ANNOUNCED_LIMITS, DEFAULT_LIMITS, LIMIT_NAMES } from "../../lib/wire/limits.ts";
import { openTestTls } from "../support/tls.ts";
import { startTestServer } from "../support/server.ts";
import { comeBack } from "./scene.ts";

const page = Deno.readTextFileSync(new URL("../../docs/protocol.md", import.meta.url));

/** What stands under a heading, up to the next one of its level or above. */
function section(heading: string): string {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const start = page.indexOf(`\n${heading}`);
  assert(start !== -1, `there is no heading "${heading}"`);
  const [, ...rest] = page.slice(start + 1).split("\n");
  const end = rest.findIndex((line) =>
    /^#+ /.test(line) && (/^#+/.exec(line)?.[0].length ?? 0) <= level
  );
  return rest.slice(0, end === -1 ? undefined : end).join("\n");
}

/** The names in code spans of the headings of a level. */
function headings(text: string, level: number): string[] {
  const found = [...text.matchAll(/^(#+) (.*)$/gm)].filter(([, marks]) => marks?.length === level);
  return found.flatMap(([, , heading]) => codeSpans(heading ?? ""));
}

function codeSpans(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
}

/** The cells of a table's rows, its head and rule left out. */
function rows(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("protocol 7.2: every error code is a heading, in the order of the code", () => {
  assertEquals(headings(section("### 7.2"), 4), [...ERROR_CODES]);
});

Deno.test("protocol 7.4: every bye code is a heading, in the order of the code", () => {
  assertEquals(headings(section("### 7.4"), 4), [...BYE_CODES]);
});

Deno.test("protocol 7.2: no error or bye code is mentioned that there is not", () => {
  const known = new Set<string>([...ERROR_CODES, ...BYE_CODES]);
  const mentioned = [...page.matchAll(/"code":"(\w+)"/g)].map(([, code]) => code ?? "");
  assert(mentioned.length > 5);
  assertEquals(mentioned.filter((code) => !known.has(code)), []);
});

Deno.test("protocol 11: the table of limits is the server's, names, defaults and order", () => {
  const table = rows(section("## 11."));
  assertEquals(
    table.map(([name, value]) => [codeSpans(name ?? "")[0], Number(value?.replaceAll(",", ""))]),
    LIMIT_NAMES.map((name) => [name, DEFAULT_LIMITS[name]]),
  );
  const announced = table.filter(([name]) => name?.endsWith("●"));
  assertEquals(announced.map(([name]) => codeSpans(name ?? "")[0]), [...ANNOUNCED_LIMITS]);
});

Deno.test("protocol: every request has a section of its own", () => {
  const described = headings(page, 3);
  assertEquals(Object.keys(COMMANDS).filter((type) => !described.includes(type)), []);
});

Deno.test("protocol 8.5: the page names every counter", async () => {
  await using tls = await openTestTls();
  await using server = await startTestServer({
    endpoints: [tls.endpoint],
    moreCounters: () => tls.counters(),
  });
  const admin = await comeBack(server, server.adminToken);
  const { counters } = await admin.ask({ type: "stats" });
  const named = rows(section("### 8.5")).flatMap(([names]) => codeSpans(names ?? ""));
  assertEquals(Object.keys(counters).toSorted(), named.toSorted());
});

Deno.test("protocol: every section is proved by a test that names it", async () => {
  const named = new Set<string>();
  const directory = new URL("./", import.meta.url);
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith("_test.ts")) continue;
    const source = await Deno.readTextFile(new URL(name, directory));
    for (const [, number] of source.matchAll(/"protocol (\d+(?:\.\d+)?): /g)) {
      named.add(number ?? "");
    }
  }
  const sections = [...page.matchAll(/^###? (\d+(?:\.\d+)?)/gm)].map(([, number]) => number ?? "")
    // The last one promises nothing.
    .filter((number, at, all) => at < all.length - 1 && !page.includes(`\n### ${number}.1 `));
  assert(sections.length > 30);
  assertEquals(sections.filter((number) => !named.has(number)), []);
});
