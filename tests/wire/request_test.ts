import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ChatError, FrameError } from "../../lib/wire/errors.ts";
import type { ClientFrame, ClientFrames, ClientFrameType } from "../../lib/wire/frame.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import { decodeRequest, readEnvelope } from "../../lib/wire/request.ts";
import type { Envelope } from "../../lib/wire/requests/decoder.ts";

type Json = Record<string, unknown>;

/** @throws the refusal of a line that holds no request */
function parseEnvelope(line: string): Envelope {
  const inbound = readEnvelope(line);
  if ("error" in inbound) throw inbound.error;
  return inbound;
}

/** The request a line makes. */
function decode(line: string): ClientFrame {
  return decodeRequest(parseEnvelope(line), DEFAULT_LIMITS);
}

function decodeObject(frame: object): ClientFrame {
  return decode(JSON.stringify(frame));
}

/** Why a line is refused: `code` or `code field`; undefined when it is not. */
function refusal(line: string): string | undefined {
  try {
    decode(line);
    return undefined;
  } catch (error) {
    if (error instanceof FrameError) return error.code;
    assert(error instanceof ChatError, String(error));
    const { field } = error.details;
    assert(error.message.length <= 300, error.message);
    assertMatch(error.message, /^[\x20-\x7e…]+$/);
    return field === undefined ? error.code : `${error.code} ${field}`;
  }
}

function refusalOf(frame: object): string | undefined {
  return refusal(JSON.stringify(frame));
}

/** The frame without fields that hold undefined, as it would be written. */
function plain(frame: object): unknown {
  return JSON.parse(JSON.stringify(frame));
}

/** One full request of every type; each field of it is known. */
const REQUESTS: { readonly [T in ClientFrameType]: Json & ClientFrames[T] } = {
  hello: {
    version: 1,
    client: "parley/0.1.0",
    auth: { method: "guest", name: "ada" },
    idle_ms: 0,
  },
  login: { auth: { method: "token", token: "abc" } },
  ping: {},
  pong: {},
  join: { room: "ops", create: true, private: true },
  add: { room: "ops", user: "bob" },
  typing: { room: "@bob" },
  topic: { room: "ops", topic: "who is on call", cid: "t-1" },
  register: { name: "ann", password: "correct horse" },
  password: { old: "correct horse", new: "battery staple" },
  search: { query: "disk from:bob", limit: 20, from: "4711" },
  account: { name: "bob", role: "operator", bot: false, state: "active" },
  accounts: { after: "bob", limit: 20 },
  whois: { user: "bob" },
  tokens: { user: "bob", after: 3, limit: 20 },
  revoke: { token: 3 },
  logout: {},
  token: { label: "ci", scopes: ["read", "send:ops"], user: "bob", expires_ms: 1 },
  code: { kind: "join", role: "member", rooms: ["ops"], uses: 2, expires_ms: 1, user: "bob" },
  codes: { after: 3, limit: 20 },
  revoke_code: { code: 3 },
  look: { code: "K7QD9FX2TB4M8WZR" },
  leave: { room: "ops" },
  rooms: { after: "lobby", limit: 20, joined: false },
  members: { room: "ops", after: "bob", limit: 100 },
  message: { room: "ops", content: "disk full on db3", cid: "01JDW", to: 58 },
  edit: { room: "ops", seq: 59, content: "disk full on db4", cid: "01JDX" },
  delete: { room: "ops", seq: 59 },
  history: { room: "ops", limit: 20, before: 41 },
  read: { room: "?42!", seq: 7 },
  inbox: { limit: 20, from: "12:4711" },
  later: { room: "ops", seq: 59, on: true },
  laters: { limit: 20, from: "4711" },
  resume: { epoch: "7f3c", rooms: [{ room: "ops", seq: 41 }, { room: "@bob", seq: 0 }] },
  inquiry: {
    content: "my order never came",
    cid: "q-1",
    choices: ["refund", "resend"],
    expires_ms: 600_000,
    needs: 2,
  },
  queue: { limit: 20, queue: "billing" },
  report: { period_ms: 604_800_000 },
  respond: { inquiry: 42, content: "it left today", cid: "a-1" },
  note: { inquiry: 42, content: "he is new", cid: "n-1" },
  draft: { inquiry: 42, content: "it left today", cid: "n-2" },
  canned: { name: "hello", inquiry: 42 },
  decide: { inquiry: 42, choice: "resend", content: "it was lost", cid: "d-1" },
  withdraw: { inquiry: 42 },
  claim: { inquiry: 42, expect: { state: "open", assignee: null } },
  release: { inquiry: 42, expect: { assignee: "bob" } },
  assign: { inquiry: 42, user: "bob", expect: { state: "claimed" } },
  snooze: { inquiry: 42, for_ms: 60_000, expect: { state: "open" } },
  resolve: { inquiry: 42, expect: { state: "claimed" } },
  reopen: { inquiry: 42, expect: { state: "resolved" } },
  seen: { inquiry: 42 },
  question: { inquiry: 42 },
  standing: { room: "ops", user: "bob", standing: "muted", for_ms: 60_000, reason: "spam" },
  kick: { room: "ops", user: "bob", reason: "spam" },
  ban: { room: "ops", user: "bob", for_ms: 60_000, reason: "spam" },
  unban: { user: "bob" },
  bans: { room: "ops", after: 3, limit: 20 },
  moderation: { room: "ops", before: 30, limit: 20 },
  panic: { on: true, reason: "a raid" },
  ignore: { user: "bob", on: false },
  ignores: {},
  stats: {},
};
const TYPES = Object.keys(REQUESTS) as ClientFrameType[];

/** The fields that may not be left out. */
const REQUIRED: Partial<Record<ClientFrameType, readonly string[]>> = {
  hello: ["version"],
  login: ["auth"],
  revoke: ["token"],
  token: ["label", "scopes"],
  code: ["kind"],
  revoke_code: ["code"],
  password: ["new"],
  search: ["query"],
  account: ["name"],
  whois: ["user"],
  look: ["code"],
  join: ["room"],
  add: ["room", "user"],
  topic: ["room", "topic"],
  typing: ["room"],
  leave: ["room"],
  members: ["room"],
  message: ["room", "content"],
  edit: ["room", "seq", "content"],
  delete: ["room", "seq"],
  history: ["room"],
  read: ["room", "seq"],
  later: ["room", "seq", "on"],
  resume: ["rooms"],
  inquiry: ["content"],
  respond: ["inquiry", "content"],
  note: ["inquiry", "content"],
  draft: ["inquiry", "content"],
  decide: ["inquiry", "choice"],
  withdraw: ["inquiry"],
  claim: ["inquiry"],
  release: ["inquiry"],
  assign: ["inquiry", "user"],
  snooze: ["inquiry", "for_ms"],
  resolve: ["inquiry"],
  reopen: ["inquiry"],
  seen: ["inquiry"],
  question: ["inquiry"],
  standing: ["room", "user", "standing"],
  kick: ["user"],
  ban: ["user"],
  unban: ["user"],
  panic: ["on"],
  ignore: ["user", "on"],
};

Deno.test("requests: a full one of every type is read as it was sent", () => {
  for (const type of TYPES) {
    for (const id of ["1", 1, -7, "x".repeat(64), Number.MAX_SAFE_INTEGER, 0]) {
      const frame = { type, id, ...REQUESTS[type] };
      assertEquals(plain(decodeObject(frame)), frame);
    }
  }
});

Deno.test("requests: one without id and without what may be left out is read", () => {
  for (const type of TYPES) {
    const required = REQUIRED[type] ?? [];
    const fields = Object.entries(REQUESTS[type]).filter(([field]) => required.includes(field));
    const frame = { type, ...Object.fromEntries(fields) };
    assertEquals(plain(decodeObject(frame)), frame);
  }
});

Deno.test("requests: a required field that is missing is bad_field", () => {
  for (const type of TYPES) {
    for (const field of REQUIRED[type] ?? []) {
      const { [field]: _, ...rest } = REQUESTS[type] as Json;
      assertEquals(refusalOf({ type, ...rest }), `bad_field ${field}`, type);
    }
  }
});

/** A value of every JSON type, as it is written. */
const VALUES: readonly string[] = [
  "null",
  "true",
  "false",
  "-1",
  "1.5",
  "1e400",
  "9007199254740993",
  "-0",
  '"0 or 1=1"',
  '""',
  "[]",
  "[1]",
  '{"a":{}}',
  "[".repeat(9) + "]".repeat(9),
  '{"a":'.repeat(8_000) + "1" + "}".repeat(8_000),
];
/** The few of these that a field takes, or refuses by another code. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  room: { '"0 or 1=1"': "bad_name room", '""': "bad_name room" },
  content: { '"0 or 1=1"': undefined, '""': "bad_text content" },
  cid: { '"0 or 1=1"': undefined },
  client: { '"0 or 1=1"': undefined },
  epoch: { '"0 or 1=1"': undefined, '""': undefined },
  create: { true: undefined, false: undefined },
  topic: { '"0 or 1=1"': undefined, '""': undefined },
  private: { true: undefined, false: undefined },
  user: { '"0 or 1=1"': "bad_name user", '""': "bad_name user" },
  joined: { true: undefined, false: undefined },
  expect: { '{"a":{}}': "bad_field expect" },
  auth: { "[]": "bad_field auth", '{"a":{}}': "bad_field auth.method" },
  reason: { '"0 or 1=1"': undefined },
  on: { true: undefined, false: undefined },
  rooms: { "[]": undefined, "[1]": "bad_field rooms.0" },
  scopes: { "[1]": "bad_field scopes.0" },
  label: { '"0 or 1=1"': undefined },
  // Whether it is a code, and one that can be redeemed, is one answer.
  name: { '"0 or 1=1"': "bad_name name", '""': "bad_name name" },
  password: { '"0 or 1=1"': undefined },
  old: { '"0 or 1=1"': undefined },
  new: { '"0 or 1=1"': undefined },
  query: { '"0 or 1=1"': undefined },
  bot: { true: undefined, false: undefined },
  "look code": { '"0 or 1=1"': undefined },
};

function deepField(field: string): string {
  return field === "auth" ? "auth.method" : field;
}

for (const type of TYPES) {
  for (const field of Object.keys(REQUESTS[type])) {
    Deno.test(`requests: ${type} takes no wrong kind of ${field}`, () => {
      for (const value of VALUES) {
        const { [field]: _, ...rest } = REQUESTS[type] as Json;
        const line = `${JSON.stringify({ type, ...rest }).slice(0, -1)},"${field}":${value}}`;
        const exceptions = EXCEPTIONS[`${type} ${field}`] ?? EXCEPTIONS[field] ?? {};
        const isNested = (field === "rooms" || field === "scopes") && value.startsWith("[[");
        const usual = isNested
          ? `bad_field ${field}.0`
          : value.startsWith('{"a"')
          ? `bad_field ${deepField(field)}`
          : `bad_field ${field}`;
        const expected = Object.hasOwn(exceptions, value) ? exceptions[value] : usual;
        assertEquals(refusal(line), expected, line.slice(0, 200));
      }
    });
  }
}

Deno.test("requests: numbers are whole, safe and not below what is allowed", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["0", undefined],
    ["1e2", undefined],
    ["2.0", undefined],
    [`${2 ** 53 - 1}`, undefined],
    [`${2 ** 53}`, "bad_field seq"],
    [`${2 ** 53 + 2}`, "bad_field seq"],
    ["1e400", "bad_field seq"],
    ["-1e400", "bad_field seq"],
    ["-0", "bad_field seq"],
    ["-0.0", "bad_field seq"],
    ["0.1", "bad_field seq"],
    ["1e-400", undefined],
    ["9".repeat(10_000), "bad_field seq"],
    ["01", "bad_json"],
    ["+1", "bad_json"],
    ["0x10", "bad_json"],
    ["NaN", "bad_json"],
    ['"1"', "bad_field seq"],
  ];
  for (const [number, expected] of cases) {
    const line = `{"type":"read","room":"ops","seq":${number}}`;
    assertEquals(refusal(line), expected, line.slice(0, 100));
  }
});

Deno.test("requests: an id that no reply could carry is bad_field, and no re is made of it", () => {
  const ids = ["null", "true", "1.5", "-0", "1e400", `${2 ** 53}`, '""', '{"a":1}', "[1]"];
  ids.push(JSON.stringify("x".repeat(65)), JSON.stringify("é".repeat(33)));
  for (const id of ids) {
    const line = `{"type":"ping","id":${id}}`;
    assertEquals(parseEnvelope(line).id, undefined, line);
    assertEquals(refusal(line), "bad_field id", line);
  }
  assertEquals(
    parseEnvelope(JSON.stringify({ type: "ping", id: "é".repeat(32) })).id,
    "é".repeat(32),
  );
});

Deno.test("requests: a type that is missing or no string is bad_frame", () => {
  const lines = [
    "{}",
    '{"id":1}',
    '{"type":null}',
    '{"type":1}',
    '{"type":["ping"]}',
    '{"Type":"ping"}',
  ];
  for (const line of lines) assertEquals(refusal(line), "bad_frame", line);
});

Deno.test("requests: another type is unknown_type, whatever objects inherit", () => {
  const types = ["mesage", "", " ping", "PING", "welcome", "__proto__", "constructor", "toString"];
  types.push("hasOwnProperty", "valueOf", "prototype", "\ud800", "x".repeat(10_000), "\x1b]0;\x07");
  for (const type of types) assertEquals(refusalOf({ type }), "unknown_type", type.slice(0, 50));
});

Deno.test("requests: a refusal before the fields still has the request's id", () => {
  const refused = (line: string): unknown => {
    const inbound = readEnvelope(line);
    return "error" in inbound ? [inbound.error.code, inbound.id] : "accepted";
  };
  assertEquals(refused('{"type":"mesage","id":7}'), ["unknown_type", 7]);
  assertEquals(refused('{"type":7,"id":"a"}'), ["bad_frame", "a"]);
  assertEquals(refused('{"type":"mesage","id":null}'), ["unknown_type", undefined]);
  assertEquals(refused('{"id":7'), ["bad_json", undefined]);
  assertEquals(refused("[7]"), ["bad_frame", undefined]);
});

Deno.test("requests: the envelope is read without a look at the fields", () => {
  const envelope = parseEnvelope('{"type":"message","id":"8","room":5,"content":null}');
  assertEquals([envelope.type, envelope.id], ["message", "8"]);
});

Deno.test("requests: the first fault in the order of the fields is the one that counts", () => {
  const order: readonly (readonly [object, string])[] = [
    [{ type: "message", id: null, room: 5, content: "", cid: "" }, "bad_field id"],
    [{ type: "message", cid: "", content: "", room: "no room" }, "bad_name room"],
    [{ type: "message", cid: "", content: "", room: "ops" }, "bad_text content"],
    [{ type: "message", cid: "", content: "x", room: "ops" }, "bad_field cid"],
    [{ type: "hello", idle_ms: -1, auth: {}, client: 5, version: 2 }, "bad_field version"],
    [{ type: "hello", idle_ms: -1, auth: {}, client: 5, version: 1 }, "bad_field client"],
    [{ type: "hello", idle_ms: -1, auth: {}, version: 1 }, "bad_field auth.method"],
    [{ type: "hello", idle_ms: -1, version: 1 }, "bad_field idle_ms"],
    [{ type: "history", at: -1, limit: 0, room: "ops" }, "bad_field limit"],
    [{ type: "history", at: -1, after: "x", room: "ops" }, "bad_field after"],
    [{ type: "rooms", joined: 1, limit: 0, after: 5 }, "bad_field after"],
    [{ type: "resume", rooms: [{ seq: -1, room: "" }], epoch: 5 }, "bad_field epoch"],
    [{ type: "resume", rooms: [{ seq: -1, room: "" }] }, "bad_name rooms.0.room"],
  ];
  for (const [frame, expected] of order) assertEquals(refusalOf(frame), expected);
});

Deno.test("requests: unknown fields are ignored, however many, long or deep", () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x${n}`, n]));
  const frames = [
    { type: "ping", id: 1, ...many },
    { type: "ping", id: 1, ["k".repeat(16_384)]: 1 },
    { type: "ping", id: 1, from: "root", seq: 9, time: 0, role: "admin", user: 1 },
  ];
  for (const frame of frames) assertEquals(decodeObject(frame), { type: "ping", id: 1 });
  for (
    const deep of [
      "[".repeat(8_000) + "]".repeat(8_000),
      '{"a":'.repeat(8_000) + "1" + "}".repeat(8_000),
    ]
  ) {
    assertEquals(decode(`{"type":"ping","x":${deep},"id":1}`), { type: "ping", id: 1 });
  }
});

Deno.test("requests: forged fields of a server do not get through", () => {
  const frame = decodeObject({
    type: "message",
    room: "ops",
    content: "x",
    from: "root",
    user: 1,
    seq: 5,
    time: 5,
    role: "admin",
    re: 1,
  });
  assertEquals(plain(frame), { type: "message", room: "ops", content: "x" });
});

Deno.test("requests: prototype-named keys do nothing", () => {
  const line = '{"type":"join","room":"ops","__proto__":{"create":true,"id":"evil"},' +
    '"constructor":{"prototype":{"create":true}},"prototype":1,"toString":1,"hasOwnProperty":1}';
  assertEquals(plain(decode(line)), { type: "join", room: "ops" });
  assertEquals(refusal('{"__proto__":{"type":"ping"}}'), "bad_frame");
  assertEquals(
    refusal('{"type":"login","auth":{"__proto__":{"method":"guest"}}}'),
    "bad_field auth.method",
  );
  assertEquals(({} as Json).create, undefined);
});

Deno.test("requests: of a key given twice the last one counts, however it is spelt", () => {
  assertEquals(decode('{"type":"stats","type":"ping"}').type, "ping");
  assertEquals(decode('{"type":"stats","\\u0074ype":"ping"}').type, "ping");
  assertEquals(decode('{"type":"ping","id":1,"id":2}').id, 2);
  assertEquals(refusal('{"type":"leave","room":"ops","room":5}'), "bad_field room");
});

const CONTROLS = [
  "\0",
  "\x07",
  "\x08",
  "\x1b[2J",
  "\x1b]52;c;\x07",
  "\x7f",
  "\x85",
  "\x9b31m",
  "\r",
];

Deno.test("requests: control characters in a text are bad_text, escaped or raw", () => {
  for (const control of CONTROLS) {
    const frame = { type: "message", room: "ops", content: `a${control}b` };
    assertEquals(refusalOf(frame), "bad_text content", JSON.stringify(control));
    const raw = `{"type":"message","room":"ops","content":"a${control}b"}`;
    const expected = control.charCodeAt(0) < 0x20 ? "bad_json" : "bad_text content";
    assertEquals(refusal(raw), expected, JSON.stringify(control));
  }
});

Deno.test("requests: lone surrogates by escape are bad_text in a text, bad_name in a name", () => {
  assertEquals(refusal('{"type":"message","room":"ops","content":"\\ud800"}'), "bad_text content");
  assertEquals(refusal('{"type":"leave","room":"\\udfff"}'), "bad_name room");
  assertEquals(
    refusal('{"type":"message","room":"ops","content":"x","cid":"\\ud800"}'),
    "bad_field cid",
  );
});

Deno.test("requests: line breaks and controls in a name are bad_name", () => {
  for (const end of [...CONTROLS, "\n", "\u2028", "\u2029", "\u0085", " ", "."]) {
    const name = `ops${end}`;
    assertEquals(refusalOf({ type: "leave", room: name }), "bad_name room", JSON.stringify(name));
    const auth = { method: "guest", name };
    assertEquals(refusalOf({ type: "login", auth }), "bad_name auth.name", JSON.stringify(name));
  }
});

Deno.test("requests: SQL in any field is an ordinary text, or refused for its form", () => {
  const attacks = [
    "' OR '1'='1",
    "x'; DROP TABLE Users; --",
    "%",
    "_",
    "\\",
    "\u00bf'",
    "1 UNION SELECT 1",
  ];
  for (const attack of attacks) {
    const message = decodeObject({ type: "message", room: "ops", content: attack, cid: attack });
    assertEquals(plain(message), { type: "message", room: "ops", content: attack, cid: attack });
    assertEquals(refusalOf({ type: "leave", room: attack }), "bad_name room");
    assertEquals(refusalOf({ type: "rooms", after: attack }), "bad_field after");
    assertEquals(refusalOf({ type: "rooms", limit: attack }), "bad_field limit");
    assertEquals(refusalOf({ type: "history", room: "ops", before: attack }), "bad_field before");
  }
});

Deno.test("requests: a content's length is held to the limit in bytes", () => {
  const { content } = DEFAULT_LIMITS;
  const of = (text: string): string | undefined =>
    refusalOf({ type: "message", room: "ops", content: text });
  assertEquals(of("x".repeat(content)), undefined);
  assertEquals(of("x".repeat(content + 1)), "too_long content");
  assertEquals(of("🙂".repeat(content / 4)), undefined);
  assertEquals(of("🙂".repeat(content / 4 + 1)), "too_long content");
});

Deno.test("requests: a cid is 1 to 64 bytes without control characters", () => {
  const of = (cid: unknown): string | undefined =>
    refusalOf({ type: "message", room: "ops", content: "x", cid });
  for (const cid of ["x", "x".repeat(64), "é".repeat(32), "a b", "'"]) {
    assertEquals(of(cid), undefined);
  }
  for (
    const cid of [
      ...["", "x".repeat(65), "é".repeat(33), "x".repeat(1024)],
      ...["a\0", "\x1b", "a\nb", "\t", "a\n", "\u009b", 7, null],
    ]
  ) {
    assertEquals(of(cid), "bad_field cid", JSON.stringify(cid));
  }
});

Deno.test("requests: a page's limit is from 1, and more than the greatest page is the greatest page", () => {
  const limits: readonly (readonly [unknown, unknown])[] = [
    [1, 1],
    [100, 100],
    [101, 100],
    [1e9, 100],
    [Number.MAX_SAFE_INTEGER, 100],
    [0, "bad_field limit"],
    [-1, "bad_field limit"],
    [1.5, "bad_field limit"],
    ["5", "bad_field limit"],
    [1e300, "bad_field limit"],
  ];
  for (const type of ["history", "members", "rooms", "queue"] as const) {
    for (const [limit, expected] of limits) {
      const frame = { type, room: "ops", limit };
      const seen = refusalOf(frame) ?? (decodeObject(frame) as { limit?: number }).limit;
      assertEquals(seen, expected, `${type} ${limit}`);
    }
    assertEquals((decodeObject({ type, room: "ops" }) as { limit?: number }).limit, undefined);
  }
});

Deno.test("requests: a history page lies at one place at most; the second one is at fault", () => {
  const history = { type: "history", room: "ops" };
  for (const place of ["before", "after", "around", "at"]) {
    assertEquals(plain(decodeObject({ ...history, [place]: 0 })), { ...history, [place]: 0 });
  }
  assertEquals(refusalOf({ ...history, after: 1, before: 2 }), "bad_field after");
  assertEquals(refusalOf({ ...history, at: 1, before: 2 }), "bad_field at");
  assertEquals(refusalOf({ ...history, at: 1, around: 2, after: 3 }), "bad_field around");
  assertEquals(refusalOf({ ...history, before: 2, after: null }), "bad_field after");
});

Deno.test("requests: a resume has at most 200 cursors, each with a room and a seq", () => {
  const cursors = (count: number): object => ({
    type: "resume",
    rooms: Array.from({ length: count }, (_, n) => ({ room: `r${n}`, seq: n })),
  });
  assertEquals(plain(decodeObject(cursors(200))), cursors(200));
  assertEquals(refusalOf(cursors(201)), "bad_field rooms");
  const with3rd = (cursor: unknown): object => ({
    type: "resume",
    rooms: [{ room: "a", seq: 1 }, { room: "b", seq: 2, extra: [] }, cursor],
  });
  assertEquals(refusalOf(with3rd(null)), "bad_field rooms.2");
  assertEquals(refusalOf(with3rd({ seq: 1 })), "bad_field rooms.2.room");
  assertEquals(refusalOf(with3rd({ room: "a b", seq: 1 })), "bad_name rooms.2.room");
  assertEquals(refusalOf(with3rd({ room: "a", seq: "1" })), "bad_field rooms.2.seq");
});

Deno.test("requests: another version is bad_field", () => {
  for (const version of [0, 2, -1, 1.5, "1", null]) {
    assertEquals(refusalOf({ type: "hello", version }), "bad_field version");
  }
});

Deno.test("requests: the error for an unknown login method names the known ones", () => {
  const auth = { method: "fingerprint", name: "ada", password: "hunter2" };
  const error = assertThrows(() => decodeObject({ type: "login", auth }), ChatError);
  assertEquals(error.details.field, "auth.method");
  assertMatch(error.message, /"guest", "token", "password" or "code"/);
});

Deno.test("requests: no error quotes a secret", () => {
  const secret = "hunter2".repeat(50);
  const frames = [
    { type: "login", auth: { method: "token", token: secret } },
    { type: "login", auth: { method: 5, password: secret } },
    { type: "hello", version: 1, client: 5, auth: { method: "token", token: secret } },
  ];
  for (const frame of frames) {
    const error = assertThrows(() => decodeObject(frame), ChatError);
    assert(!error.message.includes("hunter2"), error.message);
  }
});

Deno.test("requests: what an error quotes is short and printable", () => {
  const error = assertThrows(
    () => decodeObject({ type: "leave", room: "\x1b]0;owned\x07\u202e" + "x".repeat(10_000) }),
    ChatError,
  );
  assertMatch(error.message, /^[\x20-\x7e…]{0,250}$/);
});

Deno.test("requests: a program's name is printable and at most 64 characters", () => {
  const of = (client: string): string | undefined =>
    refusalOf({ type: "hello", version: 1, client });
  assertEquals(of("parley/0.1.0 (Linux)"), undefined);
  for (const client of ["", "x".repeat(65), "a\nb", "é", "\x1b[2J"]) {
    assertEquals(of(client), "bad_field client", JSON.stringify(client));
  }
});
