// The real server with a full or unread output: a full file system or a pipe under its stderr, a
// terminal under its console.

import { freePort, isListening } from "../../support/processes/ports.ts";
import { untilEnded } from "../../support/processes/processes.ts";
import { adopt, bury, signal } from "../../support/processes/children.ts";
import { type Address, Peer } from "../../support/clients/peer.ts";
import { SERVER_PROGRAM, serverFlags } from "../../support/processes/task_flags.ts";
import { until } from "../../support/waiting.ts";

/** The unread output of the server. */
export type Unread = "full stderr" | "unread stderr" | "unread terminal";

const START_MS = 20_000;

export interface UnreadServerOptions {
  /** Where it is started. */
  readonly directory: string;
  readonly output: Unread;
}

export class UnreadServer implements AsyncDisposable {
  readonly address: Address;
  readonly #options: UnreadServerOptions;
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<Deno.CommandStatus>;

  private constructor(options: UnreadServerOptions) {
    this.#options = options;
    this.address = { hostname: "127.0.0.1", port: freePort() };
    this.#child = adopt(spawn(options, this.address));
    this.#ended = bury(this.#child);
  }

  /** Starts a server and waits until it accepts connections. */
  static async start(options: UnreadServerOptions): Promise<UnreadServer> {
    const server = new UnreadServer(options);
    try {
      const otherwise = "It does not listen";
      await until(() => isListening(server.address.port), { withinMs: START_MS, otherwise });
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  connect(): Promise<Peer> {
    return Peer.connect(this.address);
  }

  /** The unread stderr. */
  get stderr(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#child.stderr;
  }

  /** Sends the stop signal; resolves when it has ended. @throws when it does not */
  async terminate(): Promise<void> {
    const { pid } = this;
    Deno.kill(pid, "SIGTERM");
    await untilEnded(pid);
  }

  /** Closes the terminal under it; resolves when it has ended. @throws when it does not */
  async hangUp(): Promise<void> {
    const { pid } = this;
    signal(this.#child, "SIGKILL");
    await untilEnded(pid);
  }

  /** The exit status, if known: a terminal does not report it. */
  async code(): Promise<number> {
    return (await this.#ended).code;
  }

  /** The server's own process. */
  get pid(): number {
    if (this.#options.output !== "unread terminal") return this.#child.pid;
    return Number(Deno.readTextFileSync(`${this.#options.directory}/pid`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      Deno.kill(this.pid, "SIGKILL");
    } catch {
      // It has ended by itself, or has not started.
    }
    signal(this.#child, "SIGKILL");
    await this.#ended;
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      if (!output.locked) await output.cancel();
    }
    await this.#child.stdin.abort().catch(() => {});
  }
}

function spawn({ directory, output }: UnreadServerOptions, { port }: Address): Deno.ChildProcess {
  const listen = `127.0.0.1:${port}`;
  const deno = [Deno.execPath(), ...serverFlags({ listen }), "--quiet", SERVER_PROGRAM];
  const command = [...deno, "--listen", listen, "--log-level", "debug", "--limit", "all=off"];
  const line = command.map((part) => `'${part}'`).join(" ");
  const [program, args] = output === "unread terminal"
    ? ["script", ["-qfec", `echo $$ > pid; exec ${line}`, "/dev/null"]]
    : ["sh", ["-c", `exec ${line} ${output === "full stderr" ? "2>/dev/full" : ""}`]];
  return new Deno.Command(program as string, {
    args: args as string[],
    cwd: directory,
    env: { SHELL: "/bin/sh", TERM: "xterm-256color" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}
