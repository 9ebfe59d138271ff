// What is shipped, and what each may do: the permissions of the tasks, widened only where a binary
// cannot know the place it is started from. One place for binaries, bundles and their tests.

import config from "../deno.json" with { type: "json" };

export interface Artefact {
  /** The binary's name. */
  readonly name: string;
  readonly entry: string;
  /** The runtime's flags, baked into the binary. */
  readonly flags: readonly string[];
}

/** Flags that only make sense where the sources and their lock file lie. */
const OF_SOURCES = new Set(["--cached-only", "--frozen"]);

/** The flags `deno run` is given by a task, in its order. */
export function taskFlags(task: "server" | "client"): readonly string[] {
  const { command } = config.tasks[task];
  const run = command.slice(command.indexOf("deno run ") + "deno run ".length);
  return run.split(" ").filter((word) => word.startsWith("--"));
}

function shipped(task: "server" | "client", widened: Readonly<Record<string, string>>): string[] {
  return taskFlags(task).filter((flag) => !OF_SOURCES.has(flag)).map((flag) => {
    const [name = ""] = flag.split("=");
    return widened[name] ?? flag;
  });
}

export const ARTEFACTS: readonly Artefact[] = [
  {
    name: "parley-server",
    entry: "server.ts",
    // Where it listens and where its database is, is said when it starts; its files stay in `data`.
    flags: shipped("server", { "--allow-net": "--allow-net" }),
  },
  {
    name: "parley",
    entry: "client.ts",
    // The home directory is not known when the flags are baked in.
    flags: shipped("client", { "--allow-read": "--allow-read", "--allow-write": "--allow-write" }),
  },
];
