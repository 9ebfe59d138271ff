// Every command of the README is run, in a copy of the project and a home of its own. A command that
// this file does not know is a failure: the README says nothing that nobody has tried.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createMysqlDatabase, isMysqlMissing } from "../support/stores/mysql.ts";
import { ProjectCopy, type RunningServer } from "../support/processes/project_copy.ts";
import { hasPty } from "../support/terminals/pty.ts";
import { RawClient } from "../support/clients/raw_client.ts";

const PORT = 65432;
const PATIENCE_MS = 20_000;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The lines of the README's `sh` blocks, in order. */
async function readCommands(): Promise<string[]> {
  const text = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  return [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
    block.split("\n").filter((line) => line !== "")
  );
}

/** The copy in which the commands are run, and the server that one of them has started. */
class Workplace implements AsyncDisposable {
  readonly copy: ProjectCopy;
  #server: RunningServer | undefined;

  constructor(copy: ProjectCopy) {
    this.copy = copy;
  }

  /** Runs a command that must succeed. @returns what it wrote to stdout */
  async run(command: string): Promise<string> {
    const { code, out, err } = await this.copy.run(command);
    assertEquals([code, command], [0, command], err);
    return out;
  }

  /** Starts a server in the place of the one before, and waits until it is ready. */
  async serve(command: string): Promise<void> {
    await this.stopServer();
    this.#server = await this.copy.serve(command);
  }

  async stopServer(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
    await this.copy[Symbol.asyncDispose]();
  }
}

/** Runs a command until it has written this to stdout, types what is to be typed, and ends it. */
async function runUntil(
  workplace: Workplace,
  { command, sees, types }: { command: string; sees: string; types?: readonly [string, string][] },
): Promise<void> {
  const child = workplace.copy.spawn(`exec ${command}`);
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

/** An operator who approves the first question, as soon as it is asked. */
async function approveOne(workplace: Workplace): Promise<void> {
  const token = (await Deno.readTextFile(`${workplace.copy.directory}/data/admin.token`)).trim();
  const operator = await RawClient.connect({ hostname: "127.0.0.1", port: PORT });
  await operator.ask({ type: "hello", version: 1, auth: { method: "token", token } });
  const { inquiry } = await operator.question();
  await operator.ask({ type: "decide", inquiry, choice: "approve" });
  operator.close();
}

/** What is done with each of the README's commands, by how it looks. */
const TRIES: readonly [RegExp, (command: string, workplace: Workplace) => Promise<void>][] = [
  [/^deno task server$/, (command, workplace) => workplace.serve(command)],
  [/^PARLEY_DATABASE=(\S+) deno task server$/, serveOnMysql],
  [
    /^PARLEY_NET=\S+ deno task server:at /,
    (command, workplace) => workplace.serve(command),
  ],
  [/^deno task client$/, tryLiveLine],
  [
    / client approve /,
    async (command, workplace) => {
      await Promise.all([workplace.run(command), approveOne(workplace)]);
    },
  ],
  [/^deno task client (use-token|join) /, async (command, workplace) => {
    await workplace.run(command);
  }],
  [/^deno task server user list$/, async (command, workplace) => {
    const list = await workplace.run(command);
    // Those who have come in by the commands before.
    assertMatch(list, /^ann +operator +active/m);
    assertMatch(list, /^bob +member +active/m);
  }],
  [/^deno task server (code|token|ban) /, async (command, workplace) => {
    await workplace.run(command);
  }],
  [
    / client tail /,
    (command, workplace) => runUntil(workplace, { command, sees: "several lines" }),
  ],
  [
    / client (send|history|search) /,
    async (command, workplace) => void await workplace.run(command),
  ],
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
  await workplace.serve(`${net} ${there}`);
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
    await using workplace = new Workplace(await ProjectCopy.create({ hasHome: true }));
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
  assert(text.split("\n").length <= 175);
});
