// A random walk of many users through rooms of every kind, beside a small model of who may do what. Each reply
// is compared with the model's; each text names the users who may ever receive it.

import type { Frame, RawClient } from "./raw_client.ts";
import type { Random } from "../random.ts";

/** A user of the walk, and their one connection. */
export interface Walker {
  readonly name: string;
  readonly isGuest: boolean;
  readonly client: RawClient;
}

interface ModelRoom {
  readonly kind: "public" | "private" | "direct";
  readonly owner: string | undefined;
  readonly members: Set<string>;
  /** The users who are subscribed, members or not. */
  readonly subscribers: Set<string>;
  /** The users who were removed by the owner, and are not back. */
  readonly removed: Set<string>;
  topic: string;
  /** The texts of its log. */
  readonly log: string[];
}

const NAMES = ["ops", "plans", "secret", "den"] as const;

/** A step that differed from the model. */
export class WalkError extends Error {
  override readonly name = "WalkError";
}

export class RoomWalk {
  readonly #walkers: readonly Walker[];
  readonly #random: Random;
  readonly #settle: () => Promise<void>;
  readonly #rooms = new Map<string, ModelRoom>();
  /** Of each text: the users who may receive it. */
  readonly #readers = new Map<string, ReadonlySet<string>>();
  #texts = 0;
  #replies = 0;
  #refusals = 0;

  /** @param options.settle waits until what one server has stored holds on all */
  constructor(
    walkers: readonly Walker[],
    { random, settle }: { random: Random; settle: () => Promise<void> },
  ) {
    this.#walkers = walkers;
    this.#random = random;
    this.#settle = settle;
  }

  /** How many texts were written, replies compared, and how many of these were refusals. */
  get counts(): Readonly<Record<"texts" | "replies" | "refusals", number>> {
    return { texts: this.#texts, replies: this.#replies, refusals: this.#refusals };
  }

  /** Takes so many steps. @throws {WalkError} for a reply that the model does not expect */
  async walk(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) await this.#step();
  }

  /** @throws {WalkError} when a connection was sent a text that is for others alone */
  checkReceived(): void {
    for (const { name, client } of this.#walkers) {
      for (const [text, readers] of this.#readers) {
        if (!readers.has(name) && client.raw.includes(`"${text}"`)) {
          throw new WalkError(`${name} was sent ${text}, which is for ${[...readers].join(", ")}`);
        }
      }
      if (/@\d+:\d+/.test(client.raw)) throw new WalkError(`${name} was sent the key of a pair`);
    }
  }

  async #step(): Promise<void> {
    const walker = this.#random.pick(this.#walkers);
    const other = this.#random.pick(this.#walkers);
    const room = this.#random.pick(NAMES);
    const named = this.#random.chance(0.25) ? `@${other.name}` : room;
    const steps = [
      () => this.#join(walker, room),
      () => this.#leave(walker, named),
      () => this.#add(walker, { room: named, user: other.name }),
      () => this.#message(walker, named),
      () => this.#message(walker, named),
      () => this.#topic(walker, named),
      () => this.#history(walker, named),
      () => this.#members(walker, named),
      () => this.#resume(walker, named),
      () => this.#list(walker),
      () => this.#kick(walker, { room, user: other.name }),
    ];
    await this.#random.pick(steps)();
  }

  async #join(walker: Walker, room: string): Promise<void> {
    const create = this.#random.chance(0.5);
    const isPrivate = create && this.#random.chance(0.5);
    const found = this.#rooms.get(room);
    const visible = this.#find(walker, room);
    const request = { type: "join", room, create, private: isPrivate };
    let expected = "room";
    if (visible === undefined) expected = !create ? "no_such_room" : found ? "name_taken" : "room";
    else if (isPrivate && visible.kind !== "private") expected = "name_taken";
    await this.#expect(walker, request, expected);
    if (expected !== "room") return;
    const kind = isPrivate ? "private" : "public";
    const members = new Set([walker.name]);
    const created = newRoom({ kind, owner: walker.name, members });
    const joined = found ?? created;
    this.#rooms.set(room, joined);
    joined.members.add(walker.name);
    joined.subscribers.add(walker.name);
    joined.removed.delete(walker.name);
  }

  async #leave(walker: Walker, room: string): Promise<void> {
    const found = this.#find(walker, room);
    const { kind, members, subscribers } = found ?? {};
    let expected = "ok";
    if (found === undefined) expected = "no_such_room";
    else if (kind === "direct") expected = "forbidden";
    else if (!members?.has(walker.name) && !subscribers?.has(walker.name)) expected = "not_in_room";
    await this.#expect(walker, { type: "leave", room }, expected);
    if (expected !== "ok") return;
    members?.delete(walker.name);
    subscribers?.delete(walker.name);
  }

  async #add(walker: Walker, { room, user }: { room: string; user: string }): Promise<void> {
    const found = this.#find(walker, room);
    const mayAdd = found !== undefined && found.kind !== "direct" &&
      (found.kind === "private" || found.owner === walker.name);
    const expected = this.#refusal(walker, found) ?? (mayAdd ? "ok" : "forbidden");
    await this.#expect(walker, { type: "add", room, user }, expected);
    if (expected !== "ok" || found === undefined) return;
    found.members.add(user);
    found.removed.delete(user);
  }

  /** The owner removes a member, who may join again where everybody may. */
  async #kick(walker: Walker, { room, user }: { room: string; user: string }): Promise<void> {
    const found = this.#find(walker, room);
    const isMember = found?.members.has(walker.name) && found.members.has(user);
    if (found === undefined || !isMember) return;
    const isAllowed = found.owner === walker.name && user !== walker.name;
    const refusal = found.removed.has(walker.name) ? "not_in_room" : "forbidden";
    const expected = isAllowed ? "ok" : refusal;
    await this.#expect(walker, { type: "kick", room, user }, expected);
    if (!isAllowed) return;
    found.members.delete(user);
    found.subscribers.delete(user);
    found.removed.add(user);
    await this.#settle();
  }

  /** Why this walker may not use the room. */
  #refusal({ name }: Walker, found: ModelRoom | undefined): string | undefined {
    if (found === undefined) return "no_such_room";
    return found.removed.has(name) ? "not_in_room" : undefined;
  }

  async #message(walker: Walker, room: string): Promise<void> {
    const content = `text-${++this.#texts}-`;
    let found = this.#find(walker, room);
    let expected = this.#refusal(walker, found) ?? "ok";
    if (room.startsWith("@")) {
      const other = room.slice(1);
      const pair = new Set([walker.name, other]);
      if (walker.isGuest) expected = "forbidden";
      else if (this.#walkers.find(({ name }) => name === other)?.isGuest) expected = "no_such_user";
      else if (other === walker.name) expected = "bad_field";
      else expected = "ok";
      if (expected === "ok" && found === undefined) {
        found = newRoom({ kind: "direct", owner: undefined, members: pair });
        this.#rooms.set(pairName(pair), found);
      }
    }
    const everybody = new Set(this.#walkers.map(({ name }) => name));
    const isOpen = found === undefined || found.kind === "public";
    // One who becomes a member later may read what was written before.
    const readers = expected !== "ok" ? new Set<string>() : isOpen ? everybody : found?.members;
    this.#readers.set(content, readers ?? everybody);
    await this.#expect(walker, { type: "message", room, content }, expected);
    if (expected !== "ok" || found === undefined) return;
    found.log.push(content);
    if (found.kind === "private") this.#readers.set(content, this.#everMembers(found));
  }

  async #topic(walker: Walker, room: string): Promise<void> {
    const found = this.#find(walker, room);
    const isOwner = found?.owner === walker.name;
    const expected = this.#refusal(walker, found) ?? (isOwner ? "ok" : "forbidden");
    const topic = `topic ${++this.#texts}`;
    await this.#expect(walker, { type: "topic", room, topic }, expected);
    if (expected === "ok" && found !== undefined) {
      found.topic = topic;
      found.log.push("");
    }
  }

  async #history(walker: Walker, room: string): Promise<void> {
    const found = this.#find(walker, room);
    // A page ends where the walker's own server has delivered.
    if (found !== undefined) await this.#settle();
    const expected = this.#refusal(walker, found) ?? "page";
    const page = await this.#expect(walker, { type: "history", room, limit: 5 }, expected);
    if (found === undefined || expected !== "page") return;
    const contents = page.events.map(({ content }: Frame) => content);
    this.#same(contents.join(), found.log.slice(-5).join(), "history");
  }

  async #members(walker: Walker, room: string): Promise<void> {
    const found = this.#find(walker, room);
    const expected = this.#refusal(walker, found) ?? "members";
    const { members } = await this.#expect(walker, { type: "members", room }, expected);
    if (found === undefined || expected !== "members") return;
    const names = members.map(({ name }: Frame) => name);
    this.#same(names.toSorted().join(), [...found.members].toSorted().join(), "members");
  }

  async #resume(walker: Walker, room: string): Promise<void> {
    const found = this.#find(walker, room);
    const seq = found?.log.length ?? 0;
    const reply = await walker.client.ask({ type: "resume", rooms: [{ room, seq }] });
    const [resumed] = reply.rooms;
    const expected = this.#refusal(walker, found) ?? "resumed";
    this.#same(resumed.error ?? "resumed", expected, "resume");
    if (expected === "resumed") found?.subscribers.add(walker.name);
  }

  async #list(walker: Walker): Promise<void> {
    const { rooms } = await this.#expect(walker, { type: "rooms" }, "rooms");
    const listed = rooms.map(({ room, topic }: Frame) => `${room} ${topic}`).toSorted();
    const expected = NAMES.flatMap((name) => {
      const room = this.#rooms.get(name);
      const isListed = room?.kind === "public" || room?.members.has(walker.name);
      return room !== undefined && isListed ? [`${name} ${room.topic}`] : [];
    });
    expected.push("lobby ");
    this.#same(listed.join(), expected.toSorted().join(), "rooms");
  }

  /** The room of this name, if the walker may see it. */
  #find({ name }: Walker, room: string): ModelRoom | undefined {
    const key = room.startsWith("@") ? pairName(new Set([name, room.slice(1)])) : room;
    const found = this.#rooms.get(key);
    const isSeen = found?.kind === "public" || found?.members.has(name) || found?.owner === name;
    return isSeen ? found : undefined;
  }

  /** A set that grows with the room's members, and does not shrink. */
  #everMembers(room: ModelRoom): ReadonlySet<string> {
    const ever = new Set([...room.members, room.owner ?? ""]);
    const { members } = room;
    const add = members.add.bind(members);
    members.add = (name) => {
      ever.add(name);
      return add(name);
    };
    return ever;
  }

  async #expect({ name, client }: Walker, request: Frame, expected: string): Promise<Frame> {
    const reply = await client.ask(request);
    const outcome = reply.code ?? reply.type;
    this.#replies++;
    if (reply.type === "error") this.#refusals++;
    if (outcome === expected) return reply;
    const shown = JSON.stringify({ request, reply });
    throw new WalkError(`${name} got ${outcome}, not ${expected}: ${shown}`);
  }

  #same(actual: string, expected: string, what: string): void {
    if (actual !== expected) throw new WalkError(`${what}: ${actual}, not ${expected}`);
  }
}

function pairName(pair: ReadonlySet<string>): string {
  return [...pair].toSorted().join("&");
}

function newRoom(room: Pick<ModelRoom, "kind" | "owner" | "members">): ModelRoom {
  return { ...room, subscribers: new Set(), removed: new Set(), topic: "", log: [] };
}
