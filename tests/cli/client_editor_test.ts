// Ctrl-X Ctrl-E, by the real program in a pseudo-terminal: the person's editor has the terminal, and the
// text comes back.

import { assert, assertEquals } from "@std/assert";
import { UNHURRIED } from "../protocol/scene.ts";
import { startTestServer } from "../support/server.ts";
import { clientCommand, files, Home } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { eventually } from "../support/waiting.ts";

const EDIT = "\x18\x05";

/** The command of the task `client:run`. */
function runCommand(): readonly string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const allowed = (command: string) => /--(?:allow|deny)-run\S*/.exec(command)?.[0] ?? "";
  const [before, after] = [tasks.client.command, tasks["client:run"].command].map(allowed);
  return clientCommand([]).map((word) => word === before ? after ?? "" : word);
}

interface Scene extends AsyncDisposable {
  readonly terminal: Terminal;
  readonly home: Home;
  /** Another person says it in the lobby. */
  say(content: string): Promise<void>;
  /** The files of texts that are edited. */
  edited(): readonly string[];
}

/** @param editor a script of sh; `$1` is the file */
async function open(
  editor: string,
  { args = [], program = runCommand() }: {
    readonly args?: readonly string[];
    readonly program?: readonly string[];
  } = {},
): Promise<Scene> {
  const server = await startTestServer({ limits: UNHURRIED });
  const home = await Home.create();
  await home.write("editor", editor);
  const bob = await server.connect();
  await bob.hello("bob", { idle_ms: 0 });
  await bob.ask({ type: "join", room: "lobby" });
  const terminal = Terminal.start({
    home,
    program,
    args: [...args, "--name", "ada", "--server", `127.0.0.1:${server.port}`],
    others: /^\?1049h$/,
    env: { VISUAL: `sh '${home.path}/editor'`, EDITOR: "false" },
  });
  await terminal.untilSeen("2 members");
  return {
    terminal,
    home,
    say: async (content) => void await bob.ask({ type: "message", room: "lobby", content }),
    edited: () => files(`${home.path}/.local/state/parley/editing`),
    async [Symbol.asyncDispose](): Promise<void> {
      await terminal[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `client editor: ${name}`, ignore: !hasPty, fn });
}

/** Shows that it runs, takes one line from the terminal, and adds it. */
const ADDS = 'printf "EDITING %s\\n" "$(cat "$1")"; read line; printf "%s\\n" "$line" >>"$1"';

test("the draft is edited and comes back; what came meanwhile is drawn after", async () => {
  await using scene = await open(`stat -c %a "$1" >mode; ${ADDS}`);
  const { terminal, home } = scene;
  await terminal.untilLast("#lobby>");
  await terminal.type("dear all", EDIT);
  await terminal.untilSeen("EDITING dear all");
  assertEquals((await Deno.readTextFile(`${home.path}/mode`)).trim(), "600");
  await scene.say("meanwhile");
  // Every key is the editor's, the first one too; the answer to this shows that the other is not drawn.
  await terminal.type("x: all is well\n");
  await terminal.untilSeen("bob: meanwhile");
  await terminal.until("the text in the line", ({ all }) => {
    return all.at(-2)?.endsWith("#lobby> dear all") === true &&
      /x: all is well/.test(all.at(-1) ?? "");
  });
  const { all } = terminal.screen;
  assert(
    all.findIndex((row) => row.includes("EDITING")) <
      all.findIndex((row) => row.includes("bob: meanwhile")),
  );
  assertEquals(scene.edited(), []);
  await terminal.type(KEYS.enter);
  await terminal.untilSeen("ada: dear all");
  await terminal.type("still a line", KEYS.enter);
  await terminal.untilSeen("ada: still a line");
  await terminal.type("/quit", KEYS.enter);
  assertEquals(await terminal.code(), 0);
  assertEquals(terminal.isRestored, true);
});

test("one that fails or is killed changes nothing; what it has saved is in a file", async () => {
  await using scene = await open(`
    printf '\\033[?1049h'; stty raw -echo
    case $(cat "$1") in
      one) exit 3;;
      two) echo saved >"$1"; exit 4;;
      *) kill -9 $$;;
    esac`);
  const { terminal } = scene;
  const cases = [
    ["one", "The editor ended with 3: the line stays as it was"],
    ["two", "The editor ended with 4: the line stays as it was; what it has"],
    ["three", "The editor ended by SIGKILL: the line stays as it was"],
  ] as const;
  for (const [draft, says] of cases) {
    await terminal.untilLast("#lobby>");
    await terminal.type(draft, EDIT);
    await terminal.untilSeen(says);
    await terminal.untilLast(`#lobby> ${draft}`);
    await terminal.type(KEYS.enter);
    await terminal.untilSeen(`ada: ${draft}`);
  }
  const [kept, ...others] = scene.edited();
  assertEquals(others, []);
  assertEquals(await Deno.readTextFile(kept ?? ""), "saved\n");
  await terminal.type("/quit", KEYS.enter);
  assertEquals(await terminal.code(), 0);
  assertEquals(terminal.isRestored, true);
});

test("a Ctrl-C is the editor's; a long text comes back as one unit", async () => {
  await using scene = await open(`
    trap 'seq 30 >"$1"; exit 0' INT; printf "EDITING\\n"; while :; do read line; done`);
  const { terminal } = scene;
  await terminal.untilLast("#lobby>");
  await terminal.type(EDIT);
  await terminal.untilSeen("EDITING");
  await terminal.type(KEYS.interrupt);
  await terminal.untilLast("#lobby> [edited: 30 lines]");
  await terminal.type(KEYS.interrupt);
  await terminal.untilLast("#lobby>");
  await terminal.type("still here", KEYS.enter);
  await terminal.untilSeen("ada: still here");
  await terminal.type("/quit", KEYS.enter);
  // The shell around the client has the Ctrl-C, too: its code says nothing.
  await terminal.code();
  assert(!terminal.raw.includes("Interrupted"));
});

test("without the permission one line says which command has it; a secret is given to none", async () => {
  await using scene = await open(ADDS, { program: clientCommand([]) });
  const { terminal } = scene;
  await terminal.untilLast("#lobby>");
  await terminal.type("my text", EDIT);
  await terminal.untilSeen("client:run");
  await terminal.untilLast("#lobby> my text");
  await terminal.type(KEYS.interrupt, "/login ada hunter22", EDIT);
  await terminal.untilSeen("A line with a secret is given to no editor");
  assertEquals(scene.edited(), []);
  await terminal.type(KEYS.interrupt, KEYS.end);
  assertEquals(await terminal.code(), 0);
});

test("with --plain it works by lines", async () => {
  await using scene = await open(ADDS, { args: ["--plain"] });
  const { terminal } = scene;
  await terminal.type("dear all", EDIT);
  await terminal.untilSeen("EDITING dear all");
  await scene.say("meanwhile");
  await terminal.type("bye\n");
  await terminal.untilSeen("dear all / bye");
  await terminal.type(KEYS.enter);
  await terminal.untilSeen("You: dear all");
  await eventually(scene.edited, ({ length }) => length === 0);
  await terminal.type("/quit", KEYS.enter);
  assertEquals(await terminal.code(), 0);
});
