// Who may do what (protocol §4, §10): every request, by every role, of every kind of room. A room that may
// not be seen is answered like one that does not exist, byte for byte.

import { assertEquals, assertNotEquals } from "@std/assert";
import { COMMANDS } from "../../lib/server/commands/mod.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { openSqlite } from "../../lib/store/sqlite/driver.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import type { ClientFrameType } from "../../lib/wire/frame.ts";
import type { Role } from "../../lib/wire/frames/roles.ts";
import { ROLES } from "../../lib/wire/frames/roles.ts";
import type { Limits } from "../../lib/wire/limits.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, greet, hello, UNHURRIED } from "./scene.ts";

const LIMITS: Partial<Limits> = {
  ...UNHURRIED,
  inquiries_open: 1_000,
  inquiries_open_guest: 1_000,
  inquiries_burst: 1_000,
  inquiries_per_hour_per_ip: 1_000,
  rooms_owned: 1_000,
  rooms_joined: 1_000,
};

/**
 * What a request may name: a room of each kind, one in which the user is a member, or none. The direct
 * conversation is one of the user's own, which a guest has not: those of others have no name.
 */
const KINDS = [
  "public",
  "private",
  "own private",
  "direct",
  "inquiry",
  "own inquiry",
  "desk",
  "missing",
] as const;
type Kind = (typeof KINDS)[number];

/** The reply's type, or the code of its error; one for every role, or one for each in order. */
type Outcome = string | readonly [guest: string, member: string, operator: string, admin: string];

/** A request, and its outcome for each kind of room; without a room, `any` is its outcome. */
interface Row {
  frame(ref: string): Readonly<Record<string, unknown>>;
  readonly outcomes: Readonly<Record<Kind, Outcome>> | { readonly any: Outcome };
}

const HIDDEN = "no_such_inquiry";
const MISSING = "no_such_room";
const numberOf = (ref: string) => Number(ref.replace("?", "")) || 999_999;

/** The outcome of what only users with an account may do in a direct conversation. */
function direct(outcome: string, { guest = MISSING } = {}): Outcome {
  return [guest, outcome, outcome, outcome];
}

/** The outcomes where members, operators and askers may do what everybody may in a public room. */
function readable(outcome: string): Record<Kind, Outcome> {
  return {
    public: outcome,
    private: MISSING,
    "own private": outcome,
    direct: direct(outcome),
    inquiry: [HIDDEN, HIDDEN, outcome, outcome],
    "own inquiry": outcome,
    desk: atDesk(outcome),
    missing: MISSING,
  };
}

/** The outcome for the operators, for whom alone there is a desk. */
function atDesk(outcome: string): Outcome {
  return [MISSING, MISSING, outcome, outcome];
}

/** The outcomes where the moderators of a room may, and administrators in public rooms. */
function moderated(outcome: string): Record<Kind, Outcome> {
  return {
    public: forAdmins(outcome),
    private: MISSING,
    "own private": "forbidden",
    direct: direct("forbidden"),
    inquiry: [HIDDEN, HIDDEN, "forbidden", "forbidden"],
    "own inquiry": "forbidden",
    desk: atDesk("forbidden"),
    missing: MISSING,
  };
}

function forAdmins(outcome: string): Outcome {
  return ["forbidden", "forbidden", "forbidden", outcome];
}

/** The requests that name an inquiry by its number alone. */
const BY_NUMBER = new Set([
  ...["note", "draft", "canned", "respond", "decide", "withdraw", "question"],
  ...["claim", "release", "assign", "snooze", "resolve", "reopen", "seen"],
]);

/** A request that names an inquiry by its number finds none in rooms of other kinds. */
const NO_INQUIRY = {
  public: HIDDEN,
  private: HIDDEN,
  "own private": HIDDEN,
  direct: HIDDEN,
  desk: HIDDEN,
  missing: HIDDEN,
} as const;

/** A type without a row does not compile. */
const TABLE: { readonly [T in ClientFrameType]: readonly [Row, ...Row[]] } = {
  hello: [{ frame: () => ({ version: 1 }), outcomes: { any: "bad_state" } }],
  login: [{
    frame: () => ({ auth: { method: "guest", name: "other" } }),
    outcomes: { any: "bad_state" },
  }],
  ping: [{ frame: () => ({}), outcomes: { any: "pong" } }],
  // It has no reply: the one that is looked at is the next request's.
  pong: [{ frame: () => ({}), outcomes: { any: "none" } }],
  password: [{
    frame: () => ({ new: "correct horse" }),
    outcomes: { any: ["forbidden", "ok", "ok", "ok"] },
  }],
  account: [{
    frame: () => ({ name: "somebot", bot: true }),
    outcomes: { any: ["forbidden", "forbidden", "forbidden", "account"] },
  }],
  accounts: [{
    frame: () => ({}),
    outcomes: { any: ["forbidden", "forbidden", "forbidden", "accounts"] },
  }],
  whois: [
    { frame: () => ({ user: "ann" }), outcomes: { any: "whois" } },
    { frame: () => ({ user: "nobody-at-all" }), outcomes: { any: "no_such_user" } },
  ],
  tokens: [
    { frame: () => ({}), outcomes: { any: "tokens" } },
    {
      frame: () => ({ user: "ann" }),
      outcomes: { any: ["forbidden", "forbidden", "forbidden", "tokens"] },
    },
  ],
  revoke: [{ frame: () => ({ token: 999_999 }), outcomes: { any: "bad_field" } }],
  token: [
    {
      frame: () => ({ label: "ci", scopes: ["send"] }),
      outcomes: { any: ["forbidden", "token", "token", "token"] },
    },
    {
      frame: () => ({ label: "ci", scopes: ["send"], user: "ann" }),
      outcomes: { any: "forbidden" },
    },
  ],
  code: [
    { frame: () => ({ kind: "device" }), outcomes: { any: "code" } },
    {
      frame: () => ({ kind: "join" }),
      outcomes: { any: ["forbidden", "forbidden", "forbidden", "code"] },
    },
  ],
  codes: [{ frame: () => ({}), outcomes: { any: "codes" } }],
  revoke_code: [{ frame: () => ({ code: 999_999 }), outcomes: { any: "bad_field" } }],
  look: [{ frame: () => ({ code: "" }), outcomes: { any: "bad_field" } }],
  join: [
    {
      frame: (room) => ({ room }),
      outcomes: { ...readable("room"), desk: atDesk("forbidden") },
    },
    {
      frame: (room) => ({ room, create: true }),
      outcomes: {
        ...readable("room"),
        private: "name_taken",
        desk: ["name_taken", "name_taken", "forbidden", "forbidden"],
        missing: "room",
      },
    },
  ],
  leave: [{
    frame: (room) => ({ room }),
    outcomes: {
      ...readable("not_in_room"),
      "own private": "ok",
      direct: direct("forbidden"),
      "own inquiry": "ok",
    },
  }],
  add: [{
    frame: (room) => ({ room, user: "ann" }),
    outcomes: { ...readable("forbidden"), "own private": "ok" },
  }],
  // Where it is allowed it has no reply.
  typing: [{
    frame: (room) => ({ room }),
    outcomes: {
      ...readable("bad_field"),
      direct: direct("none"),
      inquiry: [HIDDEN, HIDDEN, "none", "none"],
      "own inquiry": "none",
    },
  }],
  topic: [{
    frame: (room) => ({ room, topic: "x" }),
    outcomes: { ...readable("forbidden"), public: ["forbidden", "forbidden", "ok", "ok"] },
  }],
  rooms: [
    { frame: () => ({}), outcomes: { any: "rooms" } },
    { frame: () => ({ joined: true }), outcomes: { any: "rooms" } },
  ],
  members: [{ frame: (room) => ({ room }), outcomes: readable("members") }],
  message: [{
    frame: (room) => ({ room, content: "hi" }),
    outcomes: {
      ...readable("ok"),
      desk: atDesk("forbidden"),
      direct: direct("ok", { guest: "forbidden" }),
      inquiry: [HIDDEN, HIDDEN, "bad_field", "bad_field"],
    },
  }],
  history: [
    { frame: (room) => ({ room }), outcomes: readable("page") },
    { frame: (room) => ({ room, after: 0 }), outcomes: readable("page") },
    { frame: (room) => ({ room, around: 1 }), outcomes: readable("page") },
    { frame: (room) => ({ room, at: 0 }), outcomes: readable("page") },
  ],
  read: [{
    frame: (room) => ({ room, seq: 1 }),
    outcomes: {
      ...readable("not_in_room"),
      "own private": "ok",
      direct: direct("ok"),
      "own inquiry": "ok",
    },
  }],
  edit: [{
    frame: (room) => ({ room, seq: 999_999, content: "hi" }),
    outcomes: { ...readable("bad_field"), desk: atDesk("forbidden") },
  }],
  delete: [{
    frame: (room) => ({ room, seq: 999_999 }),
    outcomes: { ...readable("bad_field"), desk: atDesk("forbidden") },
  }],
  search: [{ frame: () => ({ query: "hi" }), outcomes: { any: "found" } }],
  inbox: [{ frame: () => ({}), outcomes: { any: "inbox" } }],
  later: [
    { frame: (room) => ({ room, seq: 1, on: false }), outcomes: readable("ok") },
    { frame: (room) => ({ room, seq: 999_999, on: true }), outcomes: readable("bad_field") },
  ],
  laters: [{ frame: () => ({}), outcomes: { any: "laters" } }],
  resume: [{ frame: (room) => ({ rooms: [{ room, seq: 0 }] }), outcomes: readable("resumed") }],
  inquiry: [{ frame: () => ({ content: "?" }), outcomes: { any: "ok" } }],
  queue: [{
    frame: () => ({}),
    outcomes: { any: ["forbidden", "forbidden", "queue", "queue"] },
  }],
  report: [{
    frame: () => ({}),
    outcomes: { any: ["forbidden", "forbidden", "report", "report"] },
  }],
  respond: [
    {
      frame: (ref) => ({ inquiry: numberOf(ref), content: "!" }),
      outcomes: respondOutcomes("ok"),
    },
    {
      frame: (ref) => ({ inquiry: numberOf(ref), content: "!", to: 99 }),
      outcomes: respondOutcomes("bad_field"),
    },
  ],
  note: [{
    frame: (ref) => ({ inquiry: numberOf(ref), content: "!" }),
    outcomes: { ...NO_INQUIRY, inquiry: [HIDDEN, HIDDEN, "ok", "ok"], "own inquiry": HIDDEN },
  }],
  draft: [{
    frame: (ref) => ({ inquiry: numberOf(ref), content: "!" }),
    outcomes: { ...NO_INQUIRY, inquiry: [HIDDEN, HIDDEN, "ok", "ok"], "own inquiry": HIDDEN },
  }],
  canned: [
    {
      frame: () => ({}),
      outcomes: { any: ["forbidden", "forbidden", "canned", "canned"] },
    },
    {
      frame: (ref) => ({ name: "hello", inquiry: numberOf(ref) }),
      outcomes: forOperators("bad_field"),
    },
  ],
  // The inquiries of these tests ask for a text.
  decide: [{
    frame: (ref) => ({ inquiry: numberOf(ref), choice: "approve" }),
    outcomes: {
      ...NO_INQUIRY,
      inquiry: [HIDDEN, HIDDEN, "bad_state", "bad_state"],
      "own inquiry": "forbidden",
    },
  }],
  withdraw: [{
    frame: (ref) => ({ inquiry: numberOf(ref) }),
    outcomes: {
      ...NO_INQUIRY,
      inquiry: [HIDDEN, HIDDEN, "forbidden", "forbidden"],
      "own inquiry": "bad_state",
    },
  }],
  claim: [{ frame: (ref) => ({ inquiry: numberOf(ref) }), outcomes: forOperators("ok") }],
  release: [{ frame: (ref) => ({ inquiry: numberOf(ref) }), outcomes: forOperators("ok") }],
  assign: [{
    frame: (ref) => ({ inquiry: numberOf(ref), user: "ann" }),
    outcomes: forOperators("no_such_user"),
  }],
  snooze: [{
    frame: (ref) => ({ inquiry: numberOf(ref), for_ms: 1_000 }),
    outcomes: forOperators("ok"),
  }],
  resolve: [{ frame: (ref) => ({ inquiry: numberOf(ref) }), outcomes: forOperators("ok") }],
  reopen: [{ frame: (ref) => ({ inquiry: numberOf(ref) }), outcomes: forOperators("ok") }],
  seen: [{ frame: (ref) => ({ inquiry: numberOf(ref) }), outcomes: forOperators("ok") }],
  question: [{
    frame: (ref) => ({ inquiry: numberOf(ref) }),
    outcomes: {
      ...NO_INQUIRY,
      inquiry: [HIDDEN, HIDDEN, "question", "question"],
      "own inquiry": "question",
    },
  }],
  standing: [{
    frame: (room) => ({ room, user: "nobody-here", standing: "member" }),
    outcomes: moderated("no_such_user"),
  }],
  kick: [
    { frame: (room) => ({ room, user: "nobody-here" }), outcomes: moderated("no_such_user") },
    { frame: () => ({ user: "nobody-here" }), outcomes: { any: forAdmins("no_such_user") } },
  ],
  ban: [
    { frame: (room) => ({ room, user: "nobody-here" }), outcomes: moderated("no_such_user") },
    { frame: (room) => ({ room, network: "192.0.2.7" }), outcomes: moderated("ok") },
    { frame: () => ({ user: "nobody-here" }), outcomes: { any: forAdmins("no_such_user") } },
    { frame: () => ({ network: "192.0.2.7" }), outcomes: { any: forAdmins("ok") } },
  ],
  unban: [
    { frame: (room) => ({ room, user: "nobody-here" }), outcomes: moderated("no_such_user") },
    { frame: (room) => ({ room, network: "192.0.2.9" }), outcomes: moderated("bad_field") },
    { frame: () => ({ network: "192.0.2.7" }), outcomes: { any: forAdmins("ok") } },
  ],
  bans: [
    { frame: (room) => ({ room }), outcomes: moderated("bans") },
    { frame: () => ({}), outcomes: { any: forAdmins("bans") } },
  ],
  moderation: [
    { frame: (room) => ({ room }), outcomes: moderated("moderation") },
    { frame: () => ({}), outcomes: { any: forAdmins("moderation") } },
  ],
  panic: [{ frame: () => ({ on: false }), outcomes: { any: forAdmins("ok") } }],
  ignore: [
    { frame: () => ({ user: "ann", on: true }), outcomes: { any: "ok" } },
    { frame: () => ({ user: "nobody-here", on: true }), outcomes: { any: "no_such_user" } },
  ],
  ignores: [{ frame: () => ({}), outcomes: { any: "ignores" } }],
  stats: [{
    frame: () => ({}),
    outcomes: { any: ["forbidden", "forbidden", "forbidden", "stats"] },
  }],
  // The last one: it ends the connection.
  register: [{
    frame: () => ({}),
    outcomes: { any: ["ok", "bad_state", "bad_state", "bad_state"] },
  }],
  logout: [{ frame: () => ({}), outcomes: { any: "ok" } }],
};

/** A role that is too low is said before anything is looked up. */
function respondOutcomes(outcome: string): Record<Kind, Outcome> {
  return {
    ...NO_INQUIRY,
    inquiry: [HIDDEN, HIDDEN, outcome, outcome],
    "own inquiry": ["forbidden", "forbidden", outcome, outcome],
  };
}

/** The outcomes of what only operators may send. */
function forOperators(outcome: string): Record<Kind, Outcome> {
  const none: Outcome = ["forbidden", "forbidden", HIDDEN, HIDDEN];
  const some: Outcome = ["forbidden", "forbidden", outcome, outcome];
  const rooms = {
    public: none,
    private: none,
    "own private": none,
    direct: none,
    desk: none,
    missing: none,
  };
  return { ...rooms, inquiry: some, "own inquiry": some };
}

function outcomeFor(outcome: Outcome, role: Role): string {
  return typeof outcome === "string" ? outcome : outcome[ROLES.indexOf(role)] ?? "";
}

function outcomeOf(reply: Frame): string {
  const error = reply.type === "resumed" ? reply.rooms[0].error : reply.code;
  return reply.type === "code" ? reply.type : error ?? reply.type;
}

function nameAs(role: Role): string {
  return role === "guest" ? `a-${role}` : `an-${role}`;
}

/** A connection of a user with this role. */
async function connectAs(server: TestServer, role: Role): Promise<RawClient> {
  if (role === "guest") return await greet(server, nameAs(role));
  const { users } = server.repository;
  const account = await users.ensureAccount({ name: userNameOf(nameAs(role)), role, now: 0 });
  const token = newToken();
  await users.addToken(account.id, { tokenHash: hashToken(token), now: Date.now() });
  return await comeBack(server, token);
}

/** Rooms of each kind, a new one each time. */
class Rooms {
  #rooms = 0;
  readonly #owner: RawClient;
  readonly #server: TestServer;

  constructor(owner: RawClient, server: TestServer) {
    this.#owner = owner;
    this.#server = server;
  }

  async create(
    kind: Kind,
    { client: asker, role }: { client: RawClient; role: Role },
  ): Promise<string> {
    const room = `room-${++this.#rooms}`;
    switch (kind) {
      case "public":
        await this.#owner.ask({ type: "join", room, create: true });
        return room;
      case "private":
      case "own private":
        await this.#owner.ask({ type: "join", room, create: true, private: true });
        if (kind === "own private") {
          await this.#owner.ask({ type: "add", room, user: nameAs(role) });
        }
        return room;
      case "direct":
        await this.#server.repository.users.ensureAccount({
          name: userNameOf(`pal-${room}`),
          role: "member",
          now: 0,
        });
        if (role !== "guest") {
          await asker.ask({ type: "message", room: `@pal-${room}`, content: "hi" });
        }
        return `@pal-${room}`;
      case "inquiry":
        return (await this.#owner.ask({ type: "inquiry", content: "?" })).room;
      case "own inquiry":
        return (await asker.ask({ type: "inquiry", content: "?" })).room;
      case "desk":
        return "desk";
      case "missing":
        return room;
    }
  }
}

async function outcomeOn(client: RawClient, request: Frame): Promise<string> {
  if (request.type !== "pong" && request.type !== "typing") {
    return outcomeOf(await client.ask(request));
  }
  // A refusal comes before the reply to the next request.
  await client.send({ ...request, id: "refused" }, { type: "rooms", id: "next", limit: 1 });
  let outcome = "none";
  for (let frame = await client.next(); frame.re !== "next"; frame = await client.next()) {
    if (frame.re === "refused") outcome = outcomeOf(frame);
  }
  return outcome;
}

Deno.test("access: every request of the command table has a row", () => {
  assertEquals(Object.keys(TABLE).toSorted(), Object.keys(COMMANDS).toSorted());
});

for (const role of ROLES) {
  Deno.test(`access: what the role ${role} may do, by every request in every kind of room`, async () => {
    await using server = await startTestServer({ limits: LIMITS });
    const rooms = new Rooms(await greet(server, "ann"), server);
    const client = await connectAs(server, role);
    for (const [type, rows] of Object.entries(TABLE)) {
      for (const { frame, outcomes } of rows) {
        if ("any" in outcomes) {
          const expected = outcomeFor(outcomes.any, role);
          assertEquals(await outcomeOn(client, { type, ...frame("") }), expected, type);
          continue;
        }
        for (const kind of KINDS) {
          const request = { type, ...frame(await rooms.create(kind, { client, role })) };
          const expected = outcomeFor(outcomes[kind], role);
          assertEquals(
            await outcomeOn(client, request),
            expected,
            `${kind}: ${JSON.stringify(request)}`,
          );
        }
      }
    }
  });
}

/** A store with an inquiry of another user, also found by an alias, and another user's private room. */
async function storeWithHiddenRoom(directory: string): Promise<void> {
  const driver = await openSqlite({ path: `${directory}/parley.db` });
  await using repository = await openRepository(driver, { now: () => 0 });
  const { users, inquiries, messages, rooms } = repository;
  const ann = await users.createPassingGuest(() => "ann");
  const opening = await inquiries.open({ asker: ann.id, mostOpen: 1, now: Date.now() });
  if ("refused" in opening) throw new Error(opening.refused);
  const { room } = opening.inquiry;
  const body = { kind: "message", content: "?" } as const;
  const { id: inquiry } = opening.inquiry;
  await messages.append([{ room: room.id, user: ann.id, from: "ann", guest: true, body, inquiry }]);
  const hideout = await rooms.create({
    name: "Hideout",
    key: "hideout",
    kind: "private",
    owner: ann.id,
    now: 0,
  });
  await messages.append([{ room: hideout.id, user: ann.id, from: "ann", guest: true, body }]);
  const alias = "INSERT INTO RoomNames (name_key, room_id) VALUES (?, ?)";
  await driver.execute(alias, ["old-name", room.id]);
}

/** The reply to a request, as bytes. */
async function replyTo(client: RawClient, request: object): Promise<string> {
  const before = client.raw.length;
  await client.ask({ id: "same", ...request });
  return client.raw.slice(before);
}

Deno.test("access: a room that may not be seen is answered like one that does not exist, byte for byte", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await storeWithHiddenRoom(directory);
    await using hidden = await startTestServer({ limits: LIMITS, directory });
    await using missing = await startTestServer({ limits: LIMITS });
    const operator = await connectAs(hidden, "operator");
    for (const role of ["guest", "member"] as const) {
      const [onHidden, onMissing] = [
        await connectAs(hidden, role),
        await connectAs(missing, role),
      ];
      for (const [type, rows] of Object.entries(TABLE)) {
        for (const { frame, outcomes } of rows) {
          if ("any" in outcomes) continue;
          for (const ref of ["?1", "old-name", "OLD-Name", "hideout", "HIDEOUT"]) {
            // To create a room tells that its name is taken: a name belongs to one room.
            if ("create" in frame(ref) && ref !== "?1") continue;
            const request = { type, ...frame(ref) };
            const reply = await replyTo(onHidden, request);
            assertEquals(reply, await replyTo(onMissing, request));
            // An operator sees the inquiry: the request does name one, and has a reply.
            if (
              type !== "typing" && !/hideout/i.test(ref) && (!BY_NUMBER.has(type) || ref === "?1")
            ) {
              assertNotEquals(await replyTo(operator, request), reply, JSON.stringify(request));
            }
          }
        }
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("access: the desk is for all but operators like a room that does not exist, byte for byte", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  for (const role of ["guest", "member"] as const) {
    const client = await connectAs(server, role);
    for (const [type, rows] of Object.entries(TABLE)) {
      for (const { frame, outcomes } of rows) {
        if ("any" in outcomes || "create" in frame("")) continue;
        const reply = await replyTo(client, { type, ...frame("desk") });
        const missing = await replyTo(client, { type, ...frame("desx") });
        assertEquals(reply, missing.replaceAll("desx", "desk"), JSON.stringify(frame("desk")));
      }
    }
  }
});

Deno.test("access: a name that is taken by a hidden room is refused like a reserved one", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await storeWithHiddenRoom(directory);
    await using server = await startTestServer({ limits: LIMITS, directory });
    const eve = await greet(server, "eve");
    const create = (room: string) => replyTo(eve, { type: "join", room, create: true });
    for (const name of ["OLD-Name", "HIDEout"]) {
      assertEquals((await create(name)).replace(name, "here"), await create("here"));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("access: a role that changes counts at once, for requests, deliveries, lists and the desk", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const ann = await greet(server, "ann");
  const op = await connectAs(server, "operator");
  const { room } = await ann.ask({ type: "inquiry", content: "one" });
  assertEquals((await op.question()).content, "one");
  await op.ask({ type: "join", room });
  const { id } = await server.repository.users.ensureAccount({
    name: userNameOf("an-operator"),
    role: "operator",
    now: 0,
  });
  const { principals } = server.server.hub;
  const joined = async () =>
    (await op.ask({ type: "rooms", joined: true })).rooms.map((own: Frame) => own.room);
  assertEquals(await joined(), [room]);

  principals.refresh({ id, name: "an-operator", role: "member" });
  await ann.ask({ type: "message", room, content: "two" });
  await ann.ask({ type: "inquiry", content: "three" });
  await op.quiet();
  assertEquals((await op.ask({ type: "queue" })).code, "forbidden");
  assertEquals((await op.ask({ type: "history", room })).code, HIDDEN);
  assertEquals(await joined(), []);

  principals.refresh({ id, name: "an-operator", role: "operator" });
  await ann.ask({ type: "message", room, content: "four" });
  assertEquals((await op.until("message")).content, "four");
  assertEquals((await op.ask({ type: "queue" })).type, "queue");
});

Deno.test("access: every connection of a user sees a change, and a later login brings the store's word", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const { users } = server.repository;
  const { id } = await users.ensureAccount({ name: userNameOf("bob"), role: "operator", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  const [one, other] = [await comeBack(server, token), await comeBack(server, token)];
  server.server.hub.principals.refresh({ id, name: "bob", role: "member" });
  for (const client of [one, other]) {
    assertEquals((await client.ask({ type: "queue" })).code, "forbidden");
  }
  const third = await server.connect();
  assertEquals((await hello(third, byToken(token))).you.role, "operator");
  assertEquals((await one.ask({ type: "queue" })).type, "queue");
});
