// One hostile case: its bytes, the stage of the session, and the exact answer. The generator derives
// the answers at earlier stages from the answer to a member.

import type { Random } from "../../support/random.ts";

/**
 * The stage of a session: `first`, before any frame; `greeted`, after a hello without auth;
 * `member`, logged in and in the room for hostile texts.
 */
export type Stage = "first" | "greeted" | "member";

/** The room to which every member of the run is subscribed; its messages are recorded. */
export const HOSTILE_ROOM = "hostile";
/** A room without messages. */
export const SILENT_ROOM = "silent";
/** The first inquiry of the run. */
export const FOUNDERS_INQUIRY = "?1";

/** An expected frame. Fields that are not given are not checked, except `re`. */
export interface Reply {
  /** `*`: any documented frame, except an internal error. */
  readonly type: string;
  /** Of an `error` or `bye`: one of these. */
  readonly codes?: readonly string[];
  readonly field?: string;
  /** What it carries back; undefined: nothing. */
  readonly re?: string | number | undefined;
  /** For an `ok`: the text that is now in the hostile room. */
  readonly says?: string;
  /** Fields that it must have with exactly these values. */
  readonly holds?: Readonly<Record<string, unknown>>;
}

/** The answer at any stage. */
export type Answer = Omit<Reply, "re">;

export interface HostileCase {
  readonly stage: Stage;
  /** Whole lines, unless it `closes`. */
  readonly bytes: Uint8Array;
  /** The answers, in this order; pongs may arrive earlier. */
  readonly replies: readonly Reply[];
  /** The connection ends after the replies. */
  readonly closes: boolean;
  /** Written in pieces of this many bytes; at once by default. */
  readonly pieceBytes?: number;
}

export interface HostileClass {
  /** Its number in the list of classes. */
  readonly number: number;
  readonly title: string;
  /** The possible stages; all by default. */
  readonly stages?: readonly Stage[];
  generate(generator: FrameGenerator): HostileCase;
}

/** The limit of lines before login, newline included. */
export const EARLY_BYTES = 4_096;

/** Requests that are allowed before login. */
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

/** An `ok`, with the text in the hostile room. */
export function posted(text: string): Answer {
  return { type: "ok", says: text };
}

export interface LineOptions {
  /** The type of the request, if it is a known one. */
  readonly type?: string;
  /** The `re` of the answer. */
  readonly id?: string | number | undefined;
  /** The answer to a member; undefined: none. */
  readonly answer: Answer | undefined;
}

/** Creates cases for one stage. All choices follow from the seed. */
export class FrameGenerator {
  readonly random: Random;
  readonly stage: Stage;
  #ids = 0;

  constructor(random: Random, stage: Stage) {
    this.random = random;
    this.stage = stage;
  }

  /** An id that is unique to this generator. */
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
    // By hand: an object would lose `__proto__` and put numbers first.
    const parts = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return `{${parts.join(",")}}`;
  }

  /** Several cases that do not close, concatenated. */
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

/** Whether a connection that begins with these bytes is not a chat client. */
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
