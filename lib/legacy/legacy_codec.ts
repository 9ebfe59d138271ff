// The legacy dialect's objects (protocol §9): read as requests of version 1, and written one object a
// write, at most 1,024 bytes, because the old program takes each read of that size for one object.

import type { Codec } from "../wire/codec.ts";
import { ChatError, type ErrorCode } from "../wire/errors.ts";
import { formatJson } from "../wire/json.ts";
import type { Inbound } from "../wire/request.ts";
import { LOBBY } from "../wire/room_ref.ts";
import { ObjectSplitter } from "./object_splitter.ts";

/** Everything that an old program is sent; it prints `content`. */
export type LegacyReply =
  | { readonly type: "response"; readonly content: string }
  | { readonly type: "error"; readonly code: ErrorCode; readonly content: string };

/** What the old program reads at once. */
const READ_BYTES = 1_024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bare objects in both directions. */
export class LegacyCodec implements Codec<Inbound, LegacyReply> {
  /** The room of the open inquiry: an old program asks all its questions in one. */
  inquiryRoom: string | undefined;
  readonly #objects: ObjectSplitter;

  /** @param maxBytes of one object */
  constructor(maxBytes: number) {
    this.#objects = new ObjectSplitter(maxBytes);
  }

  /** Whether an object has begun and its end has not come. */
  get isOpen(): boolean {
    return this.#objects.isOpen;
  }

  /** Forgets the object that has begun. */
  drop(): void {
    this.#objects.drop();
  }

  /** Read one by one as they are taken: a question goes to the inquiry that the one before it opened. */
  decode(chunk: Uint8Array): Iterable<Inbound> {
    return this.#objects.push(chunk).values().map((found) =>
      found.kind === "object"
        ? this.#read(found.bytes)
        : refused(found.kind === "garbage" ? BAD_JSON : TOO_LARGE)
    );
  }

  encode(reply: LegacyReply): string {
    return formatJson(reply);
  }

  #read(bytes: Uint8Array): Inbound {
    let value: unknown;
    try {
      value = JSON.parse(decoder.decode(bytes));
    } catch {
      return refused(BAD_JSON);
    }
    const { type, content } = value as Record<string, unknown>;
    if (type === "message") return sendTo(LOBBY, content);
    if (type !== "inquiry") return refused(UNKNOWN_TYPE);
    if (this.inquiryRoom !== undefined) return sendTo(this.inquiryRoom, content);
    return { type: "inquiry", id: undefined, body: { content } };
  }
}

function sendTo(room: string, content: unknown): Inbound {
  return { type: "message", id: undefined, body: { room, content } };
}

function refused(error: ChatError): Inbound {
  return { error, id: undefined };
}

/** An object that never ended, and what stands outside of any. */
export const BAD_JSON = new ChatError("bad_json", "This is no JSON object");
const TOO_LARGE = new ChatError("frame_too_large", "This object is too large");
const UNKNOWN_TYPE = new ChatError("unknown_type", 'The type is "message" or "inquiry"');

/** A text as the fewest replies that each fit in one read of the old client, cut between characters. */
export function* splitReply(reply: LegacyReply): Generator<LegacyReply> {
  const frameBytes = encoder.encode(formatJson({ ...reply, content: "" })).length;
  let part = "";
  let partBytes = frameBytes;
  for (const { segment } of GRAPHEMES.segment(reply.content)) {
    for (const piece of encodedBytes(segment) <= READ_BYTES - frameBytes ? [segment] : segment) {
      const bytes = encodedBytes(piece);
      if (partBytes + bytes > READ_BYTES) {
        yield { ...reply, content: part };
        part = "";
        partBytes = frameBytes;
      }
      part += piece;
      partBytes += bytes;
    }
  }
  yield { ...reply, content: part };
}

const GRAPHEMES = new Intl.Segmenter("und", { granularity: "grapheme" });

function encodedBytes(text: string): number {
  return encoder.encode(formatJson(text)).length - 2;
}
