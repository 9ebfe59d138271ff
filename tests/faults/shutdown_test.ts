// A server told to stop in the middle of its work: what it has accepted it answers, everyone hears a
// goodbye and a proper end, and what is stored is exactly what was acknowledged.

import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { readSqlite } from "./crash/stored.ts";
import { ChildServer } from "./support/child_server.ts";
import type { Frame, Peer } from "./support/peer.ts";
import { temporaryDirectory } from "./support/temporary.ts";

const CLIENTS = 50;
const IN_FLIGHT = 16;
/** So many acknowledgements after the beginning the server is told to stop. */
const WORK = 500;
const STOP_MS = 5_000;

Deno.test("shutdown: under load everyone is answered, told and shown out", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off"],
  });
  const acked = new Set<string>();
  const busy = Promise.withResolvers<void>();
  const noteAck = (cid: string) => {
    acked.add(cid);
    if (acked.size === WORK) busy.resolve();
  };
  const talks = Array.from({ length: CLIENTS }, (_, n) => talkToTheEnd(server, { n, noteAck }));
  await Promise.race([busy.promise, Promise.all(talks)]);
  const started = performance.now();
  assertEquals(await server.terminate(), { success: true, code: 0, signal: null });
  assertLess(performance.now() - started, STOP_MS);
  for (const { ending, last } of await Promise.all(talks)) {
    assertEquals(ending, "fin");
    assertEquals([last?.type, last?.code, last?.reconnect], ["bye", "restarting", true]);
    assert(last?.after_ms >= 0 && last?.after_ms <= STOP_MS);
  }
  const { rows } = readSqlite(`${home.path}/data/parley.db`);
  assertEquals(new Set(rows.map(({ cid }) => cid)), acked);
  assertGreater(acked.size, WORK - 1);
  assertEquals(server.logged("stopped").map(({ everyone_shown_out: all }) => all), [true]);
});

/** Says one thing after another until the connection ends: how, and with which last word. */
async function talkToTheEnd(
  server: ChildServer,
  { n, noteAck }: { n: number; noteAck: (cid: string) => void },
): Promise<{ ending: Peer["ending"]; last: Frame | undefined }> {
  using peer = await server.connect();
  const auth = { method: "guest", name: `talker${n}` };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  let said = 0;
  const say = () => {
    const cid = `${n} ${said++}`;
    peer.send({ type: "message", id: cid, cid, room: "lobby", content: `word ${cid}` });
  };
  while (said < IN_FLIGHT) say();
  let last: Frame | undefined;
  for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
    last = frame;
    if (frame.type !== "ok") continue;
    noteAck(frame.re);
    say();
  }
  return { ending: peer.ending, last };
}

Deno.test("shutdown: the second signal does not wait for those who will not go", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({ directory: home.path });
  // It has been shown out, and does not leave.
  using peer = await server.connect();
  peer.send({ type: "ping", id: "ping" });
  assertEquals((await peer.next())?.type, "pong");
  const first = server.terminate();
  assertEquals((await peer.next())?.type, "bye");
  const started = performance.now();
  await server.terminate();
  assertEquals((await first).code, 1);
  assertLess(performance.now() - started, 300);
});
