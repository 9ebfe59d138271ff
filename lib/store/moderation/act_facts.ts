// What an act depends on, read in its transaction under the locks of the log and of the room.

import { firstInteger, integer } from "../column_readers.ts";
import type { RoomId, StandingRecord, UserId, UserRecord } from "../records.ts";
import type { Row, SqlValue, Transaction } from "../sql.ts";
import type { Standing } from "../../wire/frames/moderation.ts";
import type { ActFacts, ActSubject, NewAct } from "./records.ts";
import { standingOf } from "./sanctions.ts";

export function userOf(subject: ActSubject | undefined): UserRecord | undefined {
  return subject !== undefined && "user" in subject ? subject.user : undefined;
}

export function networkOf(subject: ActSubject | undefined): string | undefined {
  return subject !== undefined && "network" in subject ? subject.network : undefined;
}

/** What was read for an act. */
export interface ActState {
  readonly facts: ActFacts;
  readonly endsMembership: boolean;
  /** Whether the subject has created the room. */
  readonly isCreator: boolean;
  readonly subject: StandingRecord | undefined;
}

export async function readState(sql: Transaction, act: NewAct): Promise<ActState> {
  const { room, actor, now } = act;
  // By the index of rooms: a scan of all bans would lock them.
  const [where, which] = room === undefined ? ["room_id IS NULL", []] : ["room_id = ?", [room.id]];
  await sql.execute(`DELETE FROM Bans WHERE ${where} AND ends <= ?`, [...which, now]);
  const bans = await countBans(sql, room?.id);
  const isBanned = await findBan(sql, act) !== undefined;
  const server = { actor: "none", subject: "none", isSubjectMember: false, owners: 0 } as const;
  if (room === undefined) {
    return {
      facts: { ...server, standings: 0, bans, isBanned },
      subject: undefined,
      endsMembership: false,
      isCreator: false,
    };
  }
  const [locked] = await sql.queryLocking("SELECT owner_id FROM Rooms WHERE room_id = ?", [
    room.id,
  ]);
  const owner = locked?.owner_id ?? null;
  // What has ended is as if it had not been decided, except of the room's creator.
  await sql.execute(
    "DELETE FROM Standings WHERE room_id = ? AND ends <= ? AND removed = 0 AND user_id <> ?",
    [room.id, now, owner ?? 0],
  );
  const target = userOf(act.subject)?.id;
  const rows = await sql.query(
    "SELECT user_id, standing, ends, removed FROM Standings WHERE room_id = ? " +
      "AND (user_id IN (?, ?, ?) OR standing = 'owner')",
    [room.id, actor.user, target ?? 0, owner ?? 0],
  );
  const known = new Map(rows.map(standingOf).map((record) => [record.user, record]));
  const members = await membersAmong(sql, room.id, [actor.user, target ?? actor.user]);
  const effective = (user: UserId) =>
    standingNow(known.get(user), { isOwner: user === owner, now });
  const standing = (user: UserId) => effective(user) ?? (members.has(user) ? "member" : "none");
  const owners = new Set([...known.values()].map(({ user }) => user));
  if (owner !== null) owners.add(owner as UserId);
  const facts: ActFacts = {
    actor: standing(actor.user),
    subject: target === undefined ? "none" : standing(target),
    isSubjectMember: target !== undefined && members.has(target),
    owners: [...owners].filter((user) => effective(user) === "owner").length,
    standings: await count(
      sql,
      "SELECT COUNT(*) AS n FROM Standings WHERE room_id = ? " +
        "AND removed = 0",
      [room.id],
    ),
    bans,
    isBanned,
  };
  const endsMembership = facts.isSubjectMember && (act.act === "kick" || act.act === "ban");
  return {
    facts,
    endsMembership,
    isCreator: target !== undefined && target === owner,
    subject: target === undefined ? undefined : known.get(target),
  };
}

/** What a record comes to now; who has created the room owns it unless another was decided. */
function standingNow(
  record: StandingRecord | undefined,
  { isOwner, now }: { isOwner: boolean; now: number },
): Standing | undefined {
  if (record === undefined) return isOwner ? "owner" : undefined;
  if (record.ends !== undefined && record.ends <= now) return undefined;
  // Plain members have no standing of their own: whether they are members is asked apart.
  return record.standing === "member" ? undefined : record.standing;
}

async function membersAmong(
  sql: Transaction,
  room: RoomId,
  users: readonly [UserId, UserId],
): Promise<ReadonlySet<UserId>> {
  const rows = await sql.query(
    "SELECT user_id FROM Members WHERE room_id = ? AND user_id IN (?, ?)",
    [room, ...users],
  );
  return new Set(rows.map((row) => integer(row, "user_id") as UserId));
}

/** The ban of the subject in the room, or for the server. */
export async function findBan(
  sql: Transaction,
  { room, subject }: NewAct,
): Promise<number | undefined> {
  const where = room === undefined ? "room_id IS NULL" : "room_id = ?";
  const user = userOf(subject);
  const rows: readonly Row[] = subject === undefined ? [] : await sql.query(
    `SELECT ban_id FROM Bans WHERE ${where} AND ${user === undefined ? "network" : "user_id"} = ?`,
    [...(room === undefined ? [] : [room.id]), user?.id ?? networkOf(subject) ?? ""],
  );
  const [row] = rows;
  return row === undefined ? undefined : integer(row, "ban_id");
}

function countBans(sql: Transaction, room: RoomId | undefined): Promise<number> {
  return room === undefined
    ? count(sql, "SELECT COUNT(*) AS n FROM Bans WHERE room_id IS NULL", [])
    : count(sql, "SELECT COUNT(*) AS n FROM Bans WHERE room_id = ?", [room]);
}

export async function count(
  sql: Transaction,
  query: string,
  params: readonly SqlValue[],
): Promise<number> {
  return firstInteger(await sql.query(query, params), "n");
}
