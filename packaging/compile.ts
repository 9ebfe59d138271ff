// Builds the single binaries in dist/: `deno task compile`, for another system with --target.
// Prints one line when Deno's runtime for the binary cannot be downloaded.

// deno-lint-ignore-file no-console -- a program of the command line: what it prints is its output

import { type Artefact, ARTEFACTS } from "./artefacts.ts";

const UNREACHABLE = 69;
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

/** @returns the new file; undefined when the runtime cannot be downloaded */
async function compile(
  artefact: Artefact,
  target: string | undefined,
): Promise<string | undefined> {
  const suffix = target === undefined ? "" : `-${target}`;
  const output = `dist/${artefact.name}${suffix}`;
  // A runtime from the environment could be another program.
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
  const errorText = new TextDecoder().decode(stderr);
  if (
    /denort/.test(errorText) && /error sending request|connect|timed out|dns|404/i.test(errorText)
  ) {
    return undefined;
  }
  console.error(errorText.trim());
  Deno.exit(1);
}

const target = parseTarget(Deno.args);
await Deno.mkdir("dist", { recursive: true });
for (const artefact of ARTEFACTS) {
  const binary = await compile(artefact, target);
  if (binary === undefined) {
    console.error("skipped: denort cannot be downloaded");
    Deno.exit(UNREACHABLE);
  }
  console.log(binary);
}
