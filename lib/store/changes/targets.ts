// The messages that a batch of drafts edits, deletes or replies to, in SQL: read once their rooms are locked,
// and kept up to date while the batch is planned. What is allowed is in change_rules.ts.

import type { EventBody } from "../../wire/event.ts";
import { integer, optionalInteger, roomIdOf } from "../column_readers.ts";
import { EVENT_COLUMNS, eventOf } from "../event_columns.ts";
import { type Draft, type RoomId, type StoredEvent, type UserId, userId } from "../records.ts";
import { padToPowerOfTwo, type Row, type SqlValue, type Transaction } from "../sql.ts";
import { afterChange, isChange, judgeChange, type Target, targetOf } from "./change_rules.ts";

/** A message that a batch changes. */
export interface ChangedMessage {
  readonly room: RoomId;
  readonly seq: number;
  /** As it was stored before the batch; undefined where the batch itself stores it. */
  readonly stored: StoredTarget | undefined;
  /** As it is after the batch. */
  readonly now: Target;
  /** Its edits whose text is out of date. */
  readonly pastEdits: readonly number[];
}

/** A message as it is stored. */
interface StoredTarget extends Target {
  readonly messageId: number;
}

/** A message while a batch is planned. */
interface Entry {
  readonly room: RoomId;
  readonly seq: number;
  readonly stored: StoredTarget | undefined;
  now: Target;
  readonly pastEdits: number[];
}

const COLUMNS = ["message_id", "room_id", "deleted_seq", ...EVENT_COLUMNS]
  .map((column) => `m.${column}`).join(", ");
const SELECT = `SELECT ${COLUMNS}, d.time AS deletion_time, d.user_id AS deleted_by ` +
  "FROM Messages m LEFT JOIN Messages d ON d.room_id = m.room_id AND d.seq = m.deleted_seq WHERE ";
const ONE = "(m.room_id = ? AND m.seq = ?)";

/** The messages that the drafts of one batch name. */
export class Targets {
  readonly #entries = new Map<string, Entry>();
  /** What the texts of messages were before the edits of this batch, by edit. */
  readonly #textsBefore = new Map<string, string>();
  /** The edits that are not the latest one any more. */
  readonly #pastEdits = new Map<string, EventBody>();
  /** Whether a draft of the batch names a message. */
  readonly hasAny: boolean;

  constructor(entries: readonly Entry[], { hasAny }: { hasAny: boolean }) {
    this.hasAny = hasAny;
    for (const entry of entries) this.#entries.set(keyOf(entry.room, entry.seq), entry);
  }

  /** Whether a draft that names a message is stored. */
  judge(draft: Draft, seq: number): ReturnType<typeof judgeChange> {
    return judgeChange(draft, this.#entries.get(keyOf(draft.room, seq))?.now);
  }

  /** Who has written the message. */
  authorOf(room: RoomId, seq: number): UserId | undefined {
    return this.#entries.get(keyOf(room, seq))?.now.author;
  }

  /** The batch stores this event in the room: it counts for the drafts after it. */
  note(room: RoomId, event: StoredEvent): void {
    if (!this.hasAny) return;
    const { seq, user, from, body } = event;
    if (isChange(body)) return this.#noteChange(room, event);
    const now = { author: user, from, body, deletion: undefined };
    this.#entries.set(keyOf(room, seq), { room, seq, stored: undefined, now, pastEdits: [] });
  }

  /** The messages that the batch has changed. */
  changed(): readonly ChangedMessage[] {
    return Array.from(this.#entries.values())
      .filter(({ stored, now }) => stored === undefined ? isChanged(now) : now !== stored);
  }

  /** The event that the batch stores, as it is after the batch; undefined where nothing has changed it. */
  afterBatch(room: RoomId, seq: number): EventBody | undefined {
    const key = keyOf(room, seq);
    const now = this.#entries.get(key)?.now;
    return now !== undefined && isChanged(now) ? now.body : this.#pastEdits.get(key);
  }

  /** What the text of the message was before this edit of the batch. */
  textBefore(room: RoomId, edit: number): string {
    return this.#textsBefore.get(keyOf(room, edit)) ?? "";
  }

  #noteChange(room: RoomId, event: StoredEvent): void {
    const entry = this.#entries.get(keyOf(room, event.body.of ?? 0));
    if (entry === undefined) return;
    const { content, edited } = entry.now.body;
    this.#textsBefore.set(keyOf(room, event.seq), content);
    // Also before a delete: of a deleted message no edit has a text.
    if (edited !== undefined) {
      entry.pastEdits.push(edited);
      this.#pastEdits.set(keyOf(room, edited), { kind: "edit", content: "", of: entry.seq });
    }
    entry.now = afterChange(entry.now, event);
  }
}

function isChanged({ body: { edited, deleted } }: Target): boolean {
  return edited !== undefined || deleted !== undefined;
}

const NONE = new Targets([], { hasAny: false });

/** The messages that these drafts name. Their rooms must be locked by the transaction. */
export async function readTargets(sql: Transaction, drafts: readonly Draft[]): Promise<Targets> {
  const named = new Map<string, readonly [RoomId, number]>();
  for (const draft of drafts) {
    const seq = targetOf(draft);
    if (seq !== undefined) named.set(keyOf(draft.room, seq), [draft.room, seq]);
  }
  if (named.size === 0) return NONE;
  const some = padToPowerOfTwo([...named.values()]);
  const params: SqlValue[] = some.flat();
  const rows = await sql.query(SELECT + `${ONE} OR `.repeat(some.length - 1) + ONE, params);
  return new Targets(rows.map(entryOf), { hasAny: true });
}

function entryOf(row: Row): Entry {
  const event = eventOf(row);
  const { seq, user, from, body } = event;
  const stored = {
    messageId: integer(row, "message_id"),
    author: user,
    from,
    body,
    deletion: deletionOf(row, event),
  };
  return { room: roomIdOf(row), seq, stored, now: stored, pastEdits: [] };
}

/** As much of what has deleted a message as the answer to a further delete says. */
function deletionOf(row: Row, event: StoredEvent): StoredEvent | undefined {
  const seq = optionalInteger(row, "deleted_seq");
  if (seq === undefined) return undefined;
  const body = { kind: "delete", content: "", of: event.seq } as const;
  const user = userId(integer(row, "deleted_by"));
  return { ...event, user, seq, time: integer(row, "deletion_time"), body };
}

function keyOf(room: RoomId, seq: number): string {
  return `${room} ${seq}`;
}
