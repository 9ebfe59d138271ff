// Outputs that are full, and outputs that nobody reads: neither holds server or client up, nor ends it.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVER_PROGRAM, serverFlags } from "../support/processes/task_flags.ts";
import { type Unread, UnreadServer } from "../faults/support/unread_server.ts";
import {
  clientCommand,
  clientEnv,
  Home,
  LineReader,
  spawnClient,
} from "../support/processes/client_process.ts";
import { untilEnded } from "../support/processes/processes.ts";
import { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const UNLIMITED = { messages_burst: 1e5, messages_per_s: 1e5, bytes_burst: 1e9, bytes_per_s: 1e9 };
/** Each leaves a line in a log of level `debug`: more than a pipe holds. */
const ATTEMPTS = 1_000;

/** A server in a home of its own. */
async function serve(
  output: Unread,
): Promise<{ server: UnreadServer; connect(): Promise<RawClient> } & AsyncDisposable> {
  const home = await Home.create();
  const server = await UnreadServer.start({ directory: home.path, output });
  return {
    server,
    connect: () => RawClient.connect(server.address),
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Connections that are shown out, with a line of the log each. */
async function tryConnect(connect: () => Promise<RawClient>, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const lost = await connect();
    await lost.send("GET / HTTP/1.1", "");
    assertEquals((await lost.until("bye")).code, "protocol");
    lost.close();
  }
}

Deno.test(
  "outputs: a server whose stderr is full goes on, and stops when it is asked to",
  LINUX,
  async () => {
    await using place = await serve("full stderr");
    const ann = await place.connect();
    assertEquals((await ann.hello("ann")).type, "welcome");
    await tryConnect(place.connect, 3);
    assertEquals((await ann.ask({ type: "ping" })).type, "pong");
    const stopped = place.server.terminate();
    assertEquals((await ann.until("bye")).code, "restarting");
    await stopped;
    assertEquals(await place.server.code(), 0);
    ann.close();
  },
);

Deno.test(
  "outputs: an stderr that nobody reads holds nobody up, and a late reader finds all of it",
  LINUX,
  async () => {
    await using place = await serve("unread stderr");
    const ann = await place.connect();
    assertEquals((await ann.hello("ann")).type, "welcome");
    await tryConnect(place.connect, ATTEMPTS);
    assertEquals((await ann.ask({ type: "ping" })).type, "pong");
    const lines = new LineReader(place.server.stderr);
    // What waits is bounded far above what this test makes.
    for (let byes = 0; byes < ATTEMPTS;) {
      const { event } = JSON.parse(await lines.next() ?? "null");
      if (event === "bye") byes++;
    }
    await place.server.terminate();
    assertEquals(await place.server.code(), 0);
    ann.close();
    await lines.close();
  },
);

Deno.test("outputs: SIGTERM stops a server whose stderr is not read", LINUX, async () => {
  await using place = await serve("unread stderr");
  const ann = await place.connect();
  assertEquals((await ann.hello("ann")).type, "welcome");
  await tryConnect(place.connect, ATTEMPTS);
  const stopped = place.server.terminate();
  assertEquals((await ann.until("bye")).code, "restarting");
  await stopped;
  assertEquals(await place.server.code(), 0);
  ann.close();
});

Deno.test("outputs: help that cannot be written is 78, in one line", LINUX, async () => {
  await using home = await Home.create();
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
    await using home = await Home.create();
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

Deno.test("outputs: a client whose stdout is not read ends at Ctrl-C", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.create();
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
