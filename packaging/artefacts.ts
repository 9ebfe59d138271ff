// The binaries and their permissions: those of the tasks, widened only for paths and addresses that
// are unknown at build time. Shared by binaries, bundles and their tests.

import config from "../deno.json" with { type: "json" };

export interface Artefact {
  /** The binary's name. */
  readonly name: string;
  readonly entry: string;
  /** The flags of Deno, compiled into the binary. */
  readonly flags: readonly string[];
}

/** Flags that need the sources and their lock file. */
const SOURCE_FLAGS = new Set(["--cached-only", "--frozen"]);

/** The flags of `deno run` in a task, in order. */
export function taskFlags(task: "server" | "client"): readonly string[] {
  const { command } = config.tasks[task];
  const run = command.slice(command.indexOf("deno run ") + "deno run ".length);
  // A variable of the task extends a flag where the task runs: it is none of the binary's.
  return run.replaceAll(/"\$\w+"(?= )/g, "").split(" ").filter((word) => word.startsWith("--"));
}

function binaryFlags(
  task: "server" | "client",
  widened: Readonly<Record<string, string>>,
): string[] {
  return taskFlags(task).filter((flag) => !SOURCE_FLAGS.has(flag)).map((flag) => {
    const [name = ""] = flag.split("=");
    return widened[name] ?? flag;
  });
}

export const ARTEFACTS: readonly Artefact[] = [
  {
    name: "parley-server",
    entry: "server.ts",
    // Its addresses are configured at its start; its files stay in `data`.
    flags: binaryFlags("server", { "--allow-net": "--allow-net" }),
  },
  {
    name: "parley",
    entry: "client.ts",
    // The home directory is unknown at build time.
    flags: binaryFlags("client", {
      "--allow-read": "--allow-read",
      "--allow-write": "--allow-write",
    }),
  },
];
