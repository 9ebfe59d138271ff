// Every command of the README is run, in a copy of the project and a home of its own. A command that
// this file does not know is a failure: the README says nothing that nobody has tried.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createMysqlDatabase, isMysqlMissing } from "../support/stores/mysql.ts";
import { hasPty } from "../support/terminals/pty.ts";
import { RawClient } from "../support/clients/raw_client.ts";

const PORT = 65432;
const PATIENCE_MS = 20_000;
const COPIED = ["deno.json", "deno.lock", "server.ts", "client.ts", "lib", "sql"];
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The lines of the README's `sh` blocks, in order. */
async function readCommands(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block.split("\n").filter((line) => line !== "")
  );
}

/** A copy of the project in which the commands are run; what runs in it is ended with it. */
class Workplace implements AsyncDisposable {
  readonly directory: string;
  readonly #env: Record<string, string>;
  #server: { child: Deno.ChildProcess; log: Promise<void> } | undefined;

  private constructor(directory: string) {
    this.directory = directory;
    const { HOME = "/", DENO_DIR = `${HOME}/.cache/deno`, ...env } = Deno.env.toObject();
    this.#env = { ...env, DENO_DIR, HOME: `${directory}/home`, NO_COLOR: "1" };
  }

  static async make(): Promise<Workplace> {
    const directory = await Deno.makeTempDir({ prefix: "parley-readme-" });
    const root = new URL("../../", import.meta.url).pathname;
    const sources = COPIED.map((name) => `${root}${name}`);
    const copied = await new Deno.Command("cp", { args: ["-r", ...sources, directory] }).output();
    assert(copied.success);
    await Deno.mkdir(`${directory}/home`);
    return new Workplace(directory);
  }

  /** Starts `command` by a shell. */
  spawn(command: string, env: Record<string, string> = {}): Deno.ChildProcess {
    return new Deno.Command("sh", {
      args: ["-c", `exec ${command}`],
      cwd: this.directory,
      clearEnv: true,
      env: { ...this.#env, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs a command to its end. @returns what it wrote to stdout */
  async run(command: string): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: ["-c", command],
      cwd: this.directory,
      clearEnv: true,
      env: this.#env,
      stdin: "null",
    }).output();
    assertEquals([code, command], [0, command], decoder.decode(stderr));
    return decoder.decode(stdout);
  }

  /** Starts a server in the place of the one before, and waits until it is ready. */
  async serve(command: string): Promise<void> {
    await this.stopServer();
    const child = this.spawn(command);
    const ready = Promise.withResolvers<void>();
    const log = (async () => {
      let text = "";
      for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
        text += part;
        if (text.includes('"event":"ready"')) ready.resolve();
      }
      ready.reject(new Error(`"${command}" ended: ${text}`));
    })();
    ready.promise.catch(() => {});
    this.#server = { child, log };
    await ready.promise;
  }

  async stopServer(): Promise<void> {
    if (this.#server === undefined) return;
    const { child, log } = this.#server;
    this.#server = undefined;
    child.kill("SIGINT");
    await Promise.all([child.status, log, child.stdin.close(), child.stdout.cancel()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Runs a command until it has written this to stdout, types what is to be typed, and ends it. */
async function runUntil(
  workplace: Workplace,
  { command, sees, types }: { command: string; sees: string; types?: readonly [string, string][] },
): Promise<void> {
  const child = workplace.spawn(command);
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const keyboard = child.stdin.getWriter();
  const rest = child.stderr.pipeTo(new WritableStream());
  const waiting = [...types ?? []];
  let seen = "";
  for await (const part of child.stdout) {
    seen += decoder.decode(part, { stream: true });
    while (waiting[0] !== undefined && seen.includes(waiting[0][0])) {
      await keyboard.write(encoder.encode(waiting.shift()?.[1] ?? ""));
    }
    if (seen.includes(sees) && waiting.length === 0) break;
  }
  assertStringIncludes(seen, sees, command);
  child.kill("SIGTERM");
  clearTimeout(timer);
  await keyboard.close().catch(() => {});
  await Promise.all([child.status, rest]);
}

/** An operator who answers the first question, as soon as it is asked. */
async function answerOne(workplace: Workplace): Promise<void> {
  const token = (await Deno.readTextFile(`${workplace.directory}/data/admin.token`)).trim();
  const operator = await RawClient.connect({ hostname: "127.0.0.1", port: PORT });
  await operator.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  const { inquiry } = await operator.until("inquiry");
  await operator.ask({ type: "respond", inquiry, content: "yes, it is drained" });
  operator.close();
}

/** What is done with each of the README's commands, by how it looks. */
const TRIES: readonly [RegExp, (command: string, workplace: Workplace) => Promise<void>][] = [
  [/^deno task server$/, (command, workplace) => workplace.serve(command)],
  [/^PARLEY_DATABASE=(\S+) deno task server$/, serveOnMysql],
  [
    /^PARLEY_NET=\S+ deno task server:at /,
    (command, workplace) => workplace.serve(`env ${command}`),
  ],
  [/^deno task client$/, tryLiveLine],
  [/ client ask /, async (command, workplace) => {
    const [answer] = await Promise.all([workplace.run(command), answerOne(workplace)]);
    assertEquals(answer, "yes, it is drained\n");
  }],
  [
    / client tail /,
    (command, workplace) => runUntil(workplace, { command, sees: "several lines" }),
  ],
  [/ client (send|history) /, async (command, workplace) => void await workplace.run(command)],
  [/^deno task test$/, async (command) => {
    const ci = await Deno.readTextFile(new URL("../../.ci/run", import.meta.url));
    assertStringIncludes(ci, command);
  }],
];

async function serveOnMysql(command: string, workplace: Workplace): Promise<void> {
  if (isMysqlMissing()) return;
  await using database = await createMysqlDatabase();
  const { host, port } = database.options;
  const net = `PARLEY_NET=127.0.0.1:${PORT},${host}:${port}`;
  // The same but for where the database is: the task's own address is somebody's real one.
  const there = command.replace(/mysql:\S+/, database.url).replace("task server", "task server:at");
  await workplace.serve(`env ${net} ${there}`);
  await workplace.stopServer();
}

/** The client as a person sees it: in a terminal, asked for a name, left by a command. */
async function tryLiveLine(command: string, workplace: Workplace): Promise<void> {
  if (!hasPty) return;
  await runUntil(workplace, {
    command: `script -qec "${command}" /dev/null`,
    sees: "You are ada",
    types: [["ame", "ada\r"]],
  });
}

/** Whether somebody's own server is on the README's port. */
async function isPortTaken(): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port: PORT })).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "readme: every command does what it says",
  ignore: await isPortTaken(),
  fn: async (t) => {
    await using workplace = await Workplace.make();
    const commands = await readCommands();
    assert(commands.length >= 10, "the README has lost its commands");
    for (const command of commands) {
      await t.step(command, async () => {
        const attempt = TRIES.find(([looks]) => looks.test(command))?.[1];
        assert(attempt !== undefined, "nobody knows how to try this command");
        await attempt(command, workplace);
      });
    }
  },
});

Deno.test("readme: is short enough to be read", async () => {
  const text = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  assert(text.split("\n").length <= 151);
});
