// A random walk of messages, replies, edits, deletes and resends by several people on two servers, several at
// once, against a small model: replies, pages, replays, searches, what is unread, and what is in the tables.

import { assert, assertEquals } from "@std/assert";
import { comeBack, enter, UNHURRIED } from "../../protocol/scene.ts";
import type { Frame, RawClient } from "../../support/clients/raw_client.ts";
import { MemoryNet } from "../../support/fakes/memory_net.ts";
import { Random } from "../../support/random.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { openMigrated, type TestDatabase, testEachStore } from "../../support/stores/databases.ts";
import { findInTables } from "../../support/stores/table_search.ts";
import { eventually } from "../../support/waiting.ts";
import { type Act, ChangesModel, type ShownEvent } from "./model.ts";

const STEPS = 100;
const NAMES = ["ann", "bob", "kim"] as const;
type Name = (typeof NAMES)[number] | "admin";

interface Scene {
  readonly servers: readonly TestServer[];
  readonly clients: ReadonlyMap<string, RawClient>;
  readonly random: Random;
  readonly model: ChangesModel;
  /** What was sent, to be sent again. */
  readonly sent: { readonly act: Act; readonly seq: number }[];
}

function clientOf(clients: Scene["clients"], name: string): RawClient {
  const client = clients.get(name);
  if (client === undefined) throw new Error(`${name} is not there`);
  return client;
}

function word(random: Random): string {
  const codes = Array.from({ length: 12 }, () => random.integer(0x61, 0x77));
  return `x${String.fromCharCode(...codes)}`;
}

function textOf(random: Random): string {
  const name = random.chance(0.3) ? ` @${random.pick(NAMES)}` : "";
  // The index keeps long messages in another way.
  const words = Array.from({ length: random.chance(0.1) ? 180 : 2 }, () => word(random));
  return `${words.join(" ")}${name}`;
}

/** Often a message that the user may change, and one that was changed before: the others are refused. */
function chooseTarget({ random, model }: Pick<Scene, "random" | "model">, user: string): number {
  const own = model.standingOf(user);
  const edited = own.filter(({ edited }) => edited !== undefined);
  if (edited.length > 0 && random.chance(0.3)) return random.pick(edited).seq;
  if (own.length > 0 && random.chance(0.4)) return random.pick(own).seq;
  return random.integer(Math.max(1, model.last - 12), model.last + 1);
}

function choose({ random, model, sent }: Scene, step: string): Act {
  const user = random.pick<Name>(random.chance(0.1) ? ["admin"] : NAMES);
  const again = random.chance(0.15) && sent.length > 0 ? random.pick(sent) : undefined;
  if (again !== undefined) return again.act;
  const target = chooseTarget({ random, model }, user);
  const text = { content: textOf(random), cid: step };
  if (random.chance(0.4)) return { type: "message", user, ...text };
  if (random.chance(0.2)) return { type: "message", user, ...text, target };
  if (random.chance(0.6)) return { type: "edit", user, ...text, target };
  return { type: "delete", user, target };
}

function requestOf({ type, content, cid, target }: Act): Frame {
  const named = type === "message" ? { to: target } : { seq: target };
  return { type, room: "lobby", content, cid, ...named };
}

/** Acts of several users at once: each stored one was allowed at its place, each refusal at some moment. */
async function act(scene: Scene, step: number): Promise<void> {
  const { clients, random, model, sent } = scene;
  const count = random.chance(0.5) ? 1 : random.integer(2, 4);
  const chosen = Array.from({ length: count }, (_, at) => choose(scene, `${step}-${at}`));
  const acts = [...new Map(chosen.map((act) => [act.user, act])).values()];
  const replies = await Promise.all(acts.map(async (act) => ({
    act,
    reply: await clientOf(clients, act.user).ask(requestOf(act)),
  })));
  const isNew = ({ reply }: { reply: Frame }) => reply.type === "ok" && reply.dup === undefined;
  const possible = new Map(acts.map((act) => [act, new Set([model.judge(act)])]));
  for (const { act, reply } of replies.filter(isNew).sort((a, b) => a.reply.seq - b.reply.seq)) {
    assertEquals(reply.seq, model.last + 1);
    assertEquals(model.judge(act), "ok", JSON.stringify([act, reply]));
    model.store(act);
    if (act.cid !== undefined) sent.push({ act, seq: reply.seq });
    for (const [other, outcomes] of possible) outcomes.add(model.judge(other));
  }
  for (const { act, reply } of replies.filter((one) => !isNew(one))) {
    const prior = sent.find((one) => one.act.cid === act.cid && act.cid !== undefined);
    if (prior !== undefined) assertEquals([reply.dup, reply.seq], [true, prior.seq]);
    else if (reply.type === "ok") assertEquals(reply.seq, model.deletionOf(act.target));
    else assert(possible.get(act)?.has(reply.code), JSON.stringify([act, reply]));
  }
}

function shown(events: readonly Frame[]): readonly ShownEvent[] {
  return events.map(({ type, seq, from, content, to, of, edited, deleted }) => (
    { type, seq, from, content, to, of, edited, deleted } as ShownEvent
  ));
}

/** All events, once the server of this reader has them. */
async function readAll(reader: RawClient, last: number): Promise<readonly Frame[]> {
  return await eventually(async () => {
    const events: Frame[] = [];
    for (let more = true; more;) {
      const after = events.at(-1)?.seq ?? 0;
      const page = await reader.ask({ type: "history", room: "lobby", after, limit: 100 });
      events.push(...page.events);
      more = page.more_after;
    }
    return events;
  }, (events) => events.length === last);
}

async function checkPages({ servers, model }: Scene): Promise<void> {
  for (const server of servers) {
    const reader = await comeBack(server, server.adminToken);
    assertEquals(shown(await readAll(reader, model.last)), model.above(0));
    reader.close();
  }
}

async function checkReplay({ servers, random, model }: Scene): Promise<void> {
  const server = random.pick(servers);
  const reader = await comeBack(server, server.adminToken);
  const cursor = Math.max(0, model.last - random.below(60));
  await reader.ask({ type: "resume", rooms: [{ room: "lobby", seq: cursor }] });
  const events: Frame[] = [];
  while (events.length < model.last - cursor) events.push(await reader.next());
  assertEquals(shown(events), model.above(cursor));
  reader.close();
}

/**
 * The seqs of all hits, page by page: a page ends in time, however few it has. Undefined when a busy
 * database has given up.
 */
async function search(client: RawClient, query: string): Promise<readonly number[] | undefined> {
  const seqs: number[] = [];
  let from: string | undefined;
  do {
    const reply = await client.ask({ type: "search", query, from });
    if (reply.code === "unavailable") return undefined;
    assertEquals(reply.type, "found", JSON.stringify([query, reply]));
    const { events, next } = reply;
    seqs.push(...events.map(({ seq }: Frame) => seq));
    from = next;
  } while (from !== undefined);
  return seqs;
}

/** @param options.isQuiet whether nothing else happens: then the database must answer */
async function checkSearch(
  { clients, random, model }: Scene,
  { isQuiet = false } = {},
): Promise<void> {
  const texts = model.above(0).flatMap(({ content }) => content ?? []);
  const standing = texts.length === 0 ? [] : [random.pick(texts)];
  for (const text of [...standing, ...[...model.gone].slice(-3)]) {
    const [word = ""] = text.split(" ");
    const client = clientOf(clients, random.pick(NAMES));
    const found = await eventually(
      () => search(client, word),
      (seqs) => seqs !== undefined || !isQuiet,
    );
    if (found !== undefined) assertEquals(found, model.withWord(word), text);
  }
}

async function checkUnread({ clients, random, model }: Scene): Promise<void> {
  const name = random.pick(NAMES);
  const client = clientOf(clients, name);
  const { rooms: [{ unread, mentions }] } = await client.ask({ type: "rooms", joined: true });
  assertEquals([unread, mentions], model.unreadOf(name), name);
  if (!random.chance(0.4)) return;
  await client.ask({ type: "read", room: "lobby", seq: model.last });
  model.markRead(name);
}

async function walk(servers: readonly TestServer[], random: Random): Promise<ChangesModel> {
  const [one, other = one] = servers as readonly [TestServer, TestServer?];
  const clients = new Map<string, RawClient>([
    ["ann", await enter(one, "ann")],
    ["bob", await enter(other, "bob")],
    ["kim", await enter(one, "kim")],
    ["admin", await comeBack(other, other.adminToken)],
  ]);
  const model = new ChangesModel({ members: NAMES, moderator: "admin" });
  const scene = { servers, clients, random, model, sent: [] };
  for (let step = 1; step <= STEPS; step++) {
    await act(scene, step);
    if (random.chance(0.1)) await one.repository.search.index();
    if (random.chance(0.15)) await checkSearch(scene);
    if (random.chance(0.15)) await checkUnread(scene);
    if (random.chance(0.05)) {
      await checkPages(scene);
      await checkReplay(scene);
    }
  }
  await checkPages(scene);
  await checkSearch(scene, { isQuiet: true });
  return model;
}

/** Two servers: of MySQL each with its own way to the store, of SQLite with one. */
async function walkStore(database: TestDatabase, random: Random): Promise<ChangesModel> {
  const net = new MemoryNet();
  const options = { limits: UNHURRIED, monotonic: () => performance.now() * 1_000 };
  const isShared = database.url.startsWith("sqlite:");
  const first = { ...options, bus: net.join(), driver: await openMigrated(database) };
  await using one = await startTestServer(first);
  await using other = await startTestServer({
    ...options,
    bus: net.join(),
    ...(isShared
      ? { beside: one }
      : { driver: await openMigrated(database), directory: one.directory }),
  });
  return await walk([one, other], random);
}

testEachStore(
  "changes: two servers do what the model does, and nothing that is deleted is in a table",
  async (database) => {
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    try {
      const model = await walkStore(database, new Random(seed));
      assert(model.gone.size > 3, `${model.gone.size} texts were changed`);
      // The end of a word: an index may keep its beginning with another one.
      const wanted = [...model.gone].flatMap((text) => text.split(" ").slice(0, 2))
        .map((word) => word.slice(-8));
      assertEquals(await findInTables(database, wanted), []);
      const standing = model.above(0).flatMap(({ content }) => content?.split(" ")[0] ?? []);
      assert((await findInTables(database, [standing[0]?.slice(-8) ?? ""])).length > 0);
    } catch (error) {
      throw new Error(`Failed with the seed ${seed}`, { cause: error });
    }
  },
);
