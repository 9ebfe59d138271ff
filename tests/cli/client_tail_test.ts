// `tail` and `history` by the real program against the real server.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Home, LineReader, runClient, spawnClient } from "../support/processes/client_process.ts";
import { Relay } from "../support/clients/relay.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const UNLIMITED = {
  messages_burst: 100_000,
  messages_per_s: 100_000,
  bytes_burst: 1e9,
  bytes_per_s: 1e9,
};

/** Says so many things in the lobby, numbered from `from`. */
async function speak(server: TestServer, from: number, to: number): Promise<void> {
  const speaker = await server.connect();
  await speaker.hello(`speaker${from}`);
  const lines = Array.from({ length: to - from + 1 }, (_, i) => {
    return { type: "message", id: i, room: "lobby", content: `text ${from + i}` };
  });
  await speaker.send(...lines);
  for (const _ of lines) await speaker.until("ok");
  speaker.close();
}

interface Tail extends AsyncDisposable {
  readonly lines: LineReader;
  readonly process: Deno.ChildProcess;
  readonly err: () => Promise<string>;
  /** The seqs of the next so many events. */
  seqs(count: number): Promise<readonly number[]>;
}

function startTail(home: Home, ...args: readonly string[]): Tail {
  const process = spawnClient({ home, args: ["tail", "lobby", "--json", ...args] });
  const lines = new LineReader(process.stdout);
  const err = new Response(process.stderr).text();
  return {
    lines,
    process,
    err: () => err,
    async seqs(count): Promise<readonly number[]> {
      const seqs: number[] = [];
      while (seqs.length < count) seqs.push(JSON.parse(await lines.next() ?? "null").seq);
      return seqs;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        process.kill("SIGTERM");
      } catch {
        // It has ended by itself.
      }
      await process.status;
      await lines.close();
      await err;
    },
  };
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

Deno.test("client tail: history, then what comes, as events of the wire", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.create();
  await speak(server, 1, 5);
  await using tail = startTail(home, "--history", "3", "--server", `127.0.0.1:${server.port}`);
  assertEquals(await tail.seqs(3), [3, 4, 5]);
  await speak(server, 6, 7);
  const line = await tail.lines.next() ?? "";
  const { user: _, time: __, ...event } = JSON.parse(line);
  const from = { from: "speaker6", guest: true };
  assertEquals(event, { type: "message", room: "lobby", seq: 6, ...from, content: "text 6" });
  assertEquals(await tail.seqs(1), [7]);
});

Deno.test("client tail: --since reads more than can be replayed, then follows", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.create();
  await speak(server, 1, 700);
  await using tail = startTail(home, "--since", "10", "--server", `127.0.0.1:${server.port}`);
  assertEquals(await tail.seqs(690), range(11, 700));
  await speak(server, 701, 703);
  assertEquals(await tail.seqs(3), [701, 702, 703]);
});

Deno.test("client tail: over a restart of the server no message is missed and none comes twice", async () => {
  const directory = await Deno.makeTempDir({ prefix: "parley-restart-" });
  await using home = await Home.create();
  await using relay = new Relay();
  await using tail = await (async () => {
    await using server = await startTestServer({ limits: UNLIMITED, directory });
    relay.target = server.port;
    await speak(server, 1, 2);
    const tail = startTail(home, "--history", "1", "--server", `127.0.0.1:${relay.port}`);
    assertEquals(await tail.seqs(1), [2]);
    await speak(server, 3, 3);
    assertEquals(await tail.seqs(1), [3]);
    relay.target = undefined;
    relay.cut();
    await speak(server, 4, 10);
    return tail;
  })();
  {
    await using server = await startTestServer({ limits: UNLIMITED, directory });
    relay.target = server.port;
    assertEquals(await tail.seqs(7), range(4, 10));
    await speak(server, 11, 12);
    assertEquals(await tail.seqs(2), [11, 12]);
    tail.process.kill("SIGINT");
    assertEquals((await tail.process.status).code, 130);
    const err = await tail.err();
    assertStringIncludes(err, "trying again");
    assertStringIncludes(err, "── Missed meanwhile: 7 in #lobby · nothing lost\n");
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("client tail: when the reader closes stdout it ends quietly", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.create();
  await speak(server, 1, 2);
  await using tail = startTail(home, "--history", "1", "--server", `127.0.0.1:${server.port}`);
  await tail.seqs(1);
  await tail.lines.close();
  await speak(server, 3, 3);
  assertEquals((await tail.process.status).code, 0);
  assertEquals(await tail.err(), "");
});

Deno.test("client tail: plain lines are for people, and errors go to stderr", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.create();
  const speaker = await server.connect();
  await speaker.hello("bob");
  await speaker.ask({ type: "message", room: "lobby", content: "one\n── two" });
  const args = ["history", "lobby", "--server", `127.0.0.1:${server.port}`];
  const { out, err, code } = await runClient({ home, args });
  const [first = "", second = ""] = out.split("\n");
  assert(/^\d{4}-\d\d-\d\d \d\d:\d\d bob: one$/.test(first), first);
  assert(/^ {16} │ ── two$/.test(second), second);
  assertEquals([err, code], ["", 0]);
});

Deno.test("client history: as many as requested, over several pages, oldest first", async () => {
  await using server = await startTestServer({ limits: UNLIMITED });
  await using home = await Home.create();
  await speak(server, 1, 450);
  const seqs = async (...args: readonly string[]) => {
    const at = ["--json", "--server", `127.0.0.1:${server.port}`];
    const { out, err, code } = await runClient({
      home,
      args: ["history", "lobby", ...args, ...at],
    });
    assertEquals([err, code], ["", 0]);
    return out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line).seq);
  };
  assertEquals(await seqs(), range(401, 450));
  assertEquals(await seqs("--limit", "3", "--before", "11"), [8, 9, 10]);
  assertEquals(await seqs("--limit", "350"), range(101, 450));
  assertEquals(await seqs("--limit", "100000"), range(1, 450));
});

Deno.test("client history: more than the rate allows is read patiently, whole", async () => {
  await using server = await startTestServer({
    limits: { ...UNLIMITED, page: 2, history_burst: 2, history_per_s: 10 },
  });
  await using home = await Home.create();
  await speak(server, 1, 12);
  const args = [
    "history",
    "lobby",
    "--limit",
    "12",
    "--json",
    "--server",
    `127.0.0.1:${server.port}`,
  ];
  const { out, code } = await runClient({ home, args });
  assertEquals([out.split("\n").length - 1, code], [12, 0]);
});
