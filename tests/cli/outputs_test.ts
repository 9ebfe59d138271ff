// Outputs that are full, and outputs that nobody reads: neither holds server or client up, nor ends it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVER_PROGRAM, serverFlags } from "../faults/support/task_flags.ts";
import {
  clientCommand,
  clientEnv,
  Home,
  LineReader,
  spawnClient,
} from "../support/client_process.ts";
import { freePort } from "../support/ports.ts";
import { untilEnded } from "../support/processes.ts";
import { RawClient } from "../support/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const UNLIMITED = { messages_burst: 1e5, messages_per_s: 1e5, bytes_burst: 1e9, bytes_per_s: 1e9 };
/** Each leaves a line in a log of level `debug`: more than a pipe holds. */
const KNOCKS = 1_000;

/** A server whose stderr is not read, or goes where the shell is told. */
class Server implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly #home: Home;
  readonly #port: number;

  private constructor(home: Home, redirection: string) {
    this.#home = home;
    this.#port = freePort();
    const listen = `127.0.0.1:${this.#port}`;
    const args = [...serverFlags({ listen }), "--quiet", SERVER_PROGRAM, "--listen", listen];
    const more = ["--log-level", "debug", "--limit", "all=off"];
    this.child = new Deno.Command("sh", {
      args: ["-c", `exec "$@" ${redirection}`, "sh", Deno.execPath(), ...args, ...more],
      cwd: home.path,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
  }

  static async start(redirection = ""): Promise<Server> {
    return new Server(await Home.make(), redirection);
  }

  /** Connects, also when the server is about to listen. */
  async connect(): Promise<RawClient> {
    for (let tries = 0;; tries++) {
      try {
        return await RawClient.connect({ hostname: "127.0.0.1", port: this.#port });
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused) || tries > 1_000) throw error;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.child.status;
    if (!this.child.stderr.locked) await this.child.stderr.cancel();
    await this.#home[Symbol.asyncDispose]();
  }
}

/** Ends as many connections as it takes, with a line of the log each. */
async function knock(server: Server): Promise<void> {
  for (let n = 0; n < KNOCKS; n++) {
    const lost = await server.connect();
    await lost.send("GET / HTTP/1.1", "");
    assertEquals((await lost.until("bye")).code, "protocol");
    lost.close();
  }
}

Deno.test(
  "outputs: a server whose stderr is full goes on, and stops when it is asked to",
  LINUX,
  async () => {
    await using server = await Server.start("2>/dev/full");
    const ann = await server.connect();
    assertEquals((await ann.hello("ann")).type, "welcome");
    for (let n = 0; n < 3; n++) {
      const lost = await server.connect();
      await lost.send("GET / HTTP/1.1", "");
      await lost.until("bye");
      lost.close();
    }
    assertEquals((await ann.ask({ type: "ping" })).type, "pong");
    server.child.kill("SIGTERM");
    assertEquals((await ann.until("bye")).code, "restarting");
    assertEquals((await server.child.status).code, 0);
    ann.close();
  },
);

Deno.test("outputs: an stderr that nobody reads stops nobody, and a reader who comes late misses nothing yet", async () => {
  await using server = await Server.start();
  const ann = await server.connect();
  assertEquals((await ann.hello("ann")).type, "welcome");
  await knock(server);
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
  const lines = new LineReader(server.child.stderr);
  // All of them: the bound of what waits is above what this test makes.
  let byes = 0;
  while (byes < KNOCKS) {
    const { event } = JSON.parse(await lines.next() ?? "null");
    if (event === "bye") byes++;
  }
  server.child.kill("SIGTERM");
  assertEquals((await server.child.status).code, 0);
  ann.close();
  await lines.close();
});

Deno.test("outputs: SIGTERM stops a server whose stderr nobody reads", async () => {
  await using server = await Server.start();
  const ann = await server.connect();
  assertEquals((await ann.hello("ann")).type, "welcome");
  await knock(server);
  server.child.kill("SIGTERM");
  assertEquals((await ann.until("bye")).code, "restarting");
  assertEquals((await server.child.status).code, 0);
  ann.close();
});

Deno.test("outputs: help that cannot be written is 78, in one line", LINUX, async () => {
  await using home = await Home.make();
  const programs = [
    clientCommand(["--help"]),
    [...serverFlags({ listen: "127.0.0.1:0" }), "--quiet", SERVER_PROGRAM, "--help"],
  ];
  for (const args of programs) {
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", `exec "$@" >/dev/full`, "sh", Deno.execPath(), ...args],
      cwd: home.path,
      env: clientEnv(home),
    }).output();
    assertMatch(new TextDecoder().decode(stderr), /^[^\n]*Cannot write to stdout: [^\n]+\n$/);
    assertEquals(code, 78);
  }
});

/** Says in the lobby what no pipe can hold. */
async function fill(server: TestServer): Promise<void> {
  const ann = await server.connect();
  await ann.hello("ann");
  for (let n = 0; n < 200; n++) {
    await ann.ask({ type: "message", room: "lobby", content: `${n} ${"x".repeat(20_000)}` });
  }
}

Deno.test(
  "outputs: a client whose data cannot be written says so and ends with 78",
  LINUX,
  async () => {
    await using server = await startTestServer({ limits: UNLIMITED });
    await using home = await Home.make();
    const ann = await server.connect();
    await ann.hello("ann");
    await ann.ask({ type: "message", room: "lobby", content: "on paper" });
    for (
      const command of [["history", "lobby"], ["tail", "lobby", "--history", "1"], [
        "send",
        "lobby",
        "x",
        "--json",
      ]]
    ) {
      const args = [...command, "--server", `127.0.0.1:${server.port}`];
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", `exec "$@" >/dev/full`, "sh", Deno.execPath(), ...clientCommand(args)],
        cwd: home.path,
        env: clientEnv(home),
      }).output();
      assertMatch(new TextDecoder().decode(stderr), /^! Cannot write to stdout: [^\n]+\n$/);
      assertEquals(code, 78, command.join(" "));
    }
  },
);

Deno.test("outputs: a client whose data nobody reads lets go at Ctrl-C", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.make();
  await fill(server);
  for (const command of [["history", "--limit", "200"], ["tail", "--history", "200"]]) {
    const args = [...command, "lobby", "--server", `127.0.0.1:${server.port}`];
    const client = spawnClient({ home, args });
    const { pid } = client;
    // The first bytes are there when it has begun to write; the rest stays in the pipe.
    const reader = client.stdout.getReader();
    assert((await reader.read()).value !== undefined);
    client.kill("SIGINT");
    await untilEnded(pid);
    assertEquals((await client.status).code, 130, command.join(" "));
    await reader.cancel();
    await client.stderr.cancel();
  }
});
