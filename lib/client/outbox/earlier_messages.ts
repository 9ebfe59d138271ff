// Sends the messages that earlier runs have left in the outbox, and describes what became of each. Knows the
// outbox and a session.

import { formatClock } from "../../terminal/layout.ts";
import { countOf, failure, formatRoom, type Line, notice } from "../../terminal/view_lines.ts";
import {
  type HeldEntry,
  MOST_HELD,
  type Outbox,
  type OutboxEntry,
  type Owner,
  type TakenMessages,
} from "./outbox.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { keepText, type TextStore } from "../files/text_store.ts";
import type { Session } from "../link/session.ts";
import { type NoteStored, offer, type Outcome, ownerOf, type Unknown } from "./delivery_attempt.ts";

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
  const { outbox, owner, askedAs, unsent } = options;
  const report = new EarlierReport(unsent);
  const show = (line: Line): void => report.add(line);
  const skipped = new Set<string>();
  for (;;) {
    const waiting = await outbox.take(owner, { askedAs, except: skipped });
    for (const line of describeLeft(waiting, outbox)) show(line);
    const open = await settleSome(waiting.mine, { ...options, session, report, skipped });
    const isOver = open !== undefined || waiting.mine.length < MOST_HELD;
    if (isOver) return { lines: report.lines, open };
  }
}

/** So many messages have a line of their own. */
const FEW = 3;

/** What became of the messages: a line for each, or one for many. */
class EarlierReport {
  readonly #unsent: TextStore;
  readonly #lines = new Map<string, Line>();
  readonly #outcomes: Readonly<Record<"stored" | "refused", Line[]>> = { stored: [], refused: [] };

  constructor(unsent: TextStore) {
    this.#unsent = unsent;
  }

  add(line: Line): void {
    this.#lines.set("text" in line ? line.text : "", line);
  }

  addOutcome(kind: "stored" | "refused", line: Line): void {
    this.#outcomes[kind].push(line);
  }

  get lines(): readonly Line[] {
    const { stored, refused } = this.#outcomes;
    const [many, refusals] = [stored, refused].map(({ length }) => countOf(length, "message"));
    const where = this.#unsent.pathOf("");
    return [
      ...stored.length > FEW ? [notice(`Kept by earlier runs: ${many} are stored now`)] : stored,
      ...refused.length > FEW
        ? [failure(`not sent: ${refusals} of earlier runs; their texts are in ${where}`)]
        : refused,
      ...this.#lines.values(),
    ];
  }
}

/** Offers these. Returns why one has no answer, when it must be sent before any other. */
async function settleSome(
  entries: readonly HeldEntry[],
  { session, unsent, noteStored, report, skipped }: EarlierOptions & {
    readonly session: Session;
    readonly report: EarlierReport;
    /** The cids of those that were skipped. */
    readonly skipped: Set<string>;
  },
): Promise<Unknown | undefined> {
  try {
    for (const entry of entries) {
      const outcome = await offer(session, entry, noteStored);
      if (outcome.kind !== "unknown") {
        report.addOutcome(outcome.kind, await close(entry, { outcome, unsent }));
      } else if (outcome.why === "fault") {
        skipped.add(entry.cid);
        const still = `${describeEntry(entry)} is still without an answer`;
        report.add(failure(`Kept by an earlier run: ${still}: ${outcome.message}`));
      } else {
        const count = countOf(entries.length, "message");
        const many = entries.length < MOST_HELD ? count : `${count} or more`;
        report.add(failure(`${many} of earlier runs still without an answer: ${outcome.message}`));
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
