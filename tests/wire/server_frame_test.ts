import { assert, assertEquals, assertThrows } from "@std/assert";
import { BYE_CODES, ERROR_CODES, FrameError } from "../../lib/wire/errors.ts";
import type { ServerFrame, ServerFrames, ServerFrameType } from "../../lib/wire/frame.ts";
import { decodeServerFrame } from "../../lib/wire/server_frame.ts";

type Json = Record<string, unknown>;

function decode(frame: object): ServerFrame | undefined {
  return decodeServerFrame(JSON.stringify(frame));
}

/** The code a line is refused with; undefined when it is not. */
function refusal(line: string): string | undefined {
  try {
    decodeServerFrame(line);
    return undefined;
  } catch (error) {
    assert(error instanceof FrameError, String(error));
    return error.code;
  }
}

const LOGGED = {
  room: "ops",
  seq: 58,
  user: 7,
  from: "ada",
  guest: true,
  time: 1795374012001,
  content: "disk full on db3",
} as const;
const { content: _text, ...DELETED } = LOGGED;
const SUMMARY = {
  room: "lobby",
  first: 1,
  last: 57,
  topic: "",
  count: 3,
  joined: true,
  standing: "owner",
  read: 41,
  unread: 16,
  mentions: 0,
  kind: "public",
};
const MEMBERSHIP = { room: "ops", user: 9, from: "bob", time: 1, guest: true } as const;

/** One full frame of every type. */
const FRAMES: { readonly [T in ServerFrameType]: ServerFrames[T] } = {
  read: { room: "ops", seq: 58 },
  welcome: {
    version: 1,
    server: "parley/0.1.0",
    epoch: "7f3c",
    time: 1795374000123,
    you: { user: 7, name: "ada", role: "guest" },
    token: "secret",
    nonce: "n",
    methods: ["guest"],
    features: ["history"],
    limits: { frame: 65536, messages_per_s: 0.5 },
    rooms: [SUMMARY, { room: "ops", first: 1, last: 0 }],
    more_rooms: true,
  },
  ok: {
    room: "ops",
    seq: 58,
    time: 1,
    dup: true,
    inquiry: 42,
    position: 1,
    expected_ms: 60_000,
    asker_gone: true,
    ban: 3,
  },
  error: {
    code: "rate_limited",
    message: "Slower",
    field: "auth.name",
    retry: true,
    after_ms: 1500,
    fault: "f-1",
    until: 9,
  },
  bye: { code: "restarting", message: "Back soon", reconnect: true, after_ms: 2400 },
  ping: {},
  pong: { time: 1 },
  room: { room: "ops", kind: "public", topic: "", first: 1, last: 57, read: 41, count: 1 },
  found: {
    events: [{
      type: "message",
      room: "ops",
      seq: 3,
      user: 7,
      from: "ann",
      time: 1_000,
      content: "disk full",
    }],
    more: true,
    next: "4711",
  },
  inbox: {
    entries: [{
      reason: "reply",
      read: 60,
      event: {
        type: "message",
        room: "ops",
        seq: 3,
        user: 7,
        from: "ann",
        time: 1_000,
        content: "it is full",
        to: 2,
      },
    }],
    more: true,
    next: "12:3",
  },
  laters: {
    entries: [{
      added: 2_000,
      event: { type: "topic", room: "ops", seq: 4, user: 7, from: "ann", time: 1_000, topic: "t" },
    }],
    more: false,
  },
  account: {
    user: 7,
    name: "ann",
    role: "member",
    bot: true,
    state: "active",
    password: false,
    created: 1_000,
  },
  accounts: {
    accounts: [{
      user: 7,
      name: "ann",
      role: "admin",
      state: "suspended",
      password: true,
      created: 1_000,
    }],
    more: false,
  },
  whois: { user: 7, name: "ann", role: "member", since: 1_000, here: true, rooms: ["ops"] },
  tokens: {
    tokens: [{
      token: 3,
      label: "laptop",
      client: "parley/0.1.0",
      created: 1,
      used: 2,
      here: true,
      own: true,
      expires: 3,
      scopes: ["send:ops"],
    }],
    more: false,
  },
  token: { id: 4, token: "secret" },
  code: {
    code: "secret",
    id: 5,
    kind: "join",
    from: "ann",
    server: "parley/0.1.0",
    user: "bob",
    role: "member",
    rooms: ["ops"],
    uses: 1,
    expires: 2,
    join: "parley://chat.example/secret",
  },
  codes: {
    codes: [{
      id: 5,
      kind: "join",
      from: "ann",
      user: "bob",
      role: "member",
      rooms: ["ops"],
      uses: 1,
      created: 1,
      expires: 2,
    }],
    more: false,
  },
  rooms: { rooms: [SUMMARY], more: false },
  members: {
    room: "ops",
    members: [{ user: 7, name: "ada", role: "operator", here: true, standing: "muted" }],
    more: false,
  },
  joined: MEMBERSHIP,
  added: { room: "secret", from: "ann", time: 1 },
  left: { ...MEMBERSHIP, code: "kicked", by: "ann", reason: "spam" },
  standing: {
    ...{ room: "ops", user: 9, from: "bob", standing: "muted" },
    ...{ by: "ann", time: 1, until: 2, reason: "spam" },
  },
  bans: {
    room: "ops",
    bans: [
      { ban: 1, user: 9, name: "bob", by: "ann", time: 1, until: 2, reason: "spam" },
      { ban: 2, network: "192.0.2.0/24", by: "ann", time: 1 },
    ],
    more: false,
  },
  moderation: {
    room: "ops",
    entries: [{
      ...{ entry: 1, act: "ban", time: 1, user: 7, from: "ann", room: "ops", target: 9 },
      ...{ name: "bob", network: "192.0.2.0/24", detail: "member", until: 2, reason: "spam" },
    }],
    more: true,
  },
  ignores: { users: [{ user: 9, name: "bob" }] },
  count: { room: "ops", count: 5000 },
  message: LOGGED,
  response: LOGGED,
  edit: { ...LOGGED, of: 58, content: "disk full on db4" },
  delete: { ...DELETED, of: 58 },
  progress: {
    inquiry: 42,
    room: "?42",
    user: 4,
    from: "bob",
    time: 7,
    change: "claimed",
    state: "claimed",
    assignee: "bob",
  },
  decision: { ...LOGGED, of: 1, choice: "approve", state: "pending" },
  closed: { ...LOGGED, of: 1, state: "expired" },
  desk: {
    ...LOGGED,
    room: "desk",
    inquiry: 42,
    change: "assigned",
    to: 4,
    of: 1,
    state: "claimed",
    assignee: "bob",
    until: 7,
  },
  topic: { ...LOGGED, content: "", topic: "who is on call" },
  typing: { room: "@bob", user: 9, from: "bob" },
  presence: { room: "ops", user: 9, from: "bob", here: true },
  bot_loop: { room: "ops", user: 9, from: "ci", bot: true, time: 0 },
  draft: { ...LOGGED, of: 1 },
  note: { ...LOGGED, inquiry: 42, kind: "draft", of: 1 },
  canned: { names: ["hello"], name: "hello", inquiry: 42, content: "Hello ann" },
  question: {
    inquiry: 42,
    room: "?42",
    seq: 1,
    from: "ada",
    content: "Run it?",
    choices: ["approve", "deny"],
    expires: 7,
    needs: 2,
    state: "expired",
    event: { type: "closed", ...LOGGED, of: 1, state: "expired" },
  },
  queue: {
    inquiries: [{
      inquiry: 42,
      room: "?42",
      user: 9,
      from: "bob",
      guest: true,
      state: "claimed",
      assignee: "ada",
      since: 1,
      last: 3,
      content: "my order",
    }],
    more: false,
  },
  report: {
    since: 1,
    until: 2,
    asked: 21,
    answered: 1,
    decided: 2,
    withdrawn: 3,
    expired: 4,
    resolved: 5,
    waiting: 6,
    median_ms: 7,
    p90_ms: 8,
    longest_ms: 9,
    queues: [],
    more: false,
  },
  page: {
    room: "ops",
    events: [{ type: "message", ...LOGGED }, { type: "response", ...LOGGED, seq: 59 }],
    more_before: true,
    more_after: false,
  },
  resumed: {
    rooms: [
      { room: "ops", recovered: true, missed: 16, last: 57 },
      { room: "dev", recovered: false, missed: 5210, last: 5251, reason: "too_many" },
      { room: "x", error: "no_such_room" },
    ],
  },
  stats: { counters: { connections: 5, load: 0.25 } },
};
const TYPES = Object.keys(FRAMES) as ServerFrameType[];

Deno.test("server frames: a full one of every type is taken as it came", () => {
  for (const type of TYPES) {
    for (const re of [undefined, 7, "a"]) {
      const frame: Json = { type, re, ...FRAMES[type] };
      assertEquals(decode(frame), JSON.parse(JSON.stringify(frame)));
    }
  }
});

/** Everything that no field takes; what some take is left to the cases below. */
const WRONG: readonly unknown[] = [null, [], {}, "", -1, 1.5, 1e300, 2 ** 53, true, false, [[]]];

for (const type of TYPES) {
  for (const field of Object.keys(FRAMES[type])) {
    Deno.test(`server frames: ${type} with a wrong kind of ${field} is bad_frame`, () => {
      const good = (FRAMES[type] as Json)[field];
      for (const wrong of WRONG.filter((value) => !mayBe(value, { good, field }))) {
        const line = JSON.stringify({ type, ...FRAMES[type], [field]: wrong });
        assertEquals(refusal(line), "bad_frame", line);
      }
    });
  }
}

/** Whether a field that holds `good` may hold `value`, too. */
function mayBe(value: unknown, { good, field }: { good: unknown; field: string }): boolean {
  if (typeof good === "string") return value === "";
  if (typeof good === "boolean") return value === true || (value === false && isFlag(field));
  if (Array.isArray(good)) return Array.isArray(value) && value.length === 0;
  if (field === "you") return value === null;
  if (field === "limits" || field === "counters") return JSON.stringify(value) === "{}";
  return false;
}

/** The booleans that may be false; the others are there or not. */
function isFlag(field: string): boolean {
  return ["reconnect", "retry", "more", "more_before", "more_after", "password", "here"]
    .includes(field);
}

Deno.test("server frames: lists are checked item by item", () => {
  const bad: readonly object[] = [
    { type: "welcome", ...FRAMES.welcome, features: ["a", 5] },
    { type: "welcome", ...FRAMES.welcome, methods: [null] },
    { type: "welcome", ...FRAMES.welcome, rooms: [SUMMARY, { ...SUMMARY, last: "57" }] },
    { type: "welcome", ...FRAMES.welcome, you: { user: 7, name: "ada", role: "king" } },
    { type: "welcome", ...FRAMES.welcome, limits: { frame: "65536" } },
    { type: "rooms", rooms: [null], more: false },
    { type: "members", ...FRAMES.members, members: [{ user: 7, name: "ada", role: "guest" }] },
    { type: "page", ...FRAMES.page, events: [{ type: "message", ...LOGGED, content: ["x"] }] },
    { type: "page", ...FRAMES.page, events: [{ type: "message", ...LOGGED }, "x"] },
    { type: "page", ...FRAMES.page, events: [LOGGED] },
    { type: "queue", inquiries: [{ inquiry: 1 }], more: false },
    { type: "resumed", rooms: [{ room: "ops", recovered: true, missed: 1 }] },
    { type: "resumed", rooms: [{ room: "ops", recovered: false, missed: 1, last: 2 }] },
    { type: "resumed", rooms: [{ room: "ops", recovered: 1, missed: 1, last: 2 }] },
    { type: "stats", counters: { a: null } },
  ];
  for (const frame of bad) {
    assertEquals(refusal(JSON.stringify(frame)), "bad_frame", JSON.stringify(frame));
  }
});

Deno.test("server frames: a required field that is missing is bad_frame", () => {
  const required: Partial<Record<ServerFrameType, readonly string[]>> = {
    welcome: ["version", "server", "epoch", "time", "you", "features", "limits", "rooms"],
    error: ["code", "message"],
    bye: ["code", "message", "reconnect"],
    pong: ["time"],
    room: ["room", "topic", "first", "last", "read", "count"],
    rooms: ["rooms", "more"],
    members: ["room", "members", "more"],
    joined: ["room", "user", "from", "time"],
    left: ["room", "user", "from", "time"],
    count: ["room", "count"],
    message: ["room", "seq", "user", "from", "time"],
    page: ["room", "events", "more_before", "more_after"],
    resumed: ["rooms"],
    stats: ["counters"],
  };
  for (const type of TYPES) {
    for (const field of required[type] ?? []) {
      const { [field]: _, ...rest } = FRAMES[type] as Json;
      assertEquals(refusal(JSON.stringify({ type, ...rest })), "bad_frame", `${type} ${field}`);
    }
  }
});

Deno.test("server frames: a type this version does not know is passed over", () => {
  for (const type of ["whistle", "", "__proto__", "constructor", "toString"]) {
    assertEquals(decode({ type, room: 5, re: null }), undefined, type);
  }
});

Deno.test("server frames: what is no frame is bad_json or bad_frame", () => {
  for (const line of ["", "{", "HTTP/1.1 400 Bad Request", "\ufeff{}"]) {
    assertEquals(refusal(line), "bad_json", line);
  }
  for (const line of ["null", "[]", '"x"', "5", "{}", '{"type":5}', '{"type":null}']) {
    assertEquals(refusal(line), "bad_frame", line);
  }
});

Deno.test("server frames: a re that no request had is bad_frame", () => {
  for (const re of [null, true, 1.5, [], {}, "", "x".repeat(65)]) {
    assertEquals(refusal(JSON.stringify({ type: "pong", time: 1, re })), "bad_frame");
  }
});

Deno.test("server frames: unknown fields come through untouched and unread", () => {
  const line =
    '{"type":"message","edited":90,"room":"ops","seq":1,"user":7,"from":"ada","time":1,' +
    `"content":"x","__proto__":{"role":"admin"},"deep":${"[".repeat(8_000)}${"]".repeat(8_000)}}`;
  const frame = decodeServerFrame(line);
  assertEquals((frame as unknown as Json).edited, 90);
  assertEquals((frame as unknown as Json).role, undefined);
});

Deno.test("server frames: a code of a newer server is one this version can act upon", () => {
  const error = { type: "error", re: 1, code: "too_tired", message: "zzz", retry: false };
  assertEquals(decode(error) as unknown, { ...error, code: "internal" });
  const resumed = {
    type: "resumed",
    rooms: [{ room: "a", error: "too_tired" }, FRAMES.resumed.rooms[0]],
  };
  const known = [{ room: "a", error: "internal" }, FRAMES.resumed.rooms[0]];
  assertEquals(decode(resumed) as unknown, { ...resumed, rooms: known });
  const bye = { type: "bye", code: "full_moon", message: "howl", reconnect: true, after_ms: 5 };
  assertEquals(decode(bye) as unknown, { ...bye, code: "shutdown" });
  for (const code of ERROR_CODES) {
    assertEquals((decode({ ...error, code }) as unknown as Json).code, code);
  }
  for (const code of BYE_CODES) {
    assertEquals((decode({ ...bye, code }) as unknown as Json).code, code);
  }
});

Deno.test("server frames: events of unknown kinds are left out of a page", () => {
  const event = { type: "message", ...LOGGED };
  const page = {
    type: "page",
    ...FRAMES.page,
    events: [{ type: "poll", of: 57 }, event, { type: "x" }],
  };
  assertEquals(decode(page) as unknown, { ...page, events: [event] });
});

Deno.test("server frames: the error names the frame and the field, and quotes nothing", () => {
  const error = assertThrows(
    () => decode({ type: "message", ...LOGGED, from: ["\x1b]0;"] }),
    FrameError,
  );
  assertEquals(error.message, `The server's "message" is not right in its "from"`);
});
