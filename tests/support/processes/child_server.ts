// The real server as a child process with its usual flags: started, observed by its log, its /proc
// and its counters, and ended by its pid, whatever happens to the test.

import { adopt, bury, signal } from "./children.ts";
import { type Address, type Frame, Peer, type PeerOptions } from "../clients/peer.ts";
import { SERVER_PROGRAM, serverFlags } from "./task_flags.ts";
import { within } from "../waiting.ts";

export interface ChildServerOptions {
  /** Its working directory: its `data` stays there, so that a test can restart it. */
  readonly directory: string;
  /** Further arguments of the server. */
  readonly args?: readonly string[];
  /** Settings of the server from its environment, PARLEY_… each. */
  readonly env?: Readonly<Record<string, string>>;
  /** The address of this machine that it listens at, on a free port; loopback unless given. */
  readonly hostname?: string;
  /** Whether it listens for TLS, too, with the files `data/cert.pem` and `data/key.pem`. */
  readonly hasTls?: boolean;
  /** The address for TLS; that of `hostname` unless given. */
  readonly tlsHostname?: string;
  /** The port for TLS; any free one unless given. */
  readonly tlsPort?: number;
  /** `host:port` of its database, when that is not the task's own. */
  readonly database?: string | undefined;
  /** `host:port` of the bus, when it may reach one. */
  readonly bus?: string | undefined;
  /** A module that is loaded before the server's program and changes its environment. */
  readonly preload?: string;
  /** What is run instead of deno itself, as in `strace -o trace deno`: the arguments before it. */
  readonly under?: readonly string[];
}

/** The time limit of a start. */
const START_MS = 20_000;
/** How many lines of its log are kept. */
const KEPT_LINES = 10_000;

export class ChildServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #options: ChildServerOptions;
  readonly #ready = Promise.withResolvers<Address>();
  readonly #reading: Promise<void>;
  readonly #lines: string[] = [];
  /** Resolves when the process has ended, in whatever way. */
  readonly ended: Promise<Deno.CommandStatus>;
  #address: Address | undefined;
  #tlsAddress: Address | undefined;

  private constructor(options: ChildServerOptions) {
    this.#options = options;
    this.#child = adopt(spawn(options));
    this.ended = bury(this.#child);
    // A kill during the start does not wait for it.
    this.#ready.promise.catch(() => {});
    this.#reading = this.#readLog();
  }

  /** Starts the process and does not wait for the server. */
  static spawn(options: ChildServerOptions): ChildServer {
    return new ChildServer(options);
  }

  /** Starts a server and waits until it is ready. */
  static async start(options: ChildServerOptions): Promise<ChildServer> {
    const server = ChildServer.spawn(options);
    try {
      await server.ready();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Where it listens; only once it is ready. */
  get address(): Address {
    if (this.#address === undefined) throw new Error("The server is not ready");
    return this.#address;
  }

  /** Where it listens for TLS; only once it is ready, with `hasTls`. */
  get tlsAddress(): Address {
    if (this.#tlsAddress === undefined) throw new Error("The server has no TLS or is not ready");
    return this.#tlsAddress;
  }

  /** What it has written to stderr, a line of JSON each. */
  get log(): readonly string[] {
    return this.#lines;
  }

  /** The events of this name in its log. */
  logged(event: string): readonly Frame[] {
    return this.#lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
      .filter((entry: Frame) => entry.event === event);
  }

  /** Where it listens, once it does. @throws when it ends before, or does not get there in time */
  async ready(): Promise<Address> {
    const otherwise = () => `${this.#lines.join("\n")}\nNot ready`;
    return await within(START_MS, this.#ready.promise, otherwise);
  }

  connect(options?: PeerOptions): Promise<Peer> {
    return Peer.connect(this.address, options);
  }

  /** The server's counters, asked by its administrator: that session and its user are counted too. */
  async stats(): Promise<Readonly<Record<string, number>>> {
    const token = Deno.readTextFileSync(`${this.#options.directory}/data/admin.token`).trim();
    using peer = await this.connect();
    const auth = { method: "token", token };
    peer.send({ type: "hello", id: "hello", version: 1, auth });
    const reply = await peer.ask({ type: "stats", id: "stats" });
    if (reply?.type !== "stats") throw new Error(`No stats but ${JSON.stringify(reply)}`);
    return reply.counters;
  }

  /** Sends a signal that does not end it. */
  notify(name: Deno.Signal): void {
    signal(this.#child, name);
  }

  /** Ends it with SIGKILL at once; resolves when it has ended. */
  async kill(): Promise<void> {
    signal(this.#child, "SIGKILL");
    await this.#settle();
  }

  /** Sends the stop signal. @returns the exit status */
  async terminate(): Promise<Deno.CommandStatus> {
    signal(this.#child, "SIGTERM");
    await this.#settle();
    return await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  async #settle(): Promise<void> {
    await this.ended;
    await this.#reading;
  }

  async #readLog(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of this.#child.stderr) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#note(line);
    }
    if (rest !== "") this.#note(rest);
    const { code, signal } = await this.ended;
    this.#ready.reject(
      new Error(`Ended before it was ready (${signal ?? code}): ${this.#lines.join("\n")}`),
    );
  }

  #note(line: string): void {
    if (this.#lines.length < KEPT_LINES) this.#lines.push(line);
    if (this.#address !== undefined || !line.includes('"event":"ready"')) return;
    const { address, port, tls_address, tls_port } = JSON.parse(line);
    this.#address = { hostname: address, port };
    if (tls_port !== undefined) this.#tlsAddress = { hostname: tls_address, port: tls_port };
    this.#ready.resolve(this.#address);
  }
}

function spawn(options: ChildServerOptions): Deno.ChildProcess {
  const { directory, args = [], env = {}, database, bus, preload, under = [] } = options;
  const listen = `${options.hostname ?? "127.0.0.1"}:0`;
  const tlsHostname = options.tlsHostname ?? options.hostname ?? "127.0.0.1";
  const tls = options.hasTls ? `${tlsHostname}:${options.tlsPort ?? 0}` : undefined;
  const tlsArgs = ["--tls-cert", "data/cert.pem", "--tls-key", "data/key.pem"];
  const deno = [
    Deno.execPath(),
    ...serverFlags({ listen, tls, database, bus }),
    ...(preload === undefined ? [] : [`--preload=${preload}`]),
    SERVER_PROGRAM,
    ...["--listen", listen, ...(tls === undefined ? [] : ["--tls-listen", tls, ...tlsArgs])],
    ...(options.hostname === undefined ? [] : ["--insecure-plain"]),
    ...args,
  ];
  const [program = "", ...rest] = [...under, ...deno];
  const settings = Object.entries(Deno.env.toObject());
  return new Deno.Command(program, {
    args: rest,
    cwd: directory,
    clearEnv: true,
    env: {
      ...Object.fromEntries(settings.filter(([name]) => !name.startsWith("PARLEY_"))),
      ...env,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}
