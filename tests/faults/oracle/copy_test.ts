import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { until } from "../../support/waiting.ts";
import { ProgramCopy } from "./copy.ts";
import { MisfitError } from "./patching.ts";

const ROOT = new URL("../../../", import.meta.url);
const FILE = "lib/store/sqlite/connection.ts";
const SYNC = { file: FILE, search: "synchronous = NORMAL", replace: "synchronous = OFF" };

Deno.test("oracle copy: a bug is put into the copy and nowhere else, and only once", async () => {
  const before = Deno.readTextFileSync(new URL(FILE, ROOT));
  await using copy = await ProgramCopy.create(ROOT);
  copy.apply([SYNC]);
  const script = `console.log(Deno.readTextFileSync("${FILE}").includes("${SYNC.replace}"))`;
  const { code, output } = await copy.run(["eval", script], { mostMs: 20_000 });
  assertEquals([code, output.trim()], [0, "true"]);
  assertEquals(Deno.readTextFileSync(new URL(FILE, ROOT)), before);
  assertThrows(() => copy.apply([SYNC]), MisfitError);
});

Deno.test("oracle copy: what a program leaves behind ends with it", async () => {
  await using copy = await ProgramCopy.create(ROOT);
  const script = 'const { pid } = new Deno.Command("sleep", { args: ["60"] }).spawn();' +
    "console.log(pid); Deno.exit(3)";
  const { code, output, seconds, isLate } = await copy.run(["eval", script], { mostMs: 30_000 });
  assertEquals([code, isLate], [3, false]);
  assertLess(seconds, 30);
  // A signal that was sent has not been obeyed yet.
  await until(() => isGone(Number(output)), {
    withinMs: 10_000,
    otherwise: `${output.trim()} is still there`,
  });
});

Deno.test("oracle copy: what does not end in time is ended", async () => {
  await using copy = await ProgramCopy.create(ROOT);
  const { isLate, code } = await copy.run(["eval", "setInterval(() => {}, 1)"], { mostMs: 500 });
  assert(isLate);
  assert(code !== 0);
});

/** Whoever inherits a dead process may take its time to bury it. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return true;
  }
}
