// How a message gets its answer: one try, what became of it, and the settling of what earlier runs
// have left. Knows the outbox and a session; who waits for what is the command's.

import { ChatError } from "../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../wire/frame.ts";
import { ConnectionLost } from "./exit.ts";
import { formatClock } from "../terminal/layout.ts";
import { countOf, failure, formatRoom, type Line, notice } from "../terminal/line.ts";
import { inquiryOf } from "./inquiry_room.ts";
import type { HeldEntry, Outbox, OutboxEntry, Owner } from "./outbox.ts";
import type { PrivateFiles } from "./private_files.ts";
import type { Session } from "./session.ts";

export type Outcome =
  | { readonly kind: "stored"; readonly ok: ServerFrame<"ok"> }
  /** It is not stored and never will be. */
  | { readonly kind: "refused"; readonly error: ChatError }
  /** It may be stored: the same `cid` must be tried again. */
  | { readonly kind: "unknown"; readonly message: string; readonly afterMs?: number };

/** Sends the message once; never rejects because of the server or the network. */
export async function offer(session: Session, entry: OutboxEntry): Promise<Outcome> {
  try {
    return { kind: "stored", ok: await session.request(requestOf(entry)) };
  } catch (error) {
    if (error instanceof ConnectionLost) return { kind: "unknown", message: error.message };
    if (!(error instanceof ChatError)) throw error;
    if (!isPassing(error)) return { kind: "refused", error };
    const { afterMs } = error.details;
    return {
      kind: "unknown",
      message: error.message,
      ...(afterMs === undefined ? {} : { afterMs }),
    };
  }
}

/** The same for ever: the server knows a resend by it. */
function requestOf(
  { kind, room, content, cid, to }: OutboxEntry,
): ClientFrame<"message" | "inquiry" | "respond"> {
  if (kind === "inquiry") return { type: "inquiry", content, cid };
  if (kind !== "response") return { type: "message", room, content, cid };
  const inquiry = inquiryOf(room);
  if (inquiry === undefined) throw new Error(`An answer belongs to an inquiry, not to ${room}`);
  return { type: "respond", inquiry, content, cid, ...(to === undefined ? {} : { to }) };
}

/** Whether the answer leaves open what became of the message, or asks to send it again later. */
function isPassing({ code }: ChatError): boolean {
  return code === "unavailable";
}

/** Whose messages a session may send. */
export function ownerOf(session: Session, server: string): Owner {
  const { you, epoch } = session.welcome;
  return { server, epoch, user: you?.user ?? 0 };
}

export interface Earlier {
  /** What to tell about them. */
  readonly lines: readonly Line[];
  /** Whether all of them have their answer now. */
  readonly settled: boolean;
}

/** Offers what earlier runs have left, oldest first, up to the first that gets no answer. */
export async function settleEarlier(
  session: Session,
  options: { readonly outbox: Outbox; readonly owner: Owner; readonly unsent: PrivateFiles },
): Promise<Earlier> {
  const { outbox, owner, unsent } = options;
  const { mine, others, damaged } = await outbox.take(owner);
  const lines: Line[] = damaged.map((path) => failure(`${path} holds no message: remove it`));
  if (others.length > 0) lines.push(notice(describeOthers(others, outbox)));
  try {
    for (const entry of mine) {
      const outcome = await offer(session, entry);
      if (outcome.kind === "unknown") {
        const left = `${countOf(mine.length, "message")} of earlier runs still without an answer`;
        lines.push(failure(`${left}: ${outcome.message}`));
        return { lines, settled: false };
      }
      lines.push(await close(entry, { outcome, unsent }));
    }
    return { lines, settled: true };
  } finally {
    for (const entry of mine) entry.letGo();
  }
}

async function close(
  entry: HeldEntry,
  options: {
    readonly outcome: Exclude<Outcome, { kind: "unknown" }>;
    readonly unsent: PrivateFiles;
  },
): Promise<Line> {
  const { outcome, unsent } = options;
  const what = { message: "message", inquiry: "question", response: "answer" };
  const to = entry.kind === "inquiry" ? "" : ` to ${formatRoom(entry.room)}`;
  const which = `your ${what[entry.kind ?? "message"]} of ${formatClock(entry.time)}${to}`;
  if (outcome.kind === "stored") {
    await entry.settle();
    const { seq, room = entry.room } = outcome.ok;
    const where = entry.kind === "inquiry" ? ` as ${formatRoom(room)}` : "";
    return notice(`Kept by an earlier run: ${which} is stored${where} (seq ${seq})`);
  }
  const path = await keepText(unsent, { name: entry.cid, content: entry.content });
  await entry.settle();
  const { message, code } = outcome.error;
  return failure(`not sent: ${which}: ${message} (${code}); its text is in ${path}`);
}

function describeOthers(others: readonly OutboxEntry[], outbox: Outbox): string {
  const [first] = others;
  const where = first === undefined ? "" : `: ${outbox.pathOf(first)}`;
  const many = others.length > 1 ? " and beside it" : "";
  return `${countOf(others.length, "message")} without an answer belong to another user or an ` +
    `earlier state of this server and will not be sent${where}${many}`;
}

/** Keeps a text that cannot be sent; where it is. */
export async function keepText(
  unsent: PrivateFiles,
  { name, content }: { readonly name: string; readonly content: string | Uint8Array },
): Promise<string> {
  const file = `${encodeURIComponent(name)}.txt`;
  await unsent.write(file, content);
  return unsent.pathOf(file);
}
