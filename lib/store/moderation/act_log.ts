// The log of acts, in SQL: how an entry is written. The transaction that has locked the log is alone until the end of the
// transaction, so that the numbers of its entries are in the order of the commits.

import { text } from "../column_readers.ts";
import type { Transaction } from "../sql.ts";
import type { Act } from "../../wire/frames/moderation.ts";
import type { ActRecord } from "./records.ts";
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

/** An entry as it is written; its number and time are given here. */
type Entry = Omit<ActRecord, "entry">;

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
export async function writeEntry(sql: Transaction, entry: number, act: Entry): Promise<ActRecord> {
  const { room, roomName, user, from, target, targetName, network, detail, ends, reason, time } =
    act;
  await sql.execute(
    "INSERT INTO ModerationLog (entry_id, room_id, room_name, act, user_id, author, target_id, " +
      "target_name, network, detail, ends, reason, time) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [
      entry,
      room ?? null,
      roomName ?? null,
      act.act,
      user,
      from,
      target ?? null,
      targetName ?? null,
      network ?? null,
      detail ?? null,
      ends ?? null,
      reason,
      time,
    ],
  );
  await sql.execute("UPDATE ModerationState SET value = ? WHERE name = ?", [
    `${entry}`,
    LATEST_ENTRY,
  ]);
  return { entry, ...act };
}
