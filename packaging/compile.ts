// Makes the single binaries in dist/: `deno task compile`, for another system with --target. Says in
// one line when Deno's own runtime, which a binary is made around, cannot be had here.

// deno-lint-ignore-file no-console -- a program of the command line: what it prints is its output

import { type Artefact, ARTEFACTS } from "./artefacts.ts";

const OUT_OF_REACH = 69;
const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/** The target named on the command line; undefined is this machine. */
function parseTarget(args: readonly string[]): string | undefined {
  if (args.length === 0) return undefined;
  const [flag, target] = args.flatMap((arg) => arg.split("="));
  if (flag === "--target" && TARGETS.some((known) => known === target)) return target;
  console.error(`usage: deno task compile [--target ${TARGETS.join(" | ")}]`);
  Deno.exit(64);
}

/** @returns the file that was made; undefined when the runtime is out of reach */
async function compile(
  artefact: Artefact,
  target: string | undefined,
): Promise<string | undefined> {
  const suffix = target === undefined ? "" : `-${target}`;
  const output = `dist/${artefact.name}${suffix}`;
  // A runtime named in the environment would be some other program: the result would not be ours.
  const { DENORT_BIN: _, ...env } = Deno.env.toObject();
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--quiet",
      "--frozen",
      "--bundle",
      "--minify",
      ...(target === undefined ? [] : ["--target", target]),
      ...artefact.flags,
      "--output",
      output,
      artefact.entry,
    ],
    clearEnv: true,
    env,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return output;
  const said = new TextDecoder().decode(stderr);
  if (/denort/.test(said) && /error sending request|connect|timed out|dns|404/i.test(said)) {
    return undefined;
  }
  console.error(said.trim());
  Deno.exit(1);
}

const target = parseTarget(Deno.args);
await Deno.mkdir("dist", { recursive: true });
for (const artefact of ARTEFACTS) {
  const made = await compile(artefact, target);
  if (made === undefined) {
    console.error("skipped: denort is out of reach");
    Deno.exit(OUT_OF_REACH);
  }
  console.log(made);
}
