// What each standing in a room allows (protocol §4, §12): every request that names a room, by users of every
// standing, role and scope, in a public and in a private room. What roles alone allow is in access_test.ts.

import { assertEquals } from "@std/assert";
import type { ClientFrames, ClientFrameType } from "../../lib/wire/frame.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, greet, UNHURRIED } from "./scene.ts";

/** The requests with a field `room`: a new one without a row does not compile. */
type RoomRequest = {
  [T in ClientFrameType]: "room" extends keyof ClientFrames[T] ? T : never;
}[ClientFrameType];

/** Each request on a room in which `target` is a member. */
const REQUESTS: { readonly [T in RoomRequest]: (room: string, target: string) => object } = {
  join: (room) => ({ room }),
  leave: (room) => ({ room }),
  members: (room) => ({ room }),
  message: (room) => ({ room, content: "hi" }),
  edit: (room) => ({ room, seq: 1, content: "another" }),
  delete: (room) => ({ room, seq: 1 }),
  history: (room) => ({ room }),
  read: (room) => ({ room, seq: 1 }),
  later: (room) => ({ room, seq: 1, on: true }),
  add: (room) => ({ room, user: nameOf("nina") }),
  topic: (room) => ({ room, topic: "plans" }),
  typing: (room) => ({ room }),
  standing: (room, user) => ({ room, user, standing: "muted" }),
  kick: (room, user) => ({ room, user }),
  ban: (room, user) => ({ room, user }),
  unban: (room, user) => ({ room, user }),
  bans: (room) => ({ room }),
  moderation: (room) => ({ room }),
};

const STANDINGS = [
  "stranger",
  "member",
  "muted",
  "kicked",
  "banned",
  "moderator",
  "owner",
] as const;
const STRANGERS = ["guest", "operator", "admin"] as const;
const SCOPES = ["read", "send", "ask"] as const;
type Actor = typeof STANDINGS[number] | typeof STRANGERS[number] | typeof SCOPES[number];
const ACTORS: readonly Actor[] = [...STANDINGS, ...STRANGERS, ...SCOPES];

/** The outcomes of a request: the type of the reply or the code of its error, and for whom. */
type Outcomes = Readonly<Record<string, string>>;

const EXPECTED: Readonly<Record<"public" | "private", Readonly<Record<RoomRequest, Outcomes>>>> = {
  public: {
    join: {
      room: "stranger member muted kicked moderator owner guest operator admin read",
      banned: "banned",
      forbidden: "send ask",
    },
    leave: {
      not_in_room: "stranger kicked banned guest operator admin",
      ok: "member muted moderator owner read",
      forbidden: "send ask",
    },
    members: {
      members: "stranger member muted moderator owner guest operator admin read",
      not_in_room: "kicked",
      banned: "banned",
      forbidden: "send ask",
    },
    message: {
      ok: "stranger member moderator owner guest operator admin send",
      muted: "muted",
      not_in_room: "kicked",
      banned: "banned",
      forbidden: "read ask",
    },
    edit: {
      forbidden: "stranger member moderator owner guest operator admin read send ask",
      muted: "muted",
      not_in_room: "kicked",
      banned: "banned",
    },
    delete: {
      forbidden: "stranger member guest operator read send ask",
      muted: "muted",
      not_in_room: "kicked",
      banned: "banned",
      ok: "moderator owner admin",
    },
    history: {
      page: "stranger member muted moderator owner guest operator admin read",
      not_in_room: "kicked",
      banned: "banned",
      forbidden: "send ask",
    },
    later: {
      ok: "stranger member muted moderator owner guest operator admin read",
      not_in_room: "kicked",
      banned: "banned",
      forbidden: "send ask",
    },
    read: {
      not_in_room: "stranger kicked guest operator admin",
      ok: "member muted moderator owner read",
      banned: "banned",
      forbidden: "send ask",
    },
    add: {
      forbidden: "stranger member muted guest operator admin read send ask",
      not_in_room: "kicked",
      banned: "banned",
      ok: "moderator owner",
    },
    topic: {
      forbidden: "stranger member muted guest read send ask",
      not_in_room: "kicked",
      banned: "banned",
      ok: "moderator owner operator admin",
    },
    typing: {
      bad_field: "stranger member muted kicked banned moderator owner guest operator admin send",
      forbidden: "read ask",
    },
    standing: {
      forbidden: "stranger member muted guest operator read send ask",
      not_in_room: "kicked",
      banned: "banned",
      ok: "moderator owner admin",
    },
    kick: {
      forbidden: "stranger member muted guest operator read send ask",
      not_in_room: "kicked",
      banned: "banned",
      ok: "moderator owner admin",
    },
    ban: {
      forbidden: "stranger member muted guest operator read send ask",
      not_in_room: "kicked",
      banned: "banned",
      ok: "moderator owner admin",
    },
    unban: {
      forbidden: "stranger member muted guest operator read send ask",
      not_in_room: "kicked",
      banned: "banned",
      bad_field: "moderator owner admin",
    },
    bans: {
      forbidden: "stranger member muted guest operator read send ask",
      not_in_room: "kicked",
      banned: "banned",
      bans: "moderator owner admin",
    },
    moderation: {
      forbidden: "stranger member muted guest operator read send ask",
      not_in_room: "kicked",
      banned: "banned",
      moderation: "moderator owner admin",
    },
  },
  private: {
    join: {
      no_such_room: "stranger kicked banned guest operator admin",
      room: "member muted moderator owner read",
      forbidden: "send ask",
    },
    leave: {
      no_such_room: "stranger kicked banned guest operator admin",
      ok: "member muted moderator owner read",
      forbidden: "send ask",
    },
    members: {
      no_such_room: "stranger kicked banned guest operator admin",
      members: "member muted moderator owner read",
      forbidden: "send ask",
    },
    message: {
      no_such_room: "stranger kicked banned guest operator admin",
      ok: "member moderator owner send",
      muted: "muted",
      forbidden: "read ask",
    },
    edit: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member moderator owner read send ask",
      muted: "muted",
    },
    delete: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member read send ask",
      muted: "muted",
      ok: "moderator owner",
    },
    history: {
      no_such_room: "stranger kicked banned guest operator admin",
      page: "member muted moderator owner read",
      forbidden: "send ask",
    },
    later: {
      no_such_room: "stranger kicked banned guest operator admin",
      ok: "member muted moderator owner read",
      forbidden: "send ask",
    },
    read: {
      no_such_room: "stranger kicked banned guest operator admin",
      ok: "member muted moderator owner read",
      forbidden: "send ask",
    },
    add: {
      no_such_room: "stranger kicked banned guest operator admin",
      ok: "member moderator owner",
      forbidden: "muted read send ask",
    },
    topic: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      ok: "moderator owner",
    },
    typing: {
      no_such_room: "stranger kicked banned guest operator admin",
      bad_field: "member muted moderator owner send",
      forbidden: "read ask",
    },
    standing: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      ok: "moderator owner",
    },
    kick: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      ok: "moderator owner",
    },
    ban: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      ok: "moderator owner",
    },
    unban: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      bad_field: "moderator owner",
    },
    bans: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      bans: "moderator owner",
    },
    moderation: {
      no_such_room: "stranger kicked banned guest operator admin",
      forbidden: "member muted read send ask",
      moderation: "moderator owner",
    },
  },
};

/** Names that suggest authority are taken. */
function nameOf(actor: string): string {
  return `x-${actor}`;
}

class Cast {
  readonly #server: TestServer;
  readonly #clients = new Map<string, RawClient>();
  #rooms = 0;

  constructor(server: TestServer) {
    this.#server = server;
  }

  client(actor: string): RawClient {
    const client = this.#clients.get(actor);
    if (client === undefined) throw new Error(`${actor} is not there`);
    return client;
  }

  async enter(): Promise<void> {
    const admin = await comeBack(this.#server, this.#server.adminToken);
    this.#clients.set("admin", admin);
    for (const name of ["olga", "nina", ...STANDINGS, "operator"]) await this.#register(name);
    await admin.ask({ type: "account", name: nameOf("operator"), role: "operator" });
    this.#clients.set("guest", await greet(this.#server, nameOf("guest")));
    for (const scope of SCOPES) {
      await admin.ask({ type: "account", name: nameOf(scope), bot: true });
      const issued = { type: "token", label: scope, scopes: [scope], user: nameOf(scope) };
      const { token } = await admin.ask(issued);
      this.#clients.set(scope, await comeBack(this.#server, token));
    }
  }

  async #register(name: string): Promise<void> {
    const client = await greet(this.#server, nameOf(name));
    assertEquals((await client.ask({ type: "register" })).type, "ok", name);
    this.#clients.set(name, client);
  }

  /** A room of olga's in which the actor stands so, and `target` is a member. */
  async room(actor: Actor, kind: "public" | "private"): Promise<{ room: string; target: string }> {
    const room = `r${++this.#rooms}`;
    const target = `t${this.#rooms}`;
    const olga = this.client("olga");
    const ask = async (request: object): Promise<void> => {
      const reply = await olga.ask({ room, ...request });
      assertEquals(reply.type === "error" ? reply : undefined, undefined, JSON.stringify(request));
    };
    await ask({ type: "join", create: true, private: kind === "private" });
    await ask({ type: "message", content: "first" });
    await this.client("admin").ask({ type: "account", name: target });
    await ask({ type: "add", user: target });
    if (actor !== "stranger" && !STRANGERS.includes(actor as typeof STRANGERS[number])) {
      await ask({ type: "add", user: nameOf(actor) });
    }
    switch (actor) {
      case "muted":
      case "moderator":
      case "owner":
        await ask({ type: "standing", user: nameOf(actor), standing: actor });
        break;
      case "kicked":
        await ask({ type: "kick", user: nameOf(actor) });
        break;
      case "banned":
        await ask({ type: "ban", user: nameOf(actor) });
    }
    return { room, target };
  }
}

async function outcomeOf(client: RawClient, request: Frame): Promise<string> {
  if (request.type !== "typing") {
    const { type, code } = await client.ask(request);
    return code ?? type;
  }
  // It has no reply: a refusal comes before the reply to the next request.
  await client.send({ ...request, id: "refused" }, { type: "ping", id: "next" });
  let outcome = "none";
  for (let frame = await client.next(); frame.re !== "next"; frame = await client.next()) {
    if (frame.re === "refused") outcome = frame.code;
  }
  return outcome;
}

for (const kind of ["public", "private"] as const) {
  Deno.test(`standings: what each may do in a ${kind} room, by every request that names one`, async () => {
    const limits = { rooms_owned: 1_000, rooms_joined: 1_000, accounts_per_hour_per_ip: 1_000 };
    await using server = await startTestServer({ limits: { ...UNHURRIED, ...limits } });
    const cast = new Cast(server);
    await cast.enter();
    for (const [type, frame] of Object.entries(REQUESTS)) {
      const found: Record<string, string> = {};
      for (const actor of ACTORS) {
        const { room, target } = await cast.room(actor, kind);
        const outcome = await outcomeOf(cast.client(actor), { type, ...frame(room, target) });
        found[outcome] = found[outcome] === undefined ? actor : `${found[outcome]} ${actor}`;
      }
      assertEquals(found, EXPECTED[kind][type as RoomRequest], type);
    }
  });
}
