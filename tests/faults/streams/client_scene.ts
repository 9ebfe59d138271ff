// A place in which every command of the client runs. The client is bundled, so that many start in a short
// time.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { StatusFile } from "../../../lib/client/status/status_file.ts";
import { hashToken, newToken } from "../../../lib/server/tokens.ts";
import { RunningClock } from "../../../lib/time.ts";
import { clientCommand, clientEnv, Home } from "../../support/processes/client_process.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { until } from "../../support/waiting.ts";
import { bundle } from "./bundle.ts";
import { CLIENT_ROWS } from "./client_rows.ts";
import { type Ended, runWithStreams, type Streams } from "./kinds.ts";
import type { Row, Scene } from "./rows.ts";

/** A server with a message in the lobby and a question at the desk, a home, and the bundled client. */
export class ClientScene implements Scene, AsyncDisposable {
  readonly rows = CLIENT_ROWS;
  /** One line for a person, and no trace of the program. */
  readonly stderr = /^(?:(?:! |── )[^\n]+\n)*$/;
  readonly #stack: AsyncDisposableStack;
  readonly #server: TestServer;
  readonly #home: Home;
  readonly #program: string;

  private constructor(
    parts: { stack: AsyncDisposableStack; server: TestServer; home: Home; program: string },
  ) {
    this.#stack = parts.stack;
    this.#server = parts.server;
    this.#home = parts.home;
    this.#program = parts.program;
  }

  static async open(): Promise<ClientScene> {
    const stack = new AsyncDisposableStack();
    const server = stack.use(await startTestServer());
    const home = stack.use(await Home.create());
    const folder = stack.use(await temporaryDirectory());
    const ann = await server.connect();
    await ann.hello("ann");
    await ann.ask({ type: "message", room: "lobby", content: "hello" });
    await ann.ask({ type: "inquiry", content: "may I?" });
    await bundle("client.ts", folder.path);
    const scene = new ClientScene({ stack, server, home, program: `${folder.path}/client.js` });
    await scene.#addOperator();
    stack.use(await keepStatus(home, `127.0.0.1:${server.port}`));
    return scene;
  }

  async run(row: Row, streams: Streams): Promise<Ended> {
    await using home = row.isOperator ? undefined : await Home.create();
    const { path } = home ?? this.#home;
    return await runWithStreams({
      command: [Deno.execPath(), ...this.#arguments(row.args)],
      directory: path,
      env: clientEnv({ path }),
      interruptAt: row.interruptAt,
    }, streams);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }

  #arguments(args: readonly string[]): readonly string[] {
    const flags = clientCommand([]).slice(0, -1);
    return [...flags, this.#program, ...args, "--server", `127.0.0.1:${this.#server.port}`];
  }

  /** The home is an operator's. */
  async #addOperator(): Promise<void> {
    const { users } = this.#server.repository;
    const { id } = await users.ensureAccount({
      name: userNameOf("olga"),
      role: "operator",
      now: 0,
    });
    const token = newToken();
    await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
    const { path } = this.#home;
    const child = new Deno.Command(Deno.execPath(), {
      args: [...this.#arguments(["use-token"])],
      cwd: path,
      clearEnv: true,
      env: clientEnv({ path }),
      stdin: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(token));
    await writer.close();
    assertEquals((await child.status).code, 0);
  }
}

/** A live line that has nothing new. */
async function keepStatus(home: Home, server: string): Promise<StatusFile> {
  const state = new PrivateFiles(`${home.path}/.local/state/parley`);
  const status = await StatusFile.open(state, new RunningClock({ usualGapMs: 60_000 }));
  if (status === undefined) throw new Error("The home cannot be written");
  const facts = { server, name: "olga", isOnline: true, waiting: 0, lagMs: undefined };
  status.update({ ...facts, places: [{ room: "lobby", number: 1, unread: 0, calls: 0 }] });
  await until(async () => (await state.within("status").names()).length > 0);
  return status;
}
