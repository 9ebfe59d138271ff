// A private NATS server that can be killed and restarted at the same port. Ended by its pid,
// whatever happens to the run.

import { freePort, isListening } from "./ports.ts";
import { findProgram } from "./programs.ts";
import { adopt, bury, signal } from "./children.ts";
import { until } from "../waiting.ts";

/** A server that does not accept connections after this time has failed. */
const START_MS = 10_000;
const PROGRAM = "nats-server";

export interface NatsServerOptions {
  /** The credentials; none by default. */
  readonly user?: { readonly name: string; readonly password: string };
  /** The paths of a certificate and key: then it speaks TLS alone. */
  readonly tls?: { readonly certificatePath: string; readonly keyPath: string };
}

/** Whether none is installed, and nobody requires one (`PARLEY_TEST_NATS=require`). */
export function isNatsMissing(): boolean {
  return findProgram(PROGRAM) === undefined && Deno.env.get("PARLEY_TEST_NATS") !== "require";
}

export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly #args: readonly string[];
  #child: Deno.ChildProcess;

  private constructor(port: number, { user, tls }: NatsServerOptions) {
    this.port = port;
    this.#args = [
      ...["--addr", "127.0.0.1", "--port", `${port}`],
      ...(user === undefined ? [] : ["--user", user.name, "--pass", user.password]),
      ...(tls === undefined
        ? []
        : ["--tls", "--tlscert", tls.certificatePath, "--tlskey", tls.keyPath]),
    ];
    this.#child = this.#spawn();
  }

  static async start(options: NatsServerOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(freePort(), options);
    try {
      await server.#untilAnswering();
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Of the process as it runs now: another one after a restart. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Ends it with SIGKILL at once; resolves when it has ended. */
  async kill(): Promise<void> {
    signal(this.#child, "SIGKILL");
    await bury(this.#child);
  }

  /** Starts it again where it was; resolves when it accepts connections. It must have ended. */
  async restart(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilAnswering();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #spawn(): Deno.ChildProcess {
    const program = findProgram(PROGRAM);
    if (program === undefined) throw new Error(`No ${PROGRAM} is installed`);
    return adopt(new Deno.Command(program, {
      args: [...this.#args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn());
  }

  async #untilAnswering(): Promise<void> {
    const otherwise = `${PROGRAM} does not listen`;
    await until(() => isListening(this.port), { withinMs: START_MS, otherwise });
  }
}
