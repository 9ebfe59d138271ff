// The log of acts, in SQL: how an entry is written. A transaction locks the log until its end, so that the
// numbers of the entries are in the order of the commits.

import { text } from "../column_readers.ts";
import type { Transaction } from "../sql.ts";
import type { Act } from "../../wire/frames/moderation.ts";
import type { Actor, ActRecord } from "./records.ts";
import { LATEST_ENTRY } from "./sanctions.ts";

/** As `ACTS` of the wire, which the store does not import. */
export const ACTS: readonly Act[] = [
  "standing",
  "kick",
  "ban",
  "unban",
  "panic",
  "add",
  "topic",
  "account",
];

/** An entry that is to be written. */
interface NewEntry
  extends
    Pick<ActRecord, "act" | "time">,
    Partial<Omit<ActRecord, "entry" | "act" | "time" | "user" | "from">> {
  readonly by: Actor;
}

/**
 * Appends an entry to the log, which stays locked until the end of the transaction. To be called before
 * the transaction locks anything else.
 */
export async function lockLog(sql: Transaction): Promise<number> {
  const [row] = await sql.queryLocking("SELECT value FROM ModerationState WHERE name = ?", [
    LATEST_ENTRY,
  ]);
  return Number(text(row ?? {}, "value")) + 1;
}

/** Writes the entry of this number, which `lockLog` has given in the same transaction. */
export async function writeEntry(
  sql: Transaction,
  entry: number,
  { act, time, by, room, roomName, target, targetName, network, detail, ends, reason = "" }:
    NewEntry,
): Promise<ActRecord> {
  await sql.execute(
    "INSERT INTO ModerationLog (entry_id, room_id, room_name, act, user_id, author, target_id, " +
      "target_name, network, detail, ends, reason, time) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [
      ...[entry, room ?? null, roomName ?? null, act, by.user, by.name, target ?? null],
      ...[targetName ?? null, network ?? null, detail ?? null, ends ?? null, reason, time],
    ],
  );
  await sql.execute("UPDATE ModerationState SET value = ? WHERE name = ?", [
    `${entry}`,
    LATEST_ENTRY,
  ]);
  const about = { room, roomName, target, targetName, network, detail, ends, reason };
  return { entry, act, time, user: by.user, from: by.name, ...about };
}
