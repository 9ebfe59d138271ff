// A random walk of messages, changes, reads, ignores, removals and bookmarks, on two servers of one store, against
// a small model: what is in the inbox and among the bookmarks of each user, by either server.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../../lib/server/tokens.ts";
import type { Frame, RawClient } from "../../support/clients/raw_client.ts";
import { MemoryNet } from "../../support/fakes/memory_net.ts";
import { Random } from "../../support/random.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { openMigrated, testEachStore } from "../../support/stores/databases.ts";
import { eventually } from "../../support/waiting.ts";
import { comeBack, UNHURRIED } from "../../protocol/scene.ts";
import { InboxModel } from "./model.ts";

const NAMES = ["ann", "bob", "eve"] as const;
const OWNER = "ann";
const OTHERS = ["bob", "eve"] as const;
const PRIVATE = ["ops", "dev"] as const;
/** The direct conversations, by the pair and by the name that each of the two has for it. */
const PAIRS = [["ann", "bob"], ["bob", "eve"]] as const;
const STEPS = 120;

/** The users of the walk, each with a connection to each server. */
class Walk {
  readonly model = new InboxModel();
  readonly #random: Random;
  readonly #clients: ReadonlyMap<string, readonly RawClient[]>;

  constructor(random: Random, clients: ReadonlyMap<string, readonly RawClient[]>) {
    this.#random = random;
    this.#clients = clients;
  }

  async begin(): Promise<void> {
    for (const room of PRIVATE) {
      await this.#ask(OWNER, { type: "join", room, create: true, private: true });
      this.model.open(room, [OWNER]);
      for (const name of OTHERS) await this.#add(room, name);
    }
    for (const pair of PAIRS) {
      this.model.open(`@${pair.join("-")}`, pair);
      await this.#say(pair[0], `@${pair.join("-")}`);
    }
  }

  async step(): Promise<void> {
    const random = this.#random;
    const name = random.pick(NAMES);
    const room = random.pick([...this.model.rooms.keys()].filter((room) => this.#isIn(name, room)));
    if (room === undefined) return;
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        return await this.#say(name, room);
      case 3:
      case 4:
        return await this.#change(name, room, random.chance(0.6));
      case 5:
        return await this.#read(name, room);
      case 6:
        return await this.#ignore(name);
      case 7:
        return await this.#moveMember(random.pick(PRIVATE), random.pick(OTHERS));
      default:
        return await this.#mark(name, room);
    }
  }

  /** Compares what each user is given by each server. */
  async check(): Promise<void> {
    for (const name of NAMES) {
      const limit = this.#random.integer(1, 4);
      const expected = [this.model.inboxOf(name), this.model.latersOf(name)];
      for (const client of this.#clients.get(name) ?? []) {
        const found = await eventually(
          async () => [
            await entriesOf(client, { type: "inbox", limit, describe: describeEntry(name) }),
            await entriesOf(client, {
              type: "laters",
              limit,
              describe: ({ event }) => `${keyOf(event.room, name)}:${event.seq}`,
            }),
          ],
          (answer) => JSON.stringify(answer) === JSON.stringify(expected),
        ).catch((error) => error);
        assertEquals(found, expected, name);
      }
    }
  }

  #isIn(name: string, room: string): boolean {
    return this.model.get(room).members.has(name);
  }

  async #say(name: string, room: string): Promise<void> {
    const { messages } = this.model.get(room);
    const random = this.#random;
    const to = messages.size > 0 && random.chance(0.3)
      ? random.pick([...messages.keys()])
      : undefined;
    const text = this.#text();
    await this.#ask(name, { type: "message", room: nameOf(room, name), content: text, to });
    this.model.say(name, { room, text, ...to === undefined ? {} : { to } });
    await this.#settle(name, room);
  }

  async #change(name: string, room: string, edits: boolean): Promise<void> {
    const own = [...this.model.get(room).messages.values()]
      .filter(({ from, isDeleted }) => from === name && !isDeleted);
    if (own.length === 0) return;
    const { seq } = this.#random.pick(own);
    const where = { room: nameOf(room, name), seq };
    if (edits) {
      const text = this.#text();
      await this.#ask(name, { type: "edit", ...where, content: text });
      this.model.edit(room, { seq, text });
    } else {
      await this.#ask(name, { type: "delete", ...where });
      this.model.delete(room, seq);
    }
    await this.#settle(name, room);
  }

  async #read(name: string, room: string): Promise<void> {
    const seq = this.#random.integer(0, this.model.get(room).last);
    await this.#ask(name, { type: "read", room: nameOf(room, name), seq });
    this.model.read(name, room, seq);
  }

  async #ignore(name: string): Promise<void> {
    const other = this.#random.pick(NAMES.filter((one) => one !== name));
    const on = this.#random.chance(0.5);
    await this.#ask(name, { type: "ignore", user: other, on });
    this.model.ignore(name, other, on);
  }

  async #moveMember(room: string, name: string): Promise<void> {
    if (!this.#isIn(name, room)) return await this.#add(room, name);
    await this.#ask(OWNER, { type: "kick", room, user: name });
    this.model.get(room).members.delete(name);
  }

  async #add(room: string, name: string): Promise<void> {
    await this.#ask(OWNER, { type: "add", room, user: name });
    const { members, last } = this.model.get(room);
    members.set(name, last);
    // The other server learns of it in a moment.
    await this.#settle(name, room);
  }

  async #mark(name: string, room: string): Promise<void> {
    const { messages } = this.model.get(room);
    const standing = [...messages.values()].filter(({ isDeleted }) => !isDeleted);
    if (standing.length === 0) return;
    const { seq } = this.#random.pick(standing);
    const on = this.#random.chance(0.7);
    await this.#ask(name, { type: "later", room: nameOf(room, name), seq, on });
    this.model.mark(name, { room, seq, on });
  }

  #text(): string {
    const names = NAMES.filter(() => this.#random.chance(0.3)).map((name) => `@${name}`);
    return [...names, `text ${this.#random.below(1_000)}`].join(" ");
  }

  /** Asks by one of the servers. */
  async #ask(name: string, request: Frame): Promise<void> {
    const reply = await this.#random.pick(this.#clients.get(name) ?? []).ask(request);
    if (reply.type === "error") throw new Error(`${name}: ${JSON.stringify([request, reply])}`);
  }

  /** Both servers have delivered what is in the room, and let the user read it. */
  async #settle(name: string, room: string): Promise<void> {
    const { last } = this.model.get(room);
    for (const client of this.#clients.get(name) ?? []) {
      await eventually(
        () => client.ask({ type: "history", room: nameOf(room, name), limit: 1 }),
        ({ events }) => events !== undefined && (events.at(-1)?.seq ?? 0) === last,
      );
    }
  }
}

/** The name of a room for a user: of a pair that of the other. */
function nameOf(room: string, name: string): string {
  if (!room.startsWith("@")) return room;
  const [low = "", high = ""] = room.slice(1).split("-");
  return `@${low === name ? high : low}`;
}

/** The room that has this name for the user. */
function keyOf(room: string, name: string): string {
  if (!room.startsWith("@")) return room;
  return `@${[name, room.slice(1)].toSorted().join("-")}`;
}

function describeEntry(name: string): (entry: Frame) => string {
  return ({ reason, read, event }) =>
    `${reason} ${keyOf(event.room, name)} ${read}:${event.seq} ${event.content}`;
}

async function entriesOf(
  client: RawClient,
  { type, limit, describe }: {
    type: "inbox" | "laters";
    limit: number;
    describe: (entry: Frame) => string;
  },
): Promise<readonly string[]> {
  const entries: string[] = [];
  let from: string | undefined;
  do {
    const page = await client.ask({ type, limit, from });
    entries.push(...page.entries.map(describe));
    from = page.next;
  } while (from !== undefined);
  return entries;
}

async function connect(
  name: string,
  servers: readonly TestServer[],
): Promise<readonly [string, readonly RawClient[]]> {
  const [{ repository: { users } }] = servers as [TestServer];
  const { id } = await users.ensureAccount({ name: userNameOf(name), role: "member", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  return [name, await Promise.all(servers.map((server) => comeBack(server, token)))];
}

testEachStore("inbox: a random walk on two servers is as the rules have it", async (database) => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const net = new MemoryNet();
  const options = { limits: UNHURRIED, pace: 20 };
  await using one = await startTestServer({
    ...options,
    bus: net.join(),
    driver: await openMigrated(database),
  });
  await using other = await startTestServer({ ...options, bus: net.join(), beside: one });
  try {
    const clients = await Promise.all(NAMES.map((name) => connect(name, [one, other])));
    const walk = new Walk(new Random(seed), new Map(clients));
    await walk.begin();
    for (let step = 0; step < STEPS; step++) {
      await walk.step();
      if (step % 8 === 0) await walk.check();
    }
    await walk.check();
  } catch (error) {
    throw new Error(`Failed with the seed ${seed}`, { cause: error });
  }
});
