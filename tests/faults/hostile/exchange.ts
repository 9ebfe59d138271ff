// Sends cases over one connection and compares the answers with the expected ones. After each case
// it sends a ping, which must be answered, and a marker request: the frames between the replies to
// two markers are the answer to the case.

import { ERROR_CODES } from "../../../lib/wire/errors.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";
import { concat, HOSTILE_ROOM, type HostileCase, type Reply } from "./case.ts";
import type { SentTexts } from "./sent_texts.ts";

/** The user of the session; undefined before login. */
export interface Self {
  readonly user: number;
  readonly name: string;
}

/** A case with a wrong answer. */
export interface Mismatch {
  readonly hostile: HostileCase;
  readonly why: string;
}

const EVENTS: ReadonlySet<string> = new Set(["message", "joined", "left", "count", "ping"]);
/** Codes of internal errors: no input may cause them. */
const BLAMING: ReadonlySet<string> = new Set(["internal", "unavailable", "storage_full", "busy"]);
const DEFINED: ReadonlySet<string> = new Set(ERROR_CODES);

/** Whether a frame is an error that no input may cause, or an unknown one. */
export function isServersFault(frame: Frame): boolean {
  return frame.type === "error" && (BLAMING.has(frame.code) || !DEFINED.has(frame.code));
}

/** The time within which a connection must end, including its last frames. */
const CLOSE_MS = 2_000;

const encoder = new TextEncoder();

/** One connection's exchange; good for one call. */
export class Exchange {
  readonly #peer: Peer;
  readonly #self: Self | undefined;
  readonly #sentTexts: SentTexts;
  /**
   * The pongs of requests that are not checked yet: they may arrive early, and two without an id
   * look alike.
   */
  readonly #pongs: Reply["re"][] = [];
  /** Messages acknowledged here, which must be received here. */
  readonly #unheard = new Set<number>();
  /** Received messages that are not checked yet: their `ok` may be unchecked, too. */
  readonly #received: Frame[] = [];

  constructor(peer: Peer, options: { self: Self | undefined; sentTexts: SentTexts }) {
    this.#peer = peer;
    this.#self = options.self;
    this.#sentTexts = options.sentTexts;
  }

  /** Sends cases that do not close. @returns those with a wrong answer */
  async run(cases: readonly HostileCase[]): Promise<readonly Mismatch[]> {
    const mismatches: Mismatch[] = [];
    const sending = this.#send(cases);
    for (const [n, hostile] of cases.entries()) {
      const why = await this.#judge(hostile, n);
      if (why !== undefined) mismatches.push({ hostile, why });
      if (this.#peer.ending !== undefined) return mismatches;
    }
    await sending;
    const last = cases.at(-1);
    const why = await this.#drain() ?? this.#findLeftPong();
    if (why !== undefined && last !== undefined) mismatches.push({ hostile: last, why });
    return mismatches;
  }

  /** Sends a case that closes the connection. */
  async runLast(hostile: HostileCase): Promise<readonly Mismatch[]> {
    const started = performance.now();
    const sending = this.#peer.write(hostile.bytes);
    const frames = await this.#peer.untilEnd();
    const tookMs = performance.now() - started;
    await sending;
    const replies = frames.filter((frame) => !this.#takeEvent(frame));
    const late = tookMs > CLOSE_MS ? `it was closed after ${tookMs.toFixed(0)} ms` : undefined;
    const why = this.#compare(hostile.replies, replies) ?? late;
    return why === undefined ? [] : [{ hostile, why }];
  }

  async #send(cases: readonly HostileCase[]): Promise<void> {
    for (const [n, { bytes, pieceBytes = bytes.length }] of cases.entries()) {
      const behind = encoder.encode(
        `{"type":"ping","id":"ping ${n}"}\n{"type":"stats","id":"then ${n}"}\n`,
      );
      const written = concat([bytes, behind]);
      const wholeBytes = pieceBytes < bytes.length ? pieceBytes : written.length;
      for (let at = 0; at < written.length; at += wholeBytes) {
        await this.#peer.write(written.subarray(at, at + wholeBytes));
      }
    }
  }

  /** The error in the answer to the n-th case. */
  async #judge(hostile: HostileCase, n: number): Promise<string | undefined> {
    const replies: Frame[] = [];
    for (;;) {
      const frame = await this.#peer.next();
      if (frame === undefined) {
        return `the connection ended (${this.#peer.ending}) after ${show(replies)}`;
      }
      if (frame.re === `then ${n}`) break;
      if (frame.type === "pong") this.#pongs.push(frame.re);
      else if (!this.#takeEvent(frame)) replies.push(frame);
    }
    if (!this.#takePong(`ping ${n}`)) return "the ping behind it was not answered";
    return this.#compare(hostile.replies, replies);
  }

  #compare(expected: readonly Reply[], replies: readonly Frame[]): string | undefined {
    const ordered = expected.filter(({ type, re }) => type !== "pong" || !this.#takePong(re));
    if (ordered.length !== replies.length) {
      return `${ordered.length} replies were due, and ${replies.length} came: ${show(replies)}`;
    }
    for (const [index, reply] of ordered.entries()) {
      const frame = replies[index] as Frame;
      const fault = findFault(reply, frame);
      if (fault !== undefined) return `${fault}: ${show([frame])}`;
      this.#noteSent(reply, frame);
    }
    return undefined;
  }

  #takePong(re: Reply["re"]): boolean {
    const at = this.#pongs.indexOf(re);
    if (at !== -1) this.#pongs.splice(at, 1);
    return at !== -1;
  }

  #findLeftPong(): string | undefined {
    const [re] = this.#pongs;
    return this.#pongs.length === 0 ? undefined : `a pong too many, to ${JSON.stringify(re)}`;
  }

  #noteSent({ says }: Reply, frame: Frame): void {
    if (frame.type !== "ok" || frame.seq === undefined || frame.dup || !this.#self) return;
    if (frame.room !== HOSTILE_ROOM || says === undefined) {
      this.#sentTexts.countInOtherRooms++;
      return;
    }
    const { user, name } = this.#self;
    this.#sentTexts.note(frame.seq, { content: says, user, from: name });
    this.#unheard.add(frame.seq);
  }

  /** Whether it is an event; those of the hostile room are stored for the check. */
  #takeEvent(frame: Frame): boolean {
    if (frame.re !== undefined || !EVENTS.has(frame.type)) return false;
    if (frame.room === HOSTILE_ROOM && frame.type === "message") this.#received.push(frame);
    return true;
  }

  /** Waits until every message sent on this connection is received on it, and checks them. */
  async #drain(): Promise<string | undefined> {
    for (;;) {
      for (const event of this.#received.splice(0)) {
        const fault = this.#sentTexts.findFault(event);
        if (fault !== undefined) return fault;
        if (!this.#unheard.delete(event.seq)) return `event ${event.seq} was heard twice`;
      }
      if (this.#unheard.size === 0) return undefined;
      const frame = await this.#peer.next();
      if (frame === undefined) return "the connection ended before everything was heard";
      if (!this.#takeEvent(frame)) return `a reply that nobody waited for: ${show([frame])}`;
    }
  }
}

/** The error in a reply. */
function findFault(expected: Reply, frame: Frame): string | undefined {
  const { type, codes, field, re, holds = {} } = expected;
  if (frame.re !== re) return `it should carry ${JSON.stringify(re)} back`;
  if (type === "*") {
    return isServersFault(frame) ? "no input may do that" : undefined;
  }
  if (frame.type !== type) return `it should be "${type}" ${codes?.join(" or ") ?? ""}`;
  if (codes !== undefined && !codes.includes(frame.code)) {
    return `its code should be ${codes.join(" or ")}`;
  }
  if (field !== undefined && frame.field !== field) return `its field should be ${field}`;
  for (const [key, value] of Object.entries(holds)) {
    if (JSON.stringify(frame[key]) !== JSON.stringify(value)) {
      return `its ${key} should be ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

function show(frames: readonly Frame[]): string {
  const text = JSON.stringify(frames);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
