import { assert, assertEquals, assertThrows } from "@std/assert";
import { ClientCodec, encodeFrame, ServerCodec } from "../../lib/wire/codec.ts";
import { FrameError } from "../../lib/wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../lib/wire/frame.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import { decodeRequest, type Inbound } from "../../lib/wire/request.ts";
import { hasRefusedCharacters } from "../../lib/wire/text.ts";
import { type Random, withRandom } from "../support/random.ts";

const encoder = new TextEncoder();
const BEFORE_AUTH = DEFAULT_LIMITS.frame_before_auth;
const AFTER_AUTH = DEFAULT_LIMITS.frame;

/** What a server reads of these bytes: types, or codes in brackets. */
function read(input: Uint8Array | string, maxBytes = AFTER_AUTH): string[] {
  const codec = new ServerCodec(maxBytes);
  const bytes = typeof input === "string" ? encoder.encode(input) : input;
  return Array.from(codec.decode(bytes), nameInbound);
}

function nameInbound(inbound: Inbound): string {
  return "error" in inbound ? `<${inbound.error.code}>` : inbound.type;
}

function utf16(text: string): Uint8Array {
  return Uint8Array.from(
    [...text].flatMap((char) => [char.charCodeAt(0) & 0xff, char.charCodeAt(0) >> 8]),
  );
}

Deno.test("codec: a server reads envelopes and refusals in the order they came", () => {
  const input =
    '{"type":"ping"}\n\nnonsense\n[]\n{"type":"mesage"}\r\n{"type":"stats"}\n{"type":"po';
  assertEquals(read(input), ["ping", "<bad_json>", "<bad_frame>", "<unknown_type>", "stats"]);
});

Deno.test("codec: other encodings of JSON are refused line by line", () => {
  const ping = '{"type":"ping"}';
  assertEquals(read(utf16(ping + "\n")), ["<bad_json>"]);
  assertEquals(read(utf16("\ufeff" + ping + "\n")), ["<bad_utf8>"]);
  const utf32 = Uint8Array.from(
    [...(ping + "\n")].flatMap((char) => [char.charCodeAt(0), 0, 0, 0]),
  );
  assertEquals(read(utf32), ["<bad_json>"]);
  // {"type" as EBCDIC spells it.
  assertEquals(read(Uint8Array.of(0xc0, 0x7f, 0xa3, 0xa8, 0x97, 0x85, 0x7f, 0x0a)), ["<bad_utf8>"]);
  assertEquals(read("\ufeff" + ping + "\n"), ["<bad_json>"]);
});

Deno.test("codec: compressed bytes are never inflated", () => {
  const magics = [[0x1f, 0x8b, 0x08], [0x78, 0x9c], [0x78, 0xda], [0x28, 0xb5, 0x2f, 0xfd], [
    0x50,
    0x4b,
    3,
    4,
  ]];
  for (const magic of magics) {
    const [code] = read(Uint8Array.from([...magic, 0x0a]));
    assert(code === "<bad_utf8>" || code === "<bad_json>", code);
  }
});

Deno.test("codec: a limit raised by the hello counts for the message behind it in the chunk", () => {
  const codec = new ServerCodec(BEFORE_AUTH);
  const content = "x".repeat(8 * 1024);
  const chunk = encodeFrame({ type: "hello", version: 1 }) +
    encodeFrame({ type: "message", room: "ops", content });
  const types: string[] = [];
  for (const inbound of codec.decode(encoder.encode(chunk))) {
    types.push(nameInbound(inbound));
    codec.maxFrameBytes = AFTER_AUTH;
  }
  assertEquals(types, ["hello", "message"]);
  assertEquals(codec.maxFrameBytes, AFTER_AUTH);
});

Deno.test("codec: without it the message is frame_too_large and nothing comes after", () => {
  const long = encodeFrame({ type: "message", room: "ops", content: "x".repeat(8 * 1024) });
  const ping = encodeFrame({ type: "ping" });
  assertEquals(read(ping + long + ping, BEFORE_AUTH), ["ping", "<frame_too_large>"]);
});

Deno.test("codec: 1,000 frames in one chunk keep their order", () => {
  const codec = new ServerCodec(AFTER_AUTH);
  const lines = Array.from({ length: 1_000 }, (_, id) => encodeFrame({ type: "ping", id }));
  const ids = Array.from(codec.decode(encoder.encode(lines.join(""))), ({ id }) => id);
  assertEquals(ids, lines.map((_, id) => id));
});

const STREAM = [
  encodeFrame({ type: "hello", version: 1, auth: { method: "guest", name: "ada" } }),
  '{"type":"message","room":"ops","content":"Grüße 🙂\\u2028"}\r\n',
  "\n",
  "{]\n",
  encodeFrame({ type: "ping", id: "é" }),
].join("");

Deno.test("codec: split at any byte, a stream says the same", () => {
  const bytes = encoder.encode(STREAM);
  const whole = ["hello", "message", "<bad_json>", "ping"];
  for (let at = 0; at <= bytes.length; at++) {
    const codec = new ServerCodec(AFTER_AUTH);
    const seen = [...codec.decode(bytes.slice(0, at)), ...codec.decode(bytes.slice(at))];
    assertEquals(seen.map(nameInbound), whole, `at ${at}`);
  }
});

Deno.test("codec: the chunk may be used again while its frames are still taken", () => {
  const codec = new ServerCodec(AFTER_AUTH);
  const chunk = encoder.encode(STREAM);
  const inbound = codec.decode(chunk);
  chunk.fill(0);
  assertEquals(Array.from(inbound, nameInbound), ["hello", "message", "<bad_json>", "ping"]);
});

Deno.test("codec: a client passes over what it does not know and stops at what is no frame", () => {
  const codec = new ClientCodec(AFTER_AUTH);
  const chunk =
    '{"type":"whistle"}\n{"type":"ping"}\n{"type":"pong","time":"x"}\n{"type":"ping"}\n';
  const frames = codec.decode(encoder.encode(chunk))[Symbol.iterator]();
  assertEquals(frames.next().value, { type: "ping" });
  assertThrows(() => frames.next(), FrameError, '"pong"');
});

Deno.test("codec: a client takes 64 KiB a frame and not a byte more", () => {
  const event = (length: number): Uint8Array =>
    encoder.encode(encodeFrame({
      type: "message",
      room: "ops",
      seq: 1,
      user: 1,
      from: "ada",
      time: 1,
      content: "x".repeat(length),
    }));
  const overhead = event(0).length;
  const fitting = [...new ClientCodec(AFTER_AUTH).decode(event(AFTER_AUTH - overhead))];
  assertEquals(fitting.length, 1);
  const error = assertThrows(
    () => [...new ClientCodec(AFTER_AUTH).decode(event(AFTER_AUTH - overhead + 1))],
    FrameError,
  );
  assertEquals(error.code, "frame_too_large");
});

Deno.test("codec: a frame is one line with nothing in it that acts on a terminal", () => {
  const line = encodeFrame({
    type: "message",
    room: "ops",
    content: 'a\n\u2028\u009b\u007f\x1b"b',
  });
  assertEquals(
    line,
    '{"type":"message","room":"ops","content":"a\\n\\u2028\\u009b\\u007f\\u001b\\"b"}\n',
  );
  assertEquals(
    encodeFrame({ type: "ping", id: "é" }),
    '{"type":"ping","id":"é"}\n',
  );
});

Deno.test("codec: both ends write what the other reads", () => {
  const request: ClientFrame = { type: "leave", id: 5, room: "ops" };
  const server = new ServerCodec(AFTER_AUTH);
  const [inbound] = server.decode(encoder.encode(new ClientCodec(AFTER_AUTH).encode(request)));
  assert(inbound !== undefined && !("error" in inbound));
  assertEquals(decodeRequest(inbound, DEFAULT_LIMITS), request);
  const reply: ServerFrame = { type: "ok", re: 5, room: "ops" };
  const frames = [...new ClientCodec(AFTER_AUTH).decode(encoder.encode(server.encode(reply)))];
  assertEquals(frames, [reply]);
});

/** A request that the rules allow, of any type that carries text. */
function randomRequest(random: Random): ClientFrame {
  const id = random.pick([undefined, random.below(1_000) - 500, random.text(16) || "id"]);
  const room = random.pick(["ops", "a", "@bob", "?42", "?42!", "x".repeat(64)]);
  const seq = random.pick([0, 1, 2 ** 53 - 1, random.below(1_000)]);
  return random.pick<ClientFrame>([
    { type: "message", id, room, content: permitted(random.text(200)) },
    {
      type: "message",
      id,
      room,
      content: "x",
      cid: permitted(random.text(10)).replace(/\s/g, "-"),
    },
    { type: "history", id, room, limit: 1 + random.below(100), around: seq },
    { type: "resume", id, rooms: Array.from({ length: random.below(200) }, () => ({ room, seq })) },
    { type: "hello", id, version: 1, auth: { method: "token", token: random.text(40) || "t" } },
    { type: "join", id, room, create: random.below(2) === 0 },
  ]);
}

/** The text without what no text may hold. */
function permitted(text: string): string {
  return Array.from(text, (char) => hasRefusedCharacters(char) ? "-" : char).join("") || "-";
}

Deno.test("codec: whatever is asked comes out as it went in, however it is cut (random)", () => {
  for (let round = 0; round < 200; round++) {
    withRandom((random) => {
      const frames = Array.from({ length: 1 + random.below(5) }, () => randomRequest(random));
      const bytes = encoder.encode(frames.map(encodeFrame).join(""));
      const codec = new ServerCodec(AFTER_AUTH);
      const seen: unknown[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + random.below(300);
        for (const inbound of codec.decode(bytes.slice(at, end))) {
          assert(!("error" in inbound), "error" in inbound ? inbound.error.message : "");
          seen.push(JSON.parse(JSON.stringify(decodeRequest(inbound, DEFAULT_LIMITS))));
        }
        at = end;
      }
      assertEquals(seen, JSON.parse(JSON.stringify(frames)));
    });
  }
});

/** What a fault in the middle may make of a frame: something else, or one of the codes. */
Deno.test("codec: a few flipped bits give a request or a defined code, never anything else (random)", () => {
  for (let round = 0; round < 2_000; round++) {
    withRandom((random) => {
      const bytes = encoder.encode(encodeFrame(randomRequest(random)));
      for (let flips = 1 + random.below(8); flips > 0; flips--) {
        const at = random.below(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      }
      for (const inbound of new ServerCodec(AFTER_AUTH).decode(bytes)) {
        if ("error" in inbound) continue;
        try {
          decodeRequest(inbound, DEFAULT_LIMITS);
        } catch (error) {
          assert(error instanceof Error && error.name === "ChatError", String(error));
        }
      }
    });
  }
});
