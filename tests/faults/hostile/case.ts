// One hostile case: bytes, how far the session has come when they arrive, and what exactly must come
// back. The maker turns what a member would be answered into what an earlier session is.

import type { Random } from "../support/random.ts";

/**
 * How far a session has come: `first`, nothing was said before; `greeted`, after a hello without auth;
 * `member`, logged in and in the room where hostile texts go.
 */
export type Stage = "first" | "greeted" | "member";

/** The room that every member of the run hears; what is said there is on record. */
export const HOSTILE_ROOM = "hostile";
/** A room in which nobody ever says anything. */
export const SILENT_ROOM = "silent";
/** The first inquiry of the run: its room is nobody else's. */
export const FOUNDERS_INQUIRY = "?1";

/** One frame that must come back. Fields that are not given are not looked at, except `re`. */
export interface Reply {
  /** `*`: whatever is defined, but no fault of the server. */
  readonly type: string;
  /** Of an `error` or `bye`: one of these. */
  readonly codes?: readonly string[];
  readonly field?: string;
  /** What it carries back; undefined: nothing. */
  readonly re?: string | number | undefined;
  /** Of an `ok`: the text that is now said in the hostile room. */
  readonly says?: string;
  /** Fields that it must have with exactly these values. */
  readonly holds?: Readonly<Record<string, unknown>>;
}

/** What is answered, whoever asks. */
export type Answer = Omit<Reply, "re">;

export interface HostileCase {
  readonly stage: Stage;
  /** Whole lines, unless it `closes`. */
  readonly bytes: Uint8Array;
  /** What comes back, in this order; pongs may come earlier. */
  readonly replies: readonly Reply[];
  /** The connection ends behind the replies. */
  readonly closes: boolean;
  /** Written in pieces of so many bytes; at once unless given. */
  readonly pieceBytes?: number;
}

export interface HostileClass {
  /** Its number in the list of classes. */
  readonly number: number;
  readonly title: string;
  /** Where it makes sense; everywhere unless given. */
  readonly stages?: readonly Stage[];
  make(maker: Maker): HostileCase;
}

/** Lines before login are held to this, newline included. */
export const EARLY_BYTES = 4_096;

/** What one may ask without being logged in. */
const OPEN_TYPES: ReadonlySet<string> = new Set(["hello", "login", "ping", "pong"]);

const FOREIGN_BEGINNINGS = [
  "\x16",
  "\xef\xbb\xbf",
  "\xfe\xff",
  "\xff\xfe",
  "SSH-",
];
/** Lines of HTTP: a method in use, any method with a target, or a header field. */
const HTTP_LINES = [
  /^(GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH|CONNECT|TRACE) /i,
  /^[ \t\r\n]*[A-Z0-9'*_-]+[ \t]+[*/]/i,
  /^[A-Z][A-Z0-9_-]*:/i,
];

const NEWLINE = 0x0a;
const encoder = new TextEncoder();

export function refused(code: string | readonly string[], field?: string): Answer {
  const codes = typeof code === "string" ? [code] : code;
  return { type: "error", codes, ...(field === undefined ? undefined : { field }) };
}

export function answered(type: string, holds?: Answer["holds"]): Answer {
  return { type, ...(holds === undefined ? undefined : { holds }) };
}

/** An `ok`, and the text is said in the hostile room. */
export function said(text: string): Answer {
  return { type: "ok", says: text };
}

export interface LineOptions {
  /** The type of the request, if it is one that is known. */
  readonly type?: string;
  /** The id that an answer carries back. */
  readonly id?: string | number | undefined;
  /** What a member is answered; undefined: nothing at all. */
  readonly answer: Answer | undefined;
}

/** Makes cases for one stage. Whatever it chooses is decided by the seed. */
export class Maker {
  readonly random: Random;
  readonly stage: Stage;
  #ids = 0;

  constructor(random: Random, stage: Stage) {
    this.random = random;
    this.stage = stage;
  }

  /** An id that no other request of this maker has. */
  id(): string {
    return `c${++this.#ids}`;
  }

  /** A request with an id, its fields in any order. */
  request(type: string, fields: Readonly<Record<string, unknown>>, answer: Answer): HostileCase {
    const id = this.id();
    return this.line(this.json({ type, id, ...fields }), { type, id, answer });
  }

  /** An object as JSON, its fields in any order. */
  json(fields: Readonly<Record<string, unknown>>): string {
    const entries = Object.entries(fields);
    for (let at = entries.length - 1; at > 0; at--) {
      const other = this.random.integer(0, at);
      [entries[at], entries[other]] = [entries[other] as Entry, entries[at] as Entry];
    }
    // By hand: an object would keep `__proto__` to itself, and numbers first.
    const parts = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return `{${parts.join(",")}}`;
  }

  /** Several cases that do not close, one behind the other in one piece. */
  together(cases: readonly HostileCase[]): HostileCase {
    const { stage } = this;
    const bytes = concat(cases.map((one) => one.bytes));
    return { stage, bytes, replies: cases.flatMap((one) => one.replies), closes: false };
  }

  /** One line, its newline added. */
  line(content: string | Uint8Array, options: LineOptions): HostileCase {
    const line = typeof content === "string" ? encoder.encode(content) : content;
    const bytes = concat([line, Uint8Array.of(NEWLINE)]);
    return { stage: this.stage, bytes, ...this.#outcome(bytes, options) };
  }

  #outcome(
    bytes: Uint8Array,
    { type, id, answer }: LineOptions,
  ): Pick<HostileCase, "replies" | "closes"> {
    if (this.stage === "first" && isForeign(bytes)) {
      return { replies: [{ type: "bye", codes: ["protocol"] }], closes: true };
    }
    if (this.stage !== "member" && bytes.length > EARLY_BYTES) return TOO_LARGE;
    if (this.stage !== "member" && type !== undefined && !OPEN_TYPES.has(type)) {
      return { replies: [{ ...refused("not_authenticated"), re: id }], closes: false };
    }
    return { replies: answer === undefined ? [] : [{ ...answer, re: id }], closes: false };
  }
}

type Entry = [string, unknown];

export const TOO_LARGE: Pick<HostileCase, "replies" | "closes"> = {
  replies: [refused("frame_too_large")],
  closes: true,
};

/** Whether a connection that begins so is no chat at all. */
function isForeign(bytes: Uint8Array): boolean {
  const beginning = String.fromCharCode(...bytes.subarray(0, 256));
  return FOREIGN_BEGINNINGS.some((foreign) => beginning.startsWith(foreign)) ||
    HTTP_LINES.some((line) => line.test(beginning));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
