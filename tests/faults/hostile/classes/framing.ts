// Classes about lines and JSON: what is no frame at all, and frames that come in odd pieces.

import {
  answered,
  concat,
  EARLY_BYTES,
  type FrameGenerator,
  HOSTILE_ROOM,
  type HostileCase,
  type HostileClass,
  posted,
  refused,
  type Reply,
  TOO_LARGE,
} from "../case.ts";
import { harmless } from "../requests.ts";

const encoder = new TextEncoder();
const BAD_JSON = refused("bad_json");
const GARBLED = refused(["bad_utf8", "bad_json"]);

/** A frame of two strings, the second one spoilt by bytes that JSON would not hold. */
function spoilt(generator: FrameGenerator, bytes: readonly number[], end = '"}'): Uint8Array {
  const beginning =
    `{"type":"message","id":"${generator.id()}","room":"${HOSTILE_ROOM}","content":"x`;
  return concat([encoder.encode(beginning), Uint8Array.from(bytes), encoder.encode(end)]);
}

const GRAMMAR_FAULTS = [
  "{",
  "}",
  "{}}",
  "{]",
  '{"type"}',
  '{"type":}',
  '{"type":"ping",}',
  '{,"type":"ping"}',
  '{"type" "ping"}',
  "{'type':'ping'}",
  '{type:"ping"}',
  '{"type":"ping"} x',
  '{"type":"ping"}{"type":"ping"}',
  '{"type":"ping"},',
  '{"type":"ping"}//',
  '/**/{"type":"ping"}',
  '{"type":undefined}',
  '{"type":"ping","x":True}',
  '{"type":"ping","x":nul}',
  '{"type":"ping","x":"\\x41"}',
  '{"type":"ping","x":"\\u12G4"}',
  '{"type":"ping","x":"\\',
  '{"type":"ping","x":"\\"}',
  '{"type":"ping","x":"a\tb"}',
  '{"type":"ping","x":[1,2,]}',
  '{"type":"ping","x":[1 2]}',
  '"type":"ping"',
  "ping",
  "/join lobby",
  "\v",
  "\u00a0",
];

const invalidJson: HostileClass = {
  number: 1,
  title: "truncated and invalid JSON",
  generate(generator): HostileCase {
    const { random } = generator;
    if (random.chance(0.5)) {
      return generator.line(random.pick(GRAMMAR_FAULTS), { answer: BAD_JSON });
    }
    const { type, fields } = harmless(random);
    const whole = generator.json({ type, id: generator.id(), ...fields });
    return generator.line(whole.slice(0, random.integer(1, whole.length - 1)), {
      answer: BAD_JSON,
    });
  },
};

const notAnObject: HostileClass = {
  number: 4,
  title: "a top level that is no object",
  generate: (generator) =>
    generator.line(
      generator.random.pick(["null", "true", "false", "0", "-7.5e3", '""', '"ping"', "[]"].concat(
        ['[{"type":"ping"}]', "[[[[]]]]", ' "x" ', "\tnull\t"],
      )),
      { answer: refused("bad_frame") },
    ),
};

const TYPES_UNKNOWN = [
  "",
  "Ping",
  "PING",
  " ping",
  "ping ",
  "ping\u0000",
  "pıng",
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "welcome",
  "ok",
  "error",
  "bye",
  "page",
  "response",
  "x".repeat(3_000),
];
const TYPES_WRONG = [null, true, 0, 7.5, [], ["ping"], {}, { type: "ping" }];

const wrongType: HostileClass = {
  number: 5,
  title: "a type that is missing, unknown or of the wrong kind",
  generate(generator): HostileCase {
    const { random } = generator;
    const id = generator.id();
    const more = { room: HOSTILE_ROOM, content: "no type, no message" };
    if (random.chance(0.2)) {
      return generator.line(generator.json({ id, ...more }), { id, answer: refused("bad_frame") });
    }
    const isWrong = random.chance(0.4);
    const type = isWrong ? random.pick<unknown>(TYPES_WRONG) : random.pick(TYPES_UNKNOWN);
    const answer = refused(isWrong ? "bad_frame" : "unknown_type");
    return generator.line(generator.json({ type, id, ...more }), { id, answer });
  },
};

const NOT_UTF8: readonly (readonly number[])[] = [
  [0x80],
  [0xbf],
  [0xc0, 0x80],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0x80],
  [0xe0, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0xfe],
  [0xff],
  [0xc3],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
];

const invalidUtf8: HostileClass = {
  number: 12,
  title: "bytes that are not UTF-8",
  generate(generator): HostileCase {
    const { random } = generator;
    const bytes = random.pick(NOT_UTF8);
    // Cut off by the end of the line, or in the middle of a string.
    const line = spoilt(generator, bytes, random.chance(0.3) ? "" : '"}');
    return generator.line(line, { answer: refused("bad_utf8") });
  },
};

const otherEncodings: HostileClass = {
  number: 13,
  title: "UTF-16, UTF-32 and EBCDIC",
  generate(generator): HostileCase {
    const { random } = generator;
    const text = `{"type":"ping","id":"${generator.id()}"}`;
    const width = random.pick([2, 4]);
    const isLittle = random.chance(0.5);
    const mark = random.chance(0.5) ? "\ufeff" : "";
    const wide = [...mark + text].flatMap((character) => {
      const code = character.charCodeAt(0);
      const units = [...new Array(width - 2).fill(0), code >> 8, code & 0xff];
      return isLittle ? units.reverse() : units;
    });
    // EBCDIC has its braces, quotes and letters above 0x40; what they are does not matter here.
    const ebcdic = [...text].map((character) => 0x40 + (character.charCodeAt(0) * 7) % 0xb0);
    const bytes = random.chance(0.75) ? wide : ebcdic;
    return generator.line(Uint8Array.from(bytes), { answer: GARBLED });
  },
};

/** A frame that is exactly so many bytes long with its newline. */
function lineOf(generator: FrameGenerator, bytes: number): HostileCase {
  const id = generator.id();
  const text = `${bytes} bytes`;
  const frame = { type: "message", id, room: HOSTILE_ROOM, content: text, padding: "" };
  const missing = bytes - 1 - JSON.stringify(frame).length;
  const line = JSON.stringify({ ...frame, padding: "p".repeat(missing) });
  return generator.line(line, { type: "message", id, answer: posted(text) });
}

/** What never ends, as far as the server reads it. */
function endless(generator: FrameGenerator, bytes: number): HostileCase {
  const line = encoder.encode(generator.random.pick(["x", "{", '{"type":"', " {", "[[[["]));
  const filled = new Uint8Array(bytes).fill(0x61);
  filled.set(line);
  return { stage: generator.stage, bytes: filled, ...TOO_LARGE };
}

const sizes: HostileClass = {
  number: 19,
  title: "lines at, above and far above the limit, and lines without end",
  generate(generator): HostileCase {
    const { random } = generator;
    const most = generator.stage === "member" ? 65_536 : EARLY_BYTES;
    switch (random.integer(0, 9)) {
      case 0:
        return { ...lineOf(generator, most + 1), ...TOO_LARGE };
      case 1:
        return { ...lineOf(generator, 2 * most), ...TOO_LARGE };
      case 2:
        return endless(generator, random.chance(0.1) ? 10 * 1024 * 1024 : most);
      default:
        return lineOf(generator, most - random.integer(0, 2));
    }
  },
};

const pieces: HostileClass = {
  number: 20,
  title: "a frame in pieces, and a thousand frames in one",
  generate(generator): HostileCase {
    const { random } = generator;
    if (random.chance(0.8)) {
      const { type, fields, answer } = harmless(random);
      const whole = generator.request(type, fields, answer);
      return { ...whole, pieceBytes: random.chance(0.3) ? 1 : random.integer(2, 40) };
    }
    const cases = Array.from(
      { length: random.integer(2, random.chance(0.1) ? 1_000 : 100) },
      () => {
        const { type, fields, answer } = harmless(random);
        return generator.request(type, fields, answer);
      },
    );
    return generator.together(cases);
  },
};

const lineEnds: HostileClass = {
  number: 21,
  title: "line ends of all kinds, and lines with nothing in them",
  generate(generator): HostileCase {
    const { random, stage } = generator;
    const blank = random.pick(["", "\r", "  ", "\t", " \t \r", "\r\r"]);
    if (random.chance(0.4)) {
      const count = random.chance(0.05) ? 10_000 : random.integer(1, 20);
      const bytes = encoder.encode(`${blank}\n`.repeat(count));
      return { stage, bytes, replies: [], closes: false };
    }
    const { type, fields, answer } = harmless(random);
    const id = generator.id();
    const frame = generator.json({ type, id, ...fields });
    if (random.chance(0.3)) {
      const two = `${frame}\r${generator.json({ type: "ping", id: generator.id() })}`;
      return generator.line(two, { answer: BAD_JSON });
    }
    const end = random.pick(["\r", "\r\r", " \r", "\t", "  "]);
    return generator.line(`${random.pick(["", " ", "\t", "\r"])}${frame}${end}`, {
      type,
      id,
      answer,
    });
  },
};

const FOREIGN = [
  "GET / HTTP/1.1\r",
  "POST /chat HTTP/1.0\r",
  "OPTIONS * HTTP/1.1\r",
  "HEAD / HTTP/1.1\r",
  "CONNECT example.org:443 HTTP/1.1\r",
  "FOO / HTTP/1.1\r",
  "get / HTTP/1.1\r",
  " GET / HTTP/1.1\r",
  "PRI * HTTP/2.0\r",
  "SSH-2.0-OpenSSH_9.6\r",
  "EHLO mail.example.org\r",
  "*1\r",
  "$4\r",
  "PING\r",
  "NICK ada\r",
  "<?xml version='1.0'?>",
  "<stream:stream>",
  "\ufeff{}",
  "G",
  "GE",
  "PUSH x",
  "SSH",
];
/** A TLS 1.2 record with the beginning of a ClientHello, and an SSLv2 one. */
const TLS: readonly (readonly number[])[] = [
  [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03],
  [0x80, 0x2e, 0x01, 0x00, 0x02],
];

const foreign: HostileClass = {
  number: 33,
  title: "other protocols",
  generate(generator): HostileCase {
    const { random } = generator;
    if (random.chance(0.2)) {
      return generator.line(Uint8Array.from(random.pick(TLS)), { answer: GARBLED });
    }
    return generator.line(random.pick(FOREIGN), { answer: BAD_JSON });
  },
};

const PACKED: readonly (readonly number[])[] = [
  [0x1f, 0x8b, 0x08, 0x00],
  [0x78, 0x9c],
  [0x78, 0x01],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x42, 0x5a, 0x68, 0x39],
  [0x50, 0x4b, 0x03, 0x04],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
];

const packed: HostileClass = {
  number: 40,
  title: "beginnings of compressed data",
  generate(generator): HostileCase {
    const { random } = generator;
    const more = random.bytes(random.integer(0, 200)).map((byte) => byte === 0x0a ? 0x0b : byte);
    const line = concat([Uint8Array.from(random.pick(PACKED)), more]);
    return generator.line(line, { answer: GARBLED });
  },
};

const pongs: HostileClass = {
  number: 37,
  title: "pongs that nobody asked for",
  generate(generator): HostileCase {
    const { random, stage } = generator;
    const pong = () =>
      JSON.stringify({ type: "pong", re: random.integer(0, 9), id: generator.id(), time: -1 });
    const lines = Array.from({ length: random.integer(1, 200) }, pong);
    const replies: Reply[] = [];
    if (random.chance(0.5)) {
      const id = generator.id();
      lines.push(JSON.stringify({ type: "ping", id }));
      replies.push({ ...answered("pong"), re: id });
    }
    return { stage, bytes: encoder.encode(lines.join("\n") + "\n"), replies, closes: false };
  },
};

export const FRAMING_CLASSES: readonly HostileClass[] = [
  invalidJson,
  notAnObject,
  wrongType,
  invalidUtf8,
  otherEncodings,
  sizes,
  pieces,
  lineEnds,
  foreign,
  packed,
  pongs,
];
