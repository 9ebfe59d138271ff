// Classes about fields: nested too deep, numbers that are none, missing, of the wrong type, twice, too
// many, or none of the sender's business.

import {
  answered,
  type FrameGenerator,
  HOSTILE_ROOM,
  type HostileCase,
  type HostileClass,
  posted,
  refused,
  SILENT_ROOM,
} from "../case.ts";
import { type FieldKind, type Fields, harmless, REQUESTS } from "../requests.ts";

const BAD_JSON = refused("bad_json");

/** The example of a request with one field replaced; `undefined` leaves it out. */
function spoil(example: Fields, field: string, value: unknown): Fields {
  const { [field]: _replaced, ...others } = example;
  return value === undefined ? others : { ...others, [field]: value };
}

/** A frame of which one field's value is written by hand. */
function written(generator: FrameGenerator, options: {
  type: string;
  fields: Fields;
  by: readonly [field: string, json: string];
}): { id: string; line: string } {
  const { type, fields, by: [field, json] } = options;
  const id = generator.id();
  const others = generator.json({ type, id, ...spoil(fields, field, undefined) });
  return { id, line: `{${JSON.stringify(field)}:${json},${others.slice(1)}` };
}

const nesting: HostileClass = {
  number: 2,
  title: "nesting, 9 to 8,000 levels deep",
  generate(generator): HostileCase {
    const { random } = generator;
    const depth = random.pick([9, 100, 600, 2_000, 8_000]);
    const [open, close] = random.pick([["[", "]"], ['{"a":', "}"]] as const);
    const nested = open.repeat(depth) + "0" + close.repeat(depth);
    switch (random.integer(0, 2)) {
      case 0: {
        const { type, fields, answer } = harmless(random);
        const { id, line } = written(generator, { type, fields, by: ["x", nested] });
        return generator.line(line, { type, id, answer });
      }
      case 1: {
        const fields = { room: HOSTILE_ROOM };
        const { id, line } = written(generator, {
          type: "message",
          fields,
          by: ["content", nested],
        });
        return generator.line(line, {
          type: "message",
          id,
          answer: refused("bad_field", "content"),
        });
      }
      default:
        return generator.line(open.repeat(depth), { answer: BAD_JSON });
    }
  },
};

/** A number as written, and whether it is a whole number from 0 on that can be told from others. */
const NUMBERS: readonly (readonly [json: string, verdict: "count" | "other" | "no number"])[] = [
  ["0", "count"],
  ["-0", "other"],
  ["0.0", "count"],
  ["1e0", "count"],
  ["1.0", "count"],
  ["1e-400", "count"],
  ["9007199254740991", "count"],
  ["9007199254740992", "other"],
  ["9007199254740993", "other"],
  ["-1", "other"],
  ["-9007199254740991", "other"],
  ["0.5", "other"],
  ["1e400", "other"],
  ["-1e400", "other"],
  ["1".repeat(3_000), "other"],
  ["01", "no number"],
  ["+1", "no number"],
  [".5", "no number"],
  ["5.", "no number"],
  ["1e", "no number"],
  ["0x10", "no number"],
  ["1_000", "no number"],
  ["1n", "no number"],
  ["NaN", "no number"],
  ["Infinity", "no number"],
  ["-", "no number"],
];

const numbers: HostileClass = {
  number: 3,
  title: "numbers at and beyond what a number can be",
  generate(generator): HostileCase {
    const { random } = generator;
    const [json, verdict] = random.pick(NUMBERS);
    if (random.chance(0.3)) return numberedId(generator, json, verdict);
    const [type, fields, field] = random.pick(
      [
        ["read", { room: HOSTILE_ROOM }, "seq"],
        ["history", { room: SILENT_ROOM }, "before"],
        ["history", { room: SILENT_ROOM }, "after"],
        ["history", { room: SILENT_ROOM }, "at"],
      ] as const,
    );
    const { id, line } = written(generator, { type, fields, by: [field, json] });
    if (verdict === "no number") return generator.line(line, { answer: BAD_JSON });
    const fine = answered(type === "read" ? "ok" : "page");
    return generator.line(line, {
      type,
      id,
      answer: verdict === "count" ? fine : refused("bad_field", field),
    });
  },
};

/** A safe integer is an id, below zero too; -0 and anything else is none, and is not carried back. */
function numberedId(
  generator: FrameGenerator,
  json: string,
  verdict: "count" | "other" | "no number",
): HostileCase {
  const line = `{"type":"members","id":${json},"room":"${SILENT_ROOM}","limit":1}`;
  if (verdict === "no number") return generator.line(line, { answer: BAD_JSON });
  const id = Number(json);
  const isId = Number.isSafeInteger(id) && !Object.is(id, -0);
  return generator.line(line, {
    type: "members",
    id: isId ? id : undefined,
    answer: isId ? answered("members") : refused("bad_field", "id"),
  });
}

const missing: HostileClass = {
  number: 6,
  title: "each field missing",
  generate(generator): HostileCase {
    const { random } = generator;
    if (random.chance(0.2)) {
      const [auth, field] = random.pick<readonly [object, string]>([
        [{}, "auth.method"],
        [{ name: "Mallory" }, "auth.method"],
        [{ method: "guest" }, "auth.name"],
        [{ method: "token" }, "auth.token"],
      ]);
      const type = random.pick(["hello", "login"]);
      return generator.request(type, { version: 1, auth }, refused("bad_field", field));
    }
    const lacking = REQUESTS.filter(({ fields }) => fields.some((field) => field.isRequired));
    const { type, fields, example } = random.pick(lacking);
    const { name } = random.pick(fields.filter((field) => field.isRequired));
    return generator.request(type, spoil(example, name, undefined), refused("bad_field", name));
  },
};

/** What a field of each kind must not hold, and the part of it that is then at fault. */
const WRONG: Readonly<Record<FieldKind, readonly (readonly [unknown, string?])[]>> = {
  string: [[null], [true], [false], [0], [7.5], [[]], [["x"]], [{}], [{ a: { b: [] } }]],
  flag: [[null], [0], [1], ["true"], [""], [[]], [{}]],
  count: [[null], [true], ["1"], ["0"], [""], [[]], [[1]], [{}], [-1], [1.5]],
  auth: [
    [null],
    [true],
    [1],
    ["guest"],
    [["guest"]],
    [{ method: null, name: "x" }, "method"],
    [{ method: 1 }, "method"],
    [{ method: "fingerprint", name: "ada" }, "method"],
    [{ method: "password", name: "ada" }, "password"],
    [{ method: "password", name: "ada", password: ["hunter2"] }, "password"],
    [{ method: "__proto__" }, "method"],
    [{ method: ["guest"], name: "ada" }, "method"],
    [{ method: "guest", name: null }, "name"],
    [{ method: "guest", name: 7 }, "name"],
    [{ method: "guest", name: ["ada"] }, "name"],
    [{ method: "token", token: {} }, "token"],
    [{ method: "token", token: "" }, "token"],
    [{ method: "token", token: "t".repeat(257) }, "token"],
  ],
  cursors: [
    [null],
    [true],
    ["x"],
    [{}],
    [{ length: 1, 0: { room: SILENT_ROOM, seq: 0 } }],
    [new Array(201).fill({ room: SILENT_ROOM, seq: 0 })],
    [[null], "0"],
    [[1], "0"],
    [[SILENT_ROOM], "0"],
    [[[]], "0"],
    [[{ seq: 0 }], "0.room"],
    [[{ room: 7, seq: 0 }], "0.room"],
    [[{ room: SILENT_ROOM }], "0.seq"],
    [[{ room: SILENT_ROOM, seq: "0" }], "0.seq"],
    [[{ room: SILENT_ROOM, seq: -1 }], "0.seq"],
    [[{ room: SILENT_ROOM, seq: 0 }, { room: SILENT_ROOM, seq: null }], "1.seq"],
  ],
};

const wrongTypes: HostileClass = {
  number: 7,
  title: "each field of each wrong type",
  generate(generator): HostileCase {
    const { random } = generator;
    const { type, fields, example } = random.pick(REQUESTS);
    const { name, kind } = random.pick(fields);
    const [value, part] = random.pick(WRONG[kind]);
    const field = part === undefined ? name : `${name}.${part}`;
    return generator.request(type, spoil(example, name, value), refused("bad_field", field));
  },
};

const PROTOTYPES = ["__proto__", "constructor", "prototype"];
const POWERS = { type: "stats", role: "admin", room: "lobby", isPrototypeOf: 1 };

const prototypes: HostileClass = {
  number: 8,
  title: "keys that reach for a prototype",
  generate(generator): HostileCase {
    const { random } = generator;
    const key = random.pick(PROTOTYPES);
    const id = generator.id();
    switch (random.integer(0, 3)) {
      case 0:
        return generator.line(generator.json({ id, [key]: { type: "ping" } }), {
          id,
          answer: refused("bad_frame"),
        });
      case 1: {
        const line = `{"type":"login","id":"${id}","auth":{"${key}":{"method":"guest"}}}`;
        return generator.line(line, {
          type: "login",
          id,
          answer: refused("bad_field", "auth.method"),
        });
      }
      case 2: {
        const line =
          `{"type":"read","id":"${id}","room":"${HOSTILE_ROOM}","${key}":{"seq":1},"seq":{}}`;
        return generator.line(line, { type: "read", id, answer: refused("bad_field", "seq") });
      }
      default: {
        const { type, fields, answer } = harmless(random);
        const { id: own, line } = written(generator, {
          type,
          fields,
          by: [key, JSON.stringify(POWERS)],
        });
        return generator.line(line, { type, id: own, answer });
      }
    }
  },
};

const twice: HostileClass = {
  number: 9,
  title: "a key twice: the last one counts, however it is spelt",
  generate(generator): HostileCase {
    const { random } = generator;
    const id = generator.id();
    const text = `said last, ${id}`;
    const key = random.pick(['"type"', '"\\u0074ype"', '"t\\u0079pe"']);
    const [line, type, answer] = random.pick(
      [
        [`{"type":"stats",${key}:"ping","id":"${id}"}`, "ping", answered("pong")],
        [`{"type":{},"id":"wrong",${key}:"ping","\\u0069d":"${id}"}`, "ping", answered("pong")],
        [
          `{${key}:"message","id":"${id}","room":7,"room":"${HOSTILE_ROOM}",` +
          `"content":"said first","c\\u006fntent":"${text}"}`,
          "message",
          posted(text),
        ],
        [
          `{"id":"${id}","type":"read","room":"${HOSTILE_ROOM}","seq":0,"seq":"0"}`,
          "read",
          refused("bad_field", "seq"),
        ],
      ] as const,
    );
    return generator.line(line, { type, id, answer });
  },
};

const strangers: HostileClass = {
  number: 10,
  title: "more keys than anybody needs, and a key of 16 KiB",
  generate(generator): HostileCase {
    const { random } = generator;
    const { type, fields, answer } = harmless(random);
    if (random.chance(0.2)) {
      return generator.request(type, { ...fields, ["k".repeat(16 * 1024)]: 1 }, answer);
    }
    const count = random.pick([65, 100, 1_000]);
    const extra = Object.fromEntries(Array.from({ length: count }, (_, n) => [`x${n}`, n]));
    return generator.request(type, { ...fields, ...extra }, answer);
  },
};

const forged: HostileClass = {
  number: 11,
  title: "fields that are the server's",
  generate(generator): HostileCase {
    const { random } = generator;
    const text = `forged ${generator.id()}`;
    const claims = {
      from: "admin",
      seq: random.integer(-1, 1e6),
      time: 0,
      user: 1,
      role: "admin",
      guest: false,
      dup: true,
      kind: "topic",
      re: "somebody else's",
      epoch: "another",
      edited: 1,
      deleted: 1,
    };
    const chosen = Object.fromEntries(Object.entries(claims).filter(() => random.chance(0.6)));
    const fields = { ...chosen, room: HOSTILE_ROOM, content: text };
    return generator.request("message", fields, posted(text));
  },
};

export const FIELD_CLASSES: readonly HostileClass[] = [
  nesting,
  numbers,
  missing,
  wrongTypes,
  prototypes,
  twice,
  strangers,
  forged,
];
