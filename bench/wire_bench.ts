// What the wire costs: `deno bench bench/wire_bench.ts`. Every figure is for 100 messages, or for
// one chunk of them, so divide by 100 for one message.

import type { ByteStream } from "../lib/wire/byte_stream.ts";
import {
  decodeRequest,
  decodeServerFrame,
  encodeBytes,
  encodeFrame,
  ServerCodec,
} from "../lib/wire/codec.ts";
import { Connection } from "../lib/wire/connection.ts";
import type { ServerFrame } from "../lib/wire/frame.ts";
import { DEFAULT_LIMITS } from "../lib/wire/limits.ts";
import { LineSplitter } from "../lib/wire/lines.ts";
import { readEnvelope } from "../lib/wire/request.ts";
import { checkText } from "../lib/wire/text.ts";

const COUNT = 100;
const CONTENT = "disk full on db3, the nightly backup did not finish; looking into it now";
const FOREIGN = "la base de données est pleine à 97 %, 世界の皆さん、こんにちは 🙂";
const encoder = new TextEncoder();

function requestLine(n: number, content = CONTENT): string {
  return encodeFrame({ type: "message", id: `m-${n}`, cid: `01JDW-${n}`, room: "ops", content });
}

function event(n: number, content = CONTENT): ServerFrame {
  const time = 1795374012001 + n;
  return { type: "message", room: "ops", seq: 58 + n, user: 7, from: "ada", time, content };
}

function times<T>(make: (n: number) => T): T[] {
  return Array.from({ length: COUNT }, (_, n) => make(n));
}

function drain(lines: LineSplitter): void {
  while (lines.next() !== undefined);
}

const requestLines = times((n) => requestLine(n));
const chunk = encoder.encode(requestLines.join(""));
const foreignChunk = encoder.encode(times((n) => requestLine(n, FOREIGN)).join(""));
const pieces = Array.from(
  { length: Math.ceil(chunk.length / 64) },
  (_, n) => chunk.subarray(n * 64, n * 64 + 64),
);
const envelopes = requestLines.map((line) => readEnvelope(line));
const events = times((n) => event(n));
const foreignEvents = times((n) => event(n, FOREIGN));
const eventLines = events.map((frame) => encodeFrame(frame));
const longText = CONTENT.repeat(450);

Deno.bench("lines: 100 in one chunk", { group: "in" }, () => {
  const lines = new LineSplitter(65_536);
  lines.add(chunk);
  drain(lines);
});

Deno.bench("lines: 100 in pieces of 64 bytes", { group: "in" }, () => {
  const lines = new LineSplitter(65_536);
  for (const piece of pieces) {
    lines.add(piece);
    drain(lines);
  }
});

Deno.bench("JSON.parse alone, 100 lines", { group: "in", baseline: true }, () => {
  for (const line of requestLines) JSON.parse(line);
});

Deno.bench("requests: 100 in one chunk, from bytes to checked frames", { group: "in" }, () => {
  const codec = new ServerCodec(65_536);
  for (const inbound of codec.decode(chunk)) {
    if (!("error" in inbound)) decodeRequest(inbound, DEFAULT_LIMITS);
  }
});

Deno.bench("requests: the same, not ASCII", { group: "in" }, () => {
  const codec = new ServerCodec(65_536);
  for (const inbound of codec.decode(foreignChunk)) {
    if (!("error" in inbound)) decodeRequest(inbound, DEFAULT_LIMITS);
  }
});

Deno.bench("requests: fields of 100 envelopes", { group: "in" }, () => {
  for (const inbound of envelopes) {
    if (!("error" in inbound)) decodeRequest(inbound, DEFAULT_LIMITS);
  }
});

Deno.bench("text: one of 32 KB", { group: "in" }, () => {
  checkText(longText, DEFAULT_LIMITS);
});

Deno.bench("JSON.stringify alone, 100 events", { group: "out", baseline: true }, () => {
  for (const frame of events) JSON.stringify(frame);
});

Deno.bench("encodeFrame: 100 events", { group: "out" }, () => {
  for (const frame of events) encodeFrame(frame);
});

Deno.bench("encodeFrame: 100 events, not ASCII", { group: "out" }, () => {
  for (const frame of foreignEvents) encodeFrame(frame);
});

Deno.bench("encodeBytes: 100 events", { group: "out" }, () => {
  for (const frame of events) encodeBytes(frame);
});

Deno.bench("encode: 100 events as one batch of bytes", { group: "out" }, () => {
  let lines = "";
  for (const frame of events) lines += encodeFrame(frame);
  encoder.encode(lines);
});

Deno.bench("decodeServerFrame: 100 events", { group: "client" }, () => {
  for (const line of eventLines) decodeServerFrame(line);
});

/** A stream that takes everything at once: what is left is our own cost. */
const abyss: ByteStream = {
  read: () => Promise.resolve(null),
  write: (bytes) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close: () => {},
};
const connections = times(() =>
  new Connection(abyss, new ServerCodec(65_536), { maxQueueBytes: 1 << 20, monotonic: () => 0 })
);
const sharedLine = encodeBytes(event(1));
const ack: ServerFrame = { type: "ok", re: "m-1", room: "ops", seq: 58, time: 1795374012001 };

Deno.bench("deliver: one shared line to 100 idle connections", { group: "queue" }, async () => {
  for (const connection of connections) connection.deliver(sharedLine);
  await Promise.all(connections.map((connection) => connection.whenQueueBelow(1)));
});

Deno.bench("deliver: 100 shared lines to one connection", { group: "queue" }, async () => {
  const [connection] = connections;
  for (let n = 0; n < COUNT; n++) connection?.deliver(sharedLine);
  await connection?.whenQueueBelow(1);
});

Deno.bench("send: 100 acknowledgements in one turn", { group: "queue" }, async () => {
  const [connection] = connections;
  for (let n = 0; n < COUNT; n++) connection?.send(ack);
  await connection?.whenQueueBelow(1);
});
