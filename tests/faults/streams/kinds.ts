// The kinds of stdin and stdout that a script, a terminal or a fault may give a program, and a program run
// with one of them, by a shell. Knows nothing of the program.

import { adopt, bury, signal } from "../../support/processes/children.ts";
import { hasPty } from "../../support/terminals/pty.ts";
import { within } from "../../support/waiting.ts";

const STDINS = {
  null: "< /dev/null",
  pipe: "",
  closed: "<&-",
  directory: "< /",
  unreadable: "0> /dev/null",
  terminal: "",
} as const;

/**
 * A closed stdout is one of the runtime's own: it opens /dev/null in its place, as others do who want no
 * output. So it is no fault.
 */
const STDOUTS = {
  pipe: "",
  closed: ">&-",
  full: "> /dev/full",
  gone: "> >(exec true)",
  terminal: "",
} as const;

export interface Streams {
  readonly stdin: keyof typeof STDINS;
  readonly stdout: keyof typeof STDOUTS;
}

/** Every kind of stdin beside a usual stdout, and the other way round. Without `script` no terminal. */
export const ALL_STREAMS: readonly Streams[] = [
  ...(Object.keys(STDINS) as Streams["stdin"][]).map((stdin) => streamsOf({ stdin })),
  ...(Object.keys(STDOUTS) as Streams["stdout"][]).filter((stdout) => stdout !== "pipe")
    .map((stdout) => streamsOf({ stdout })),
].filter((streams) => hasPty || !hasTerminal(streams));

/** A stdin without a byte and a stdout that is read, but for what is given. */
export function streamsOf(given: Partial<Streams>): Streams {
  return { stdin: "null", stdout: "pipe", ...given };
}

export interface StreamedProgram {
  readonly command: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** The text at which it is interrupted, when it goes on for ever; without it the program ends by itself. */
  readonly interruptAt?: RegExp | undefined;
}

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** No program of the rows takes so long. */
const PATIENCE_MS = 20_000;
const INTERRUPT = "\x03";
const END_OF_INPUT = "\x04";

/** Runs it to its end. At a terminal nothing is typed but the end of input, again at every question. */
export async function runWithStreams(
  { command, directory, env, interruptAt }: StreamedProgram,
  streams: Streams,
): Promise<Ended> {
  const child = adopt(
    new Deno.Command("bash", {
      args: ["-c", scriptFor(streams), "bash", ...command],
      cwd: directory,
      clearEnv: true,
      env: { ...env, SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
  const ended = bury(child);
  const isAtTerminal = hasTerminal(streams);
  const keyboard = child.stdin.getWriter();
  // The program may have ended before the key.
  const type = (key: string) => void keyboard.write(new TextEncoder().encode(key)).catch(() => {});
  const interrupt = () => isAtTerminal ? type(INTERRUPT) : signal(child, "SIGINT");
  let seen = "";
  let isInterrupted = false;
  const react = (text: string) => {
    seen += text;
    if (interruptAt === undefined) return isAtTerminal ? type(END_OF_INPUT) : undefined;
    if (isInterrupted || !interruptAt.test(seen)) return;
    isInterrupted = true;
    interrupt();
  };
  if (!isAtTerminal) await keyboard.close();
  else react("");
  const texts = Promise.all([readText(child.stdout, react), readText(child.stderr, react)]);
  try {
    const [out, err] = await within(PATIENCE_MS, texts, () => `${seen}\nNot ended`);
    const { code } = await ended;
    return { code, out, err };
  } finally {
    signal(child, "SIGKILL");
    if (isAtTerminal) await keyboard.close().catch(() => {});
  }
}

function hasTerminal({ stdin, stdout }: Streams): boolean {
  return stdin === "terminal" || stdout === "terminal";
}

/** For bash: runs the command in its arguments. */
function scriptFor(streams: Streams): string {
  const { stdin, stdout } = streams;
  if (hasTerminal(streams)) {
    // The other streams of the program lead past its terminal.
    const others = `${stdin === "terminal" ? "" : STDINS[stdin]} ${
      stdout === "terminal" ? "" : ">&3"
    } 2>&4`;
    const shown = stdout === "terminal" ? "" : "> /dev/null";
    return `exec script -qefc "exec \${*@Q} ${others}" /dev/null 3>&1 4>&2 ${shown}`;
  }
  return `exec "$@" ${STDINS[stdin]} ${STDOUTS[stdout]}`;
}

async function readText(
  stream: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    onText(part);
  }
  return text;
}
