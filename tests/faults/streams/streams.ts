// Runs a command of the client with a kind of stdin and a kind of stdout, by a shell: closed, full, not
// readable, without a reader. The client is bundled, so that many start in a short time.

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
import type { Row } from "./rows.ts";

export const STDINS = {
  null: "< /dev/null",
  pipe: "",
  closed: "<&-",
  directory: "< /",
  unreadable: "0> /dev/null",
} as const;

/** A closed stdout is one of the runtime's own: it opens /dev/null in its place. */
export const STDOUTS = { closed: ">&-", full: "> /dev/full", gone: "" } as const;

export type Streams =
  | { readonly stdin: keyof typeof STDINS }
  | { readonly stdout: keyof typeof STDOUTS };

/** No command of the rows takes so long. */
const PATIENCE_MS = 20_000;

/** A server with a message in the lobby and a question at the desk, a home, and the bundled client. */
export class Scene implements AsyncDisposable {
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

  static async open(): Promise<Scene> {
    const stack = new AsyncDisposableStack();
    const server = stack.use(await startTestServer());
    const home = stack.use(await Home.create());
    const folder = stack.use(await temporaryDirectory());
    const ann = await server.connect();
    await ann.hello("ann");
    await ann.ask({ type: "message", room: "lobby", content: "hello" });
    await ann.ask({ type: "inquiry", content: "may I?" });
    await bundle(folder.path);
    const scene = new Scene({ stack, server, home, program: `${folder.path}/client.js` });
    await scene.#addOperator();
    stack.use(await keepStatus(home, `127.0.0.1:${server.port}`));
    return scene;
  }

  /** Runs it to its end, or until it has written a line when it would go on for ever. */
  async run(row: Row, streams: Streams): Promise<{ code: number; out: string; err: string }> {
    const stdin = "stdin" in streams ? streams.stdin : "null";
    const stdout = "stdout" in streams ? streams.stdout : undefined;
    const client = `"$@" ${STDINS[stdin]} ${stdout === undefined ? "" : STDOUTS[stdout]}`;
    const script = stdout === "gone"
      ? `${client} | true; exit \${PIPESTATUS[0]}`
      : `exec ${client}`;
    await using home = row.isOperator ? undefined : await Home.create();
    const { path } = home ?? this.#home;
    const child = new Deno.Command("bash", {
      args: ["-c", script, "bash", Deno.execPath(), ...this.#arguments(row.args)],
      cwd: path,
      clearEnv: true,
      env: clientEnv({ path }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await child.stdin.close();
    const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    const [out, err] = await Promise.all([
      readText(child.stdout, () => row.isEndless ? child.kill("SIGINT") : undefined),
      readText(child.stderr),
    ]);
    const { code } = await child.status;
    clearTimeout(timer);
    return { code, out, err };
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

async function bundle(folder: string): Promise<void> {
  const entry = new URL("../../../client.ts", import.meta.url).pathname;
  const options = ["--quiet", "--platform", "deno", "--code-splitting", "--outdir", folder];
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, entry],
    stdout: "null",
  }).output();
  assertEquals(success, true);
}

/** A live line that has nothing new. */
async function keepStatus(home: Home, server: string): Promise<StatusFile> {
  const state = new PrivateFiles(`${home.path}/.local/state/parley`);
  const status = await StatusFile.open(state, new RunningClock({ usualGapMs: 60_000 }));
  if (status === undefined) throw new Error("The home cannot be written");
  const facts = { server, name: "olga", isOnline: true, waiting: 0, lagMs: undefined };
  status.update({ ...facts, places: [] });
  await until(async () => (await state.within("status").names()).length > 0);
  return status;
}

async function readText(
  stream: ReadableStream<Uint8Array>,
  onText: () => void = () => {},
): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    onText();
  }
  return text;
}
