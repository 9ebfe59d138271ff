// The commands of the tests that must detect a seeded bug.

import type { NamedTest } from "./seeded_bug.ts";

const FLAGS = ["--no-prompt", "--cached-only", "--frozen", "--allow-all"];

/** One test of a file of tests, by its whole name or the beginning of it. */
export function testNamed(file: string, name: string): NamedTest {
  return { name: `${file}: ${name}`, args: ["test", "--quiet", ...FLAGS, file, "--filter", name] };
}

/** One goal of `deno task test:faults`. */
export function goalNamed(id: string): NamedTest {
  const args = ["run", ...FLAGS, "tests/faults/run.ts", "--only", id, "--seed", "1"];
  return { name: `goal ${id}`, args };
}

/** The crash-consistency run on SQLite, so many kills long. */
export function crashRun(kills: number): NamedTest {
  const how = ["--kills", `${kills}`, "--seed", "1"];
  return {
    name: `tests/faults/crash.ts --kills ${kills}`,
    args: ["run", ...FLAGS, "tests/faults/crash.ts", ...how],
  };
}

/** The hostile run, so many frames of one class. */
export function hostileRun(frames: number, hostileClass: number): NamedTest {
  const how = ["--frames", `${frames}`, "--class", `${hostileClass}`];
  return {
    name: `tests/faults/hostile.ts ${how.join(" ")}`,
    args: ["run", ...FLAGS, "tests/faults/hostile.ts", ...how, "--seed", "1"],
  };
}
