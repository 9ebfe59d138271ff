// What is said in the legacy dialect, and how it is written: one object a write, at most 1,024 bytes,
// because its client takes each read of that size for exactly one object (protocol §9).

import type { Batch } from "../chat/batch.ts";
import { checkText } from "../wire/text.ts";
import type { Codec } from "../wire/codec.ts";
import { ChatError, type ErrorCode } from "../wire/errors.ts";
import { formatJson } from "../wire/json.ts";
import type { Limits } from "../wire/limits.ts";
import { ObjectSplitter } from "./object_splitter.ts";

/** A message for the lobby, or a question for the desk. */
export interface LegacyRequest {
  readonly type: "message" | "inquiry";
  readonly content: string;
}

/** All that is answered; the old client prints `content`. */
export type LegacyReply =
  | { readonly type: "response"; readonly content: string }
  | { readonly type: "error"; readonly code: ErrorCode; readonly content: string };

export type LegacyInbound = LegacyRequest | { readonly error: ChatError };

const MOST_BYTES = 1_024;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bare objects in both directions. */
export class LegacyCodec implements Codec<LegacyInbound, LegacyReply> {
  readonly #objects: ObjectSplitter;
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#objects = new ObjectSplitter(limits.frame);
  }

  /** Whether an object has begun and its end has not come. */
  get isOpen(): boolean {
    return this.#objects.isOpen;
  }

  /** Gives up the object that has begun. */
  drop(): void {
    this.#objects.drop();
  }

  decode(chunk: Uint8Array): readonly LegacyInbound[] {
    return this.#objects.push(chunk).map((found): LegacyInbound => {
      switch (found.kind) {
        case "object":
          return decodeLegacy(found.bytes, this.#limits);
        case "garbage":
          return { error: BAD_JSON };
        case "too_large":
          return { error: TOO_LARGE };
      }
    });
  }

  encode(reply: LegacyReply): string {
    return formatJson(reply);
  }
}

/** An object that never ended, or what stands outside of any. */
export const BAD_JSON = new ChatError("bad_json", "What you sent is no JSON object");
const TOO_LARGE = new ChatError("frame_too_large", "What you sent is too large");

function decodeLegacy(bytes: Uint8Array, limits: Limits): LegacyInbound {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    return { error: BAD_JSON };
  }
  const { type, content } = value as Record<string, unknown>;
  if (type !== "message" && type !== "inquiry") {
    return { error: new ChatError("unknown_type", 'The type is "message" or "inquiry"') };
  }
  if (typeof content !== "string") {
    return { error: new ChatError("bad_field", "The content is a text") };
  }
  try {
    checkText(content, limits);
  } catch (error) {
    if (error instanceof ChatError) return { error };
    throw error;
  }
  return { type, content };
}

/** A text as the fewest replies that each fit in one read of the old client, cut between characters. */
export function* splitReply(reply: LegacyReply): Generator<LegacyReply> {
  const frameBytes = encoder.encode(formatJson({ ...reply, content: "" })).length;
  let part = "";
  let partBytes = frameBytes;
  for (const { segment } of GRAPHEMES.segment(reply.content)) {
    for (const piece of encodedBytes(segment) <= MOST_BYTES - frameBytes ? [segment] : segment) {
      const bytes = encodedBytes(piece);
      if (partBytes + bytes > MOST_BYTES) {
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

const FORBIDDEN = encoder.encode(formatJson({
  type: "error",
  code: "forbidden",
  content: "This server does not speak the old dialect: ask its operator, or use the parley client",
}));

/** The one answer to an old program while the dialect is off: no event of version 1. */
export const LEGACY_REFUSAL: Batch = { events: [], lines: () => FORBIDDEN };
