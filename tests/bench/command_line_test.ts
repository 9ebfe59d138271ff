import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { namesAmong, wholeNumber } from "../../bench/command_line.ts";

Deno.test("bench command line: names are those there are", () => {
  const parse = namesAmong(["a", "b"]);
  assertEquals(parse("b,a"), ["b", "a"]);
  for (const text of ["c", "a,c", "", "a,"]) {
    assertThrows(() => parse(text), Error, "possible: a, b");
  }
});

Deno.test("bench command line: a number is whole and within its bounds", () => {
  const parse = wholeNumber(1_000, 10_000_000);
  assertEquals([parse("1000"), parse("10000000")], [1_000, 10_000_000]);
  for (const text of ["999", "10000001", "1e4", "-1", "2000.5", "", "many"]) {
    assertThrows(() => parse(text), Error, "a whole number from 1000 to 10000000");
  }
});

const WRONG = [
  ["bench/run.ts", "--only", "speed"],
  ["bench/run.ts", "--history", "5"],
  ["bench/fanout/run.ts", "--store", "paper"],
  ["bench/fanout/run.ts", "S1"],
];

for (const args of WRONG) {
  Deno.test(`bench command line: ${args.join(" ")} is bad usage, and nothing is measured`, async () => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--cached-only", "--frozen", "--allow-all", ...args],
      cwd: new URL("../../", import.meta.url),
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assertEquals([code, decoder.decode(stdout)], [2, ""]);
    assertMatch(decoder.decode(stderr), /^error: /);
  });
}
