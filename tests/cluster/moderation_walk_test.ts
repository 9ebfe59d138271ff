// A random walk of moderation through a public and a private room, on one server and on two, against a small
// model: who is what, who is outside, and what each request comes to.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { Random } from "../support/random.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { greet, join, UNHURRIED } from "../protocol/scene.ts";

const NAMES = ["ann", "bob", "eve", "ian"] as const;
type Name = (typeof NAMES)[number];
type Standing = "owner" | "moderator" | "member" | "muted";
const RANKS = { muted: 0, member: 0, moderator: 1, owner: 2 } as const;

/** What is true of one room, as the rules have it. */
class Model {
  readonly isPrivate: boolean;
  readonly standings = new Map<Name, Standing>([["ann", "owner"]]);
  readonly members = new Set<Name>(["ann"]);
  readonly banned = new Set<Name>();
  readonly removed = new Set<Name>();

  constructor(options: { isPrivate: boolean }) {
    this.isPrivate = options.isPrivate;
  }

  standing(name: Name): Standing {
    const standing = this.standings.get(name) ?? "member";
    return this.isPrivate && !this.members.has(name) ? "member" : standing;
  }

  rank(name: Name): number {
    return RANKS[this.standing(name)];
  }

  /** Why nothing may be done; undefined when the user is in. */
  barOf(name: Name): string | undefined {
    if (this.isPrivate && !this.members.has(name)) return "no_such_room";
    if (this.banned.has(name)) return "banned";
    return this.removed.has(name) ? "not_in_room" : undefined;
  }

  get owners(): number {
    return NAMES.filter((name) => this.standings.get(name) === "owner").length;
  }

  join(name: Name): string {
    const bar = this.barOf(name);
    if (bar !== undefined && bar !== "not_in_room") return bar;
    this.members.add(name);
    this.removed.delete(name);
    return "room";
  }

  send(name: Name): string {
    return this.barOf(name) ?? (this.standing(name) === "muted" ? "muted" : "ok");
  }

  read(name: Name): string {
    return this.barOf(name) ?? "page";
  }

  /** Whether the actor may act at all, and on this user. */
  #refusal(actor: Name, target: Name): string | undefined {
    const bar = this.barOf(actor);
    if (bar !== undefined) return bar;
    if (this.rank(actor) < RANKS.moderator) return "forbidden";
    return actor !== target && this.rank(target) >= this.rank(actor) ? "forbidden" : undefined;
  }

  remove(act: "kick" | "ban", actor: Name, target: Name): string {
    const refusal = this.#refusal(actor, target);
    if (refusal !== undefined) return refusal;
    if (this.standing(target) === "owner" && this.owners <= 1) return "forbidden";
    if (act === "kick" && !this.members.has(target)) return "not_in_room";
    if (actor === target) return "forbidden";
    if (act === "ban") this.banned.add(target);
    this.members.delete(target);
    this.removed.add(target);
    if (this.standings.get(target) !== "muted") this.standings.delete(target);
    return "ok";
  }

  unban(actor: Name, target: Name): string {
    const bar = this.barOf(actor);
    if (bar !== undefined) return bar;
    if (this.rank(actor) < RANKS.moderator) return "forbidden";
    return this.banned.delete(target) ? "ok" : "bad_field";
  }

  set(actor: Name, target: Name, standing: Standing): string {
    const refusal = this.#refusal(actor, target);
    if (refusal !== undefined) return refusal;
    if (standing !== "owner" && this.standing(target) === "owner" && this.owners <= 1) {
      return "forbidden";
    }
    if (actor === target && standing === "muted") return "forbidden";
    const isAppointed = standing === "owner" || standing === "moderator";
    const isStepDown = actor === target && RANKS[standing] <= this.rank(actor);
    if (isAppointed && this.rank(actor) < RANKS.owner && !isStepDown) return "forbidden";
    if ((isAppointed || this.isPrivate) && !this.members.has(target)) return "not_in_room";
    if (standing === "member") this.standings.delete(target);
    else this.standings.set(target, standing);
    return "ok";
  }
}

interface Scene {
  readonly clients: ReadonlyMap<Name, RawClient>;
  readonly room: string;
  readonly model: Model;
  readonly settle: () => Promise<void>;
}

async function outcomeOf(client: RawClient, request: object): Promise<string> {
  const reply: Frame = await client.ask(request);
  return reply.code ?? reply.type;
}

/** One request of one user, and what the model has it come to. */
function choose(
  random: Random,
  { model, room }: Scene,
): { actor: Name; request: object; expected: string } {
  const [actor, user] = [random.pick(NAMES), random.pick(NAMES)];
  const standing = random.pick(["owner", "moderator", "member", "muted"] as const);
  const choices = [
    () => [{ type: "join" }, model.join(actor)],
    () => [{ type: "message", content: "hi" }, model.send(actor)],
    () => [{ type: "history" }, model.read(actor)],
    () => [{ type: "kick", user }, model.remove("kick", actor, user)],
    () => [{ type: "ban", user }, model.remove("ban", actor, user)],
    () => [{ type: "unban", user }, model.unban(actor, user)],
    () => [{ type: "standing", user, standing }, model.set(actor, user, standing)],
    () => [{ type: "standing", user, standing }, model.set(actor, user, standing)],
  ] as const;
  const [request, expected] = random.pick(choices)();
  return { actor, request: { ...(request as object), room }, expected: expected as string };
}

/** @returns the outcomes of its requests */
async function walk(
  scene: Scene,
  { seed, steps }: { seed: number; steps: number },
): Promise<ReadonlySet<string>> {
  const outcomes = new Set<string>();
  const random = new Random(seed);
  const { clients, model, room } = scene;
  for (let step = 0; step < steps; step++) {
    const { actor, request, expected } = choose(random, scene);
    const outcome = await outcomeOf(clients.get(actor) as RawClient, request);
    const what = `step ${step} of seed ${seed}: ${actor} ${JSON.stringify(request)}`;
    assertEquals(outcome, expected, what);
    outcomes.add(outcome);
    await scene.settle();
    if (!model.isPrivate || !random.chance(0.3)) continue;
    const user = random.pick(NAMES);
    const adder = NAMES.find((name) => model.send(name) === "ok" && model.members.has(name));
    if (adder === undefined || model.members.has(user)) continue;
    const added = await outcomeOf(clients.get(adder) as RawClient, { type: "add", room, user });
    assertEquals(added, model.banned.has(user) ? "banned" : "ok", `${what}, then ${user} is added`);
    if (added === "ok") {
      model.members.add(user);
      model.removed.delete(user);
    }
    await scene.settle();
  }
  return outcomes;
}

for (const isPrivate of [false, true]) {
  for (const servers of [1, 2]) {
    const what = `${isPrivate ? "a private" : "a public"} room on ${servers}`;
    Deno.test(`moderation: a random walk in ${what} goes by the rules`, async () => {
      const net = new MemoryNet();
      const limits = { ...UNHURRIED, rooms_owned: 100 };
      await using one = await startTestServer({ bus: net.join(), pace: 0.01, limits });
      await using stack = new AsyncDisposableStack();
      const both = servers === 1 ? [one] : [
        one,
        stack.use(await startTestServer({ bus: net.join(), beside: one, pace: 0.01, limits })),
      ];
      const outcomes = new Set<string>();
      for (let seed = 1; seed <= 3; seed++) {
        for (const outcome of await walkOnce(both, { seed, isPrivate })) outcomes.add(outcome);
      }
      // It has met the rules.
      const wanted = ["ok", "room", "page", "muted", "banned", "forbidden", "not_in_room"];
      assertEquals(wanted.filter((outcome) => !isPrivate && !outcomes.has(outcome)), []);
      assertEquals(isPrivate && !outcomes.has("no_such_room"), false);
    });
  }
}

async function walkOnce(
  servers: readonly TestServer[],
  { seed, isPrivate }: { seed: number; isPrivate: boolean },
): Promise<ReadonlySet<string>> {
  const clients = new Map<Name, RawClient>();
  const room = `room-${seed}`;
  for (const [at, name] of NAMES.entries()) {
    const server = servers[at % servers.length] as TestServer;
    // The names of the walk before are still held by their tokens.
    const client = await greet(server, `${name}-${seed}`);
    clients.set(name, client);
  }
  await join(clients.get("ann") as RawClient, room, { create: true, private: isPrivate });
  const settle = async () => {
    for (const { server } of new Set(servers)) await server.hub.poll("all");
  };
  const model = new Model({ isPrivate });
  const named = new Map([...clients].map(([name, client]) => [name, renamed(client, seed)]));
  const outcomes = await walk({ clients: named, room, model, settle }, { seed, steps: 150 });
  for (const client of clients.values()) client.close();
  return outcomes;
}

/** A client whose requests name users by the names that they have in this walk. */
function renamed(client: RawClient, seed: number): RawClient {
  const ask = client.ask.bind(client);
  client.ask = (request) => {
    const { user } = request as { user?: string };
    return ask(user === undefined ? request : { ...request, user: `${user}-${seed}` });
  };
  return client;
}
