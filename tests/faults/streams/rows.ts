// Every command of the client, as a script runs it, and how it ends. A command without a row fails the
// tests.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { describeClient } from "../../../lib/config/client_commands.ts";
import { listCommands } from "../../../lib/config/completion/program_shape.ts";
import type { Scene, Streams } from "./streams.ts";

export interface Row {
  /** The words of the command, as in `desk report`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly code: number;
  /** Whether it prints data; then a stdout that is full is 78. */
  readonly prints?: true;
  /** Whether it reads stdin; then one that cannot be read is 78. */
  readonly reads?: true;
  /** Whether it goes on until it is interrupted. */
  readonly isEndless?: true;
  /** Run by an operator, in a home with a live line; else by a new guest. */
  readonly isOperator?: true;
}

/** Commands that need a text on stdin end with 64 when it is empty. */
const ROWS: readonly Row[] = [
  { command: "", args: [], code: 64 },
  { command: "chat", args: ["chat"], code: 64 },
  { command: "menu", args: ["menu"], code: 64 },
  { command: "send", args: ["send", "lobby"], code: 64, reads: true },
  { command: "send", args: ["send", "lobby", "hi", "--json"], code: 0, prints: true },
  { command: "ask", args: ["ask"], code: 64, reads: true },
  { command: "ask", args: ["ask", "how?", "--timeout", "1s"], code: 124 },
  { command: "ask", args: ["ask", "--choice", "a,b"], code: 64, reads: true },
  {
    command: "tail",
    args: ["tail", "lobby", "--history", "1"],
    code: 130,
    prints: true,
    isEndless: true,
  },
  {
    command: "wait",
    args: ["wait", "lobby", "--match", "l{2}o", "--since", "0"],
    code: 0,
    prints: true,
  },
  { command: "history", args: ["history", "lobby"], code: 0, prints: true },
  { command: "search", args: ["search", "hello"], code: 0, prints: true },
  { command: "rooms", args: ["rooms"], code: 0, prints: true },
  { command: "inbox", args: ["inbox"], code: 0 },
  { command: "laters", args: ["laters"], code: 0 },
  { command: "later", args: ["later", "lobby", "1"], code: 0, isOperator: true },
  {
    command: "status",
    args: ["status", "--name", "olga"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  { command: "completion", args: ["completion", "zsh"], code: 0, prints: true },
  { command: "approve", args: ["approve"], code: 64, reads: true },
  { command: "approve", args: ["approve", "go?", "--no-wait"], code: 0, prints: true },
  { command: "decision", args: ["decision", "99"], code: 1 },
  { command: "queue", args: ["queue"], code: 0, prints: true, isOperator: true },
  { command: "answer", args: ["answer", "1"], code: 64, reads: true, isOperator: true },
  { command: "desk", args: ["desk"], code: 1 },
  { command: "desk report", args: ["desk", "report"], code: 0, prints: true, isOperator: true },
  { command: "join", args: ["join"], code: 64, reads: true },
  { command: "use-token", args: ["use-token"], code: 64, reads: true },
  { command: "login", args: ["login", "ada"], code: 64, reads: true },
  { command: "register", args: ["register", "--name", "ada"], code: 64, reads: true },
  { command: "logout", args: ["logout", "--name", "ada"], code: 64 },
  { command: "servers", args: ["servers"], code: 0, prints: true, isOperator: true },
  { command: "servers rename", args: ["servers", "rename", "a", "b"], code: 64 },
  { command: "servers remove", args: ["servers", "remove", "a"], code: 64 },
];

const CAUSES = {
  directory: "Is a directory",
  unreadable: "Bad file descriptor",
} as const;

/** @throws when a command of the client has no row */
export function assertComplete(): void {
  const commands = listCommands(describeClient()).map(({ path }) => path);
  assertEquals(commands.filter((path) => !ROWS.some(({ command }) => command === path)), []);
}

/**
 * Runs each row with the streams that are chosen for it, some at once.
 * @throws with all that ends in another way than it must
 */
export async function runRows(
  scene: Scene,
  choose: (row: Row, at: number) => readonly Streams[],
): Promise<void> {
  const runs = ROWS.flatMap((row, at) => choose(row, at).map((streams) => ({ row, streams })));
  const faults: string[] = [];
  const next = async (): Promise<void> => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      const { row, streams } = run;
      const ended = await scene.run(row, streams);
      try {
        assertEnd(row, streams, ended);
      } catch (error) {
        faults.push(`${row.args.join(" ")} ${Deno.inspect({ ...streams, ...ended })}\n${error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 2 * navigator.hardwareConcurrency }, next));
  assertEquals(faults, [], faults.join("\n\n"));
}

function assertEnd(
  row: Row,
  streams: Streams,
  { code, out, err }: { readonly code: number; readonly out: string; readonly err: string },
): void {
  const stdin = "stdin" in streams ? streams.stdin : "null";
  const stdout = "stdout" in streams ? streams.stdout : undefined;
  // One line for a person, and no trace of the program.
  assert(/^(?:(?:! |── )[^\n]+\n)*$/.test(err), "stderr");
  if (row.reads && (stdin === "directory" || stdin === "unreadable")) {
    assertEquals([code, err], [78, `! Cannot read stdin: ${CAUSES[stdin]}\n`]);
  } else if (row.prints && stdout === "full") {
    assertEquals(code, 78);
    assertMatch(err, /! Cannot write to stdout: No space left on device[^\n]*\n$/);
  } else if (row.prints && stdout === "gone") {
    // A reader that has seen enough, as `head`, is no fault.
    assertEquals([row.isEndless ? 0 : row.code, err.includes("stdout")], [code, false]);
  } else {
    assertEquals(code, row.code);
    assertEquals(out !== "", row.prints === true && stdout === undefined);
  }
}
