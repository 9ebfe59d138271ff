// Stores one act of a moderator or administrator and its entry of the log, in one transaction. Knows no
// rule.

import { integer } from "../column_readers.ts";
import type { RoomId, StandingRecord, UserId } from "../records.ts";
import type { SqlValue, Transaction } from "../sql.ts";
import type { Standing } from "../../wire/frames/moderation.ts";
import { type ActState, count, findBan, networkOf, readState, userOf } from "./act_facts.ts";
import { lockLog, writeEntry } from "./act_log.ts";
import { type ActFacts, type ActRecord, type NewAct, WAS_MEMBER } from "./records.ts";
import { PANIC } from "./sanctions.ts";

/** So many users who were removed are remembered in a room; who was removed earlier may resume it. */
const REMOVED_KEPT = 1_000;

/** @param check refuses by throwing: then nothing has happened */
export async function doAct(
  sql: Transaction,
  act: NewAct,
  check: (facts: ActFacts) => void,
): Promise<{ readonly record: ActRecord; readonly ban: number | undefined }> {
  const entry = await lockLog(sql);
  const state = await readState(sql, act);
  check(state.facts);
  const ban = await apply(sql, act, state);
  const { room, actor, subject } = act;
  if (room !== undefined) {
    await sql.execute("UPDATE Rooms SET moderated = moderated + 1 WHERE room_id = ?", [room.id]);
  }
  const record = await writeEntry(sql, entry, {
    act: act.act,
    time: act.now,
    by: actor,
    room: room?.id,
    roomName: room?.name,
    target: userOf(subject)?.id,
    targetName: userOf(subject)?.name,
    network: networkOf(subject),
    detail: act.detail ?? (state.endsMembership ? WAS_MEMBER : undefined),
    ends: act.ends,
    reason: act.reason ?? "",
  });
  return { record, ban };
}

/** Changes what the act is about. @returns the number of a new ban */
async function apply(
  sql: Transaction,
  act: NewAct,
  { subject, isCreator }: ActState,
): Promise<number | undefined> {
  const { room, detail } = act;
  const user = userOf(act.subject)?.id;
  const doers: Readonly<Record<NewAct["act"], () => Promise<number | undefined | void>>> = {
    standing: async () => {
      if (room === undefined || user === undefined) return;
      // A plain member has no row, except the room's creator, who would be its owner.
      if (detail === "member" && !isCreator && subject?.isRemoved !== true) {
        await sql.execute("DELETE FROM Standings WHERE room_id = ? AND user_id = ?", [
          room.id,
          user,
        ]);
        return;
      }
      const standing = { standing: detail as Standing, ends: act.ends };
      await putStanding(sql, { room: room.id, user, isRemoved: subject?.isRemoved, ...standing });
    },
    kick: async () => {
      if (room !== undefined && user !== undefined) {
        await remove(sql, { room: room.id, user }, subject);
      }
    },
    ban: async () => {
      if (room !== undefined && user !== undefined) {
        await remove(sql, { room: room.id, user }, subject);
      }
      return await putBan(sql, act);
    },
    unban: async () => {
      const ban = await findBan(sql, act);
      if (ban !== undefined) await sql.execute("DELETE FROM Bans WHERE ban_id = ?", [ban]);
    },
    panic: async () => {
      await sql.execute("UPDATE ModerationState SET value = ? WHERE name = ?", [
        detail ?? "off",
        PANIC,
      ]);
    },
  };
  return await doers[act.act]() ?? undefined;
}

/** Ends a membership and its rights; a mute stays. */
async function remove(
  sql: Transaction,
  { room, user }: { room: RoomId; user: UserId },
  before: StandingRecord | undefined,
): Promise<void> {
  const { changes } = await sql.execute("DELETE FROM Members WHERE room_id = ? AND user_id = ?", [
    room,
    user,
  ]);
  if (changes > 0) {
    await sql.execute(
      "UPDATE Rooms SET member_count = member_count - 1, removals = removals + 1 WHERE room_id = ?",
      [room],
    );
  }
  const isMuted = before?.standing === "muted";
  await putStanding(sql, {
    room,
    user,
    standing: isMuted ? "muted" : "member",
    ends: isMuted ? before.ends : undefined,
    isRemoved: true,
  });
  await forgetRemoved(sql, room);
}

/** Keeps the number of remembered removals bounded. */
async function forgetRemoved(sql: Transaction, room: RoomId): Promise<void> {
  const plain = "room_id = ? AND removed = 1 AND standing = 'member'";
  const removed = await count(sql, `SELECT COUNT(*) AS n FROM Standings WHERE ${plain}`, [room]);
  if (removed <= REMOVED_KEPT) return;
  const [oldest] = await sql.query(
    `SELECT MIN(user_id) AS user_id FROM Standings WHERE ${plain}`,
    [room],
  );
  if (oldest === undefined) return;
  await sql.execute("DELETE FROM Standings WHERE room_id = ? AND user_id = ?", [
    room,
    integer(oldest, "user_id"),
  ]);
}

interface NewStanding {
  readonly room: RoomId;
  readonly user: UserId;
  readonly standing: Standing;
  readonly ends: number | undefined;
  readonly isRemoved: boolean | undefined;
}

async function putStanding(sql: Transaction, standing: NewStanding): Promise<void> {
  const { room, user, ends = null, isRemoved = false } = standing;
  const values: readonly SqlValue[] = [standing.standing, ends, isRemoved ? 1 : 0, room, user];
  const { changes } = await sql.execute(
    "UPDATE Standings SET standing = ?, ends = ?, removed = ? WHERE room_id = ? AND user_id = ?",
    values,
  );
  if (changes > 0) return;
  await sql.execute(
    "INSERT INTO Standings (standing, ends, removed, room_id, user_id) VALUES (?, ?, ?, ?, ?)",
    values,
  );
}

async function putBan(sql: Transaction, act: NewAct): Promise<number> {
  const former = await findBan(sql, act);
  if (former !== undefined) await sql.execute("DELETE FROM Bans WHERE ban_id = ?", [former]);
  const { room, actor, subject, ends, reason, now } = act;
  const { insertId } = await sql.execute(
    "INSERT INTO Bans (room_id, user_id, network, author, reason, created, ends) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
    [
      room?.id ?? null,
      userOf(subject)?.id ?? null,
      networkOf(subject) ?? null,
      actor.name,
      reason ?? "",
      now,
      ends ?? null,
    ],
  );
  return insertId;
}
