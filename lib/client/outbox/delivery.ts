// How a message gets its answer: one try and its outcome, and the messages that earlier runs have
// left. Knows the outbox and a session; a command decides how long it waits.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { encodeFrame } from "../../wire/codec.ts";
import { byteLength } from "../../wire/text.ts";
import { ConnectionLost, isTransient, retryHintOf } from "../exit.ts";
import { formatClock } from "../../terminal/layout.ts";
import { countOf, failure, formatRoom, type Line, notice } from "../../terminal/line.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import {
  type HeldEntry,
  MOST_HELD,
  type Outbox,
  type OutboxEntry,
  type Owner,
  type TakenMessages,
} from "./outbox.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import type { TextStore } from "../files/text_store.ts";
import type { Session } from "../link/session.ts";

export type Outcome =
  | { readonly kind: "stored"; readonly ok: ServerFrame<"ok"> }
  /** It is not stored and never will be. */
  | { readonly kind: "refused"; readonly error: ChatError }
  | Unknown;

/** It may be stored: the same `cid` must be tried again. */
export interface Unknown {
  readonly kind: "unknown";
  /**
   * `lost`: the connection ended. `busy`: too much at once, which passes with time. `fault`: the
   * server failed at this message, perhaps at this one alone. `unavailable`: the server cannot
   * store now.
   */
  readonly why: "lost" | "busy" | "fault" | "unavailable";
  readonly message: string;
  readonly afterMs?: number;
}

/** Takes the `ok` of a message in the order of the wire. Must return at once. */
export type NoteStored = (ok: ServerFrame<"ok">, request: MessageRequest) => void;

type MessageRequest = ClientFrame<"message" | "inquiry" | "respond">;

/** Sends the message once; never rejects because of the server or the network. */
export async function offer(
  session: Session,
  entry: OutboxEntry,
  noteStored?: NoteStored,
): Promise<Outcome> {
  const request = requestOf(entry);
  const take = (reply: ServerFrame<"ok" | "error">) => {
    if (reply.type === "ok") noteStored?.(reply, request);
  };
  try {
    checkFrame(session, request);
    return { kind: "stored", ok: await session.request(request, take) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof ConnectionLost) return { kind: "unknown", why: "lost", message };
    if (!(error instanceof ChatError)) throw error;
    if (!isTransient(error)) return { kind: "refused", error };
    const { afterMs } = error.details;
    const why = retryHintOf(error) !== undefined
      ? "busy"
      : error.code === "internal"
      ? "fault"
      : "unavailable";
    return { kind: "unknown", why, message, afterMs };
  }
}

/**
 * Checks that a request fits the server's longest line: a longer one would end this connection, and
 * every later one. @throws {ChatError} too_long
 */
function checkFrame({ welcome }: Session, request: ClientFrame): void {
  const { frame: most } = welcome.limits;
  if (most === undefined) return;
  const bytes = byteLength(encodeFrame({ ...request, id: Number.MAX_SAFE_INTEGER }));
  if (bytes <= most) return;
  throw new ChatError("too_long", `The text is too long: a frame has at most ${most} bytes`);
}

/** Always the same for one message: the server recognizes a resend by its `cid`. */
function requestOf({ kind, room, content, cid, to }: OutboxEntry): MessageRequest {
  if (kind === "inquiry") return { type: "inquiry", content, cid };
  if (kind !== "response") return { type: "message", room, content, cid };
  const inquiry = inquiryOf(room);
  if (inquiry === undefined) throw new Error(`An answer belongs to an inquiry, not to ${room}`);
  return { type: "respond", inquiry, content, cid, to };
}

/** Whose messages a session may send. */
export function ownerOf(session: Session, server: string): Owner {
  const { you, epoch } = session.welcome;
  return { server, epoch, user: you?.user ?? 0 };
}

interface Earlier {
  /** What to show of them. */
  readonly lines: readonly Line[];
  /** Why some of them are left, which must be sent before any new one; undefined when none are. */
  readonly open?: Unknown;
}

interface EarlierOptions {
  readonly outbox: Outbox;
  readonly owner: Owner;
  /** The name that the session has asked for. */
  readonly askedAs: string;
  readonly unsent: TextStore;
  readonly noteStored?: NoteStored;
}

/** The options for the messages that earlier runs of this context have left. */
export function earlierOf(context: ClientContext, session: Session): EarlierOptions {
  return {
    outbox: outboxOf(context),
    owner: ownerOf(session, context.server),
    askedAs: context.identity.name,
    unsent: unsentOf(context),
  };
}

/**
 * Offers the messages that earlier runs have left, oldest first, up to the first that gets no answer.
 * One at which the server fails is kept and skipped, so that it holds up no other.
 */
export async function settleEarlier(session: Session, options: EarlierOptions): Promise<Earlier> {
  const { outbox, owner, askedAs } = options;
  const lines = new Map<string, Line>();
  const show = (line: Line): unknown => lines.set("text" in line ? line.text : "", line);
  const skipped = new Set<string>();
  for (;;) {
    const waiting = await outbox.take(owner, { askedAs, except: skipped });
    for (const line of describeLeft(waiting, outbox)) show(line);
    const open = await settleSome(waiting.mine, { ...options, session, show, skipped });
    const isOver = open !== undefined || waiting.mine.length < MOST_HELD;
    if (isOver) return { lines: [...lines.values()], open };
  }
}

/** Offers these. Returns why one has no answer, when it must be sent before any other. */
async function settleSome(
  entries: readonly HeldEntry[],
  { session, unsent, noteStored, show, skipped }: EarlierOptions & {
    readonly session: Session;
    readonly show: (line: Line) => void;
    /** The cids of those that were skipped. */
    readonly skipped: Set<string>;
  },
): Promise<Unknown | undefined> {
  try {
    for (const entry of entries) {
      const outcome = await offer(session, entry, noteStored);
      if (outcome.kind !== "unknown") show(await close(entry, { outcome, unsent }));
      else if (outcome.why === "fault") {
        skipped.add(entry.cid);
        const still = `${describeEntry(entry)} is still without an answer`;
        show(failure(`Kept by an earlier run: ${still}: ${outcome.message}`));
      } else {
        const count = countOf(entries.length, "message");
        const many = entries.length < MOST_HELD ? count : `${count} or more`;
        show(failure(`${many} of earlier runs still without an answer: ${outcome.message}`));
        return outcome;
      }
    }
    return undefined;
  } finally {
    for (const entry of entries) entry.release();
  }
}

/** `your message of 14:05 to #ops` */
function describeEntry({ kind, room, time }: OutboxEntry): string {
  const what = { message: "message", inquiry: "question", response: "answer" };
  const to = kind === "inquiry" ? "" : ` to ${formatRoom(room)}`;
  return `your ${what[kind ?? "message"]} of ${formatClock(time)}${to}`;
}

async function close(
  entry: HeldEntry,
  options: {
    readonly outcome: Exclude<Outcome, { kind: "unknown" }>;
    readonly unsent: TextStore;
  },
): Promise<Line> {
  const { outcome, unsent } = options;
  const which = describeEntry(entry);
  if (outcome.kind === "stored") {
    await entry.settle();
    const { seq, room = entry.room } = outcome.ok;
    const where = entry.kind === "inquiry" ? ` as ${formatRoom(room)}` : "";
    return notice(`Kept by an earlier run: ${which} is stored${where} (message ${seq})`);
  }
  const path = await keepText(unsent, { name: entry.cid, content: entry.content });
  await entry.settle();
  return failure(`not sent: ${which}: ${outcome.error.message}; its text is in ${path}`);
}

/** The files in the outbox that are not sent. */
function describeLeft({ others, damaged, strays }: TakenMessages, outbox: Outbox): Line[] {
  const lines = [
    ...damaged.map((path) => failure(`${path} holds no message: remove it`)),
    ...strays.map((path) =>
      failure(`${path} has another name than its message, and is not sent: remove it`)
    ),
  ];
  const [first] = others;
  if (first === undefined) return lines;
  const many = others.length > 1 ? " and beside it" : "";
  const text = `${countOf(others.length, "message")} without an answer belong to another user or ` +
    `an earlier state of this server and will not be sent: ${outbox.pathOf(first)}${many}`;
  return [...lines, notice(text)];
}

/** Keeps a text that cannot be sent; where it is. */
export async function keepText(
  unsent: TextStore,
  { name, content }: { readonly name: string; readonly content: string | Uint8Array },
): Promise<string> {
  const file = `${encodeURIComponent(name)}.txt`;
  await unsent.write(file, content);
  return unsent.pathOf(file);
}
