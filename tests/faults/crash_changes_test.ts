// Edits and deletes while the server is killed: each is there as a whole or not at all, and one that was
// acknowledged is there.

import { assert, assertEquals } from "@std/assert";
import type { Frame, Peer } from "../support/clients/peer.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { Random } from "../support/random.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const KILLS = 2;
const CHANGES = 400;
/** Replies after which the server is killed, at most. */
const MOST_REPLIES = 60;
const LIMITS = ["--limit", "all=off"];

async function enter(server: ChildServer, auth: object): Promise<{ peer: Peer; welcome: Frame }> {
  const peer = await server.connect();
  const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  assert(welcome !== undefined);
  return { peer, welcome };
}

/** All at once: messages, and changes of these and of earlier ones; kills the server in between. */
async function changeUntilKilled(
  server: ChildServer,
  { peer, random, last }: { peer: Peer; random: Random; last: number },
): Promise<readonly Frame[]> {
  const content = () => `text ${random.next()}`;
  const room = "lobby";
  for (let n = 0; n < CHANGES; n++) {
    const seq = 1 + random.below(last + n);
    const id = `${n}`;
    if (n < 10 || random.chance(0.3)) peer.send({ type: "message", id, room, content: content() });
    else if (random.chance(0.8)) peer.send({ type: "edit", id, room, seq, content: content() });
    else peer.send({ type: "delete", id, room, seq });
  }
  const replies: Frame[] = [];
  const most = 1 + random.below(MOST_REPLIES);
  let killed: Promise<unknown> | undefined;
  for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
    if (frame.re !== undefined) replies.push(frame);
    if (replies.length >= most) killed ??= server.kill();
  }
  await killed;
  return replies;
}

async function readAll(server: ChildServer, token: string): Promise<readonly Frame[]> {
  const { peer } = await enter(server, { method: "token", token });
  using _closed = peer;
  const events: Frame[] = [];
  for (let more = true; more;) {
    const after = events.at(-1)?.seq ?? 0;
    const page = await peer.ask({
      type: "history",
      id: `${after}`,
      room: "lobby",
      after,
      limit: 100,
    });
    events.push(...page?.events ?? []);
    more = page?.more_after === true;
  }
  return events;
}

/** A message has what its latest edit has, and nothing once it is deleted. */
function checkWhole(events: readonly Frame[]): void {
  assertEquals(events.map(({ seq }) => seq), events.map((_, at) => at + 1));
  const changes = Map.groupBy(events.filter(({ of }) => of !== undefined), ({ of }) => of);
  for (const { type, seq, content, edited, deleted } of events) {
    if (type !== "message") continue;
    const own = changes.get(seq) ?? [];
    const edits = own.filter(({ type }) => type === "edit");
    assertEquals(edited, edits.at(-1)?.seq);
    assertEquals(deleted, own.find(({ type }) => type === "delete")?.seq);
    assertEquals(content === undefined, deleted !== undefined);
    const current = edited === undefined ? [] : [content];
    assertEquals(
      edits.flatMap(({ content }) => content ?? []),
      deleted === undefined ? current : [],
    );
  }
}

Deno.test("crash: an edit and a delete are there as a whole or not at all", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  try {
    await killAndCheck(new Random(seed));
  } catch (error) {
    throw new Error(`Failed with the seed ${seed}`, { cause: error });
  }
});

async function killAndCheck(random: Random): Promise<void> {
  await using home = await temporaryDirectory();
  let auth: object = { method: "guest", name: "ada" };
  let token = "";
  let last = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await using server = await ChildServer.start({ directory: home.path, args: LIMITS });
    const { peer, welcome } = await enter(server, auth);
    using _closed = peer;
    token = welcome.token ?? token;
    auth = { method: "token", token };
    const replies = await changeUntilKilled(server, { peer, random, last });
    await using again = await ChildServer.start({ directory: home.path, args: LIMITS });
    const events = await readAll(again, token);
    checkWhole(events);
    for (const { type, seq, of, dup } of replies) {
      if (type !== "ok" || dup) continue;
      assertEquals(events[seq - 1]?.of, of, `${seq} was acknowledged`);
    }
    last = events.length;
  }
  assert(last > KILLS, `${last} events`);
}
