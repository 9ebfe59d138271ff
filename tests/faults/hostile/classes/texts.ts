// Classes about texts: characters that must not pass, and those that must pass unchanged.

import {
  type Answer,
  type FrameGenerator,
  HOSTILE_ROOM,
  type HostileCase,
  type HostileClass,
  posted,
  refused,
} from "../case.ts";

const MEMBER = ["member"] as const;

/** A message with this text. */
function message(
  generator: FrameGenerator,
  content: string,
  answer: Answer = posted(content),
): HostileCase {
  return generator.request("message", { room: HOSTILE_ROOM, content }, answer);
}

/** A text field somewhere, with this in it, and the code for what must not be there. */
function anyText(generator: FrameGenerator, bad: string): HostileCase {
  const { random } = generator;
  const text = random.pick([bad, `x${bad}`, `${bad}x`, `a${bad}b`, `ops${bad}`]);
  switch (random.integer(0, 4)) {
    case 0:
      return generator.request(
        "message",
        { room: HOSTILE_ROOM, content: "x", cid: text },
        refused("bad_field", "cid"),
      );
    case 1:
      return generator.request("join", { room: text, create: true }, refused("bad_name", "room"));
    case 2: {
      const auth = { method: "guest", name: text };
      return generator.request("login", { auth }, refused("bad_name", "auth.name"));
    }
    case 3:
      return generator.request(
        "hello",
        { version: 1, client: text },
        refused("bad_field", "client"),
      );
    default:
      return message(generator, text, refused("bad_text", "content"));
  }
}

const halfSurrogates: HostileClass = {
  number: 14,
  title: "half a surrogate pair, escaped",
  generate: (generator) =>
    anyText(
      generator,
      generator.random.pick(["\ud800", "\udbff", "\udc00", "\udfff", "\udc00\ud800", "😀\ud83d"]),
    ),
};

const nul: HostileClass = {
  number: 15,
  title: "U+0000, raw and escaped",
  generate(generator): HostileCase {
    if (generator.random.chance(0.6)) return anyText(generator, "\0");
    const id = generator.id();
    const line = generator.random.pick([
      `{"type":"message","id":"${id}","room":"${HOSTILE_ROOM}","content":"a\0b"}`,
      `{"type":"ping","id":"${id}"}\0`,
      `\0{"type":"ping","id":"${id}"}`,
      `{"type":"ping\0","id":"${id}"}`,
      "\0",
    ]);
    return generator.line(line, { answer: refused("bad_json") });
  },
};

const CONTROLS = [
  ...Array.from({ length: 31 }, (_, n) => String.fromCharCode(n + 1)),
  ...Array.from({ length: 33 }, (_, n) => String.fromCharCode(n + 0x7f)),
].filter((character) => character !== "\n" && character !== "\t");
const SEQUENCES = [
  "\x1b[2J",
  "\x1b]0;owned\x07",
  "\x1b]52;c;aGk=\x07",
  "\x1bP$q\x1b\\",
  "\x9b31m",
  "\x9d0;owned\x9c",
  "\r\x1b[K",
];

const controls: HostileClass = {
  number: 16,
  title: "control characters and terminal sequences in every text",
  generate(generator): HostileCase {
    const { random } = generator;
    const bad = random.chance(0.7) ? random.pick(CONTROLS) : random.pick(SEQUENCES);
    if (random.chance(0.8)) return anyText(generator, bad);
    // As bytes: JSON itself forbids those below U+0020 in a string.
    const id = generator.id();
    const line = `{"type":"message","id":"${id}","room":"${HOSTILE_ROOM}","content":"a${bad}b"}`;
    // deno-lint-ignore no-control-regex
    if (/[\0-\x1f]/.test(bad)) return generator.line(line, { answer: refused("bad_json") });
    return generator.line(line, { type: "message", id, answer: refused("bad_text", "content") });
  },
};

const lineBreaks: HostileClass = {
  number: 17,
  title: "line breaks of all kinds in names",
  generate(generator): HostileCase {
    const { random } = generator;
    const ends = random.pick(["\n", "\r", "\r\n", "\u2028", "\u2029", "\u0085", "\v", "\f"]);
    const name = random.pick([`ops${ends}`, `${ends}ops`, `op${ends}s`, ends]);
    if (random.chance(0.3)) {
      const auth = { method: "guest", name };
      return generator.request("login", { auth }, refused("bad_name", "auth.name"));
    }
    const type = random.pick(["join", "leave", "members", "history", "message", "read"]);
    const fields = { room: name, content: "x", seq: 0, limit: 1 };
    return generator.request(type, fields, refused("bad_name", "room"));
  },
};

const lengths: HostileClass = {
  number: 22,
  title: "texts at and above each limit",
  stages: MEMBER,
  generate(generator): HostileCase {
    const { random } = generator;
    const tooLong = refused("too_long", "content");
    const [text, answer] = random.pick<readonly [string, Answer?]>([
      ["", refused("bad_text", "content")],
      ["x"],
      [" "],
      ["\n"],
      ["x".repeat(32_767)],
      ["x".repeat(32_768)],
      ["x".repeat(32_769), tooLong],
      ["x".repeat(60_000), tooLong],
      ["é".repeat(16_384)],
      ["é".repeat(16_384) + "x", tooLong],
      ["漢".repeat(10_922) + "xx"],
      ["漢".repeat(10_923), tooLong],
      ["😀".repeat(8_192)],
      ["😀".repeat(8_192) + "x", tooLong],
      // Two quotes around; a quote is two bytes in JSON, U+2028 six.
      ['"'.repeat(29_999)],
      ['"'.repeat(30_000), tooLong],
      ["\u2028".repeat(9_999)],
      ["\u2028".repeat(10_000), tooLong],
      ["x\n".repeat(999) + "x"],
      ["x\n".repeat(1_000) + "x", tooLong],
      ["\n".repeat(999)],
      ["\n".repeat(1_000), tooLong],
      ["Z" + "\u0300\u0301\u0302\u0303".repeat(250)],
      ["👩" + "\u200d👩".repeat(100)],
      ["\u200b".repeat(1_000)],
    ]);
    return message(generator, text, answer);
  },
};

const bidi: HostileClass = {
  number: 23,
  title: "directions that are not taken back",
  stages: MEMBER,
  generate: (generator) =>
    message(
      generator,
      generator.random.pick([
        "\u202egnp.exe",
        "\u2066\u2067\u2068 isolated",
        "a\u202a\u202b\u202d\u202eb",
        "\u2069\u202c nothing to end",
        "\u200e\u200f\u061c marks",
        "שלום \u2067 hello",
      ]),
    ),
};

const NONCHARACTERS = [0xfdd0, 0xfdef, 0xfffe, 0xffff, 0x1fffe, 0x1ffff, 0x8fffe, 0x10ffff];
const ODD_BUT_FINE = [
  "\ue000",
  "\uf8ff",
  "\u{f0000}",
  "\u{10fffd}",
  "\u{e0061}\u{e007f}",
  "☃\ufe0f",
  "x\u{e0100}",
  "\ufeff in the middle",
  "\ufffd",
  "\ufffc",
  "\u{1d11e}",
  "\u2028",
  "\u2029",
  "ﷺ",
];

const oddCharacters: HostileClass = {
  number: 24,
  title: "noncharacters, private use, tags, variation selectors",
  generate(generator): HostileCase {
    const { random } = generator;
    if (random.chance(0.5)) {
      return anyText(generator, String.fromCodePoint(random.pick(NONCHARACTERS)));
    }
    return message(generator, `${random.pick(ODD_BUT_FINE)} ${generator.id()}`);
  },
};

export const TEXT_CLASSES: readonly HostileClass[] = [
  halfSurrogates,
  nul,
  controls,
  lineBreaks,
  lengths,
  bidi,
  oddCharacters,
];
