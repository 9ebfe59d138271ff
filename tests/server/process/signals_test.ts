// The signals that stop a server, sent to a process that does nothing but wait for them.

import { assertEquals } from "@std/assert";
import { LineReader } from "../../support/processes/client_process.ts";

const PROGRAM = new URL("../signals_program.ts", import.meta.url).pathname;

class Waiting implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: LineReader;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  private constructor(onHangUp: "stops" | "goes on") {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", PROGRAM, onHangUp],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#lines = new LineReader(this.#child.stdout);
    this.#writer = this.#child.stdin.getWriter();
  }

  static async start(onHangUp: "stops" | "goes on"): Promise<Waiting> {
    const waiting = new Waiting(onHangUp);
    assertEquals(await waiting.next(), "ready");
    return waiting;
  }

  next(): Promise<string | undefined> {
    return this.#lines.next();
  }

  send(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Sends one that may be a second request, and waits until it has arrived. */
  async sendAgain(signal: Deno.Signal): Promise<void> {
    this.send(signal);
    assertEquals(await this.next(), "looked at the clock");
  }

  /** Moves its clock on. */
  async aSecondLater(): Promise<void> {
    await this.#writer.write(new TextEncoder().encode("\n"));
    assertEquals(await this.next(), "a second later");
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.send("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#writer.close().catch(() => {});
    await this.#lines.close();
  }
}

const options = { ignore: Deno.build.os === "windows" };

Deno.test(
  "signals: the second one, of either kind, ends the process at once",
  options,
  async () => {
    await using program = await Waiting.start("stops");
    program.send("SIGINT");
    assertEquals(await program.next(), "stopping by SIGINT");
    await program.aSecondLater();
    await program.sendAgain("SIGTERM");
    assertEquals(await program.next(), "before exit");
    assertEquals((await program.status).code, 1);
  },
);

Deno.test("signals: one request that arrives by two ways is one", options, async () => {
  await using program = await Waiting.start("stops");
  program.send("SIGTERM");
  assertEquals(await program.next(), "stopping by SIGTERM");
  await program.sendAgain("SIGTERM");
  await program.sendAgain("SIGINT");
  await program.aSecondLater();
  await program.sendAgain("SIGTERM");
  assertEquals(await program.next(), "before exit");
  assertEquals((await program.status).code, 1);
});

Deno.test("signals: SIGHUP stops, and however many come do not hurry", options, async () => {
  await using program = await Waiting.start("stops");
  program.send("SIGHUP");
  assertEquals(await program.next(), "stopping by SIGHUP");
  await program.aSecondLater();
  program.send("SIGHUP");
  await program.aSecondLater();
  await program.sendAgain("SIGINT");
  assertEquals(await program.next(), "before exit");
  assertEquals((await program.status).code, 1);
});

Deno.test(
  "signals: SIGHUP is told of where it does not stop, and SIGTERM still does",
  options,
  async () => {
    await using program = await Waiting.start("goes on");
    program.send("SIGHUP");
    assertEquals(await program.next(), "hung up");
    program.send("SIGHUP");
    assertEquals(await program.next(), "hung up");
    program.send("SIGTERM");
    assertEquals(await program.next(), "stopping by SIGTERM");
  },
);
