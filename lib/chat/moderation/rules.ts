// Who may do what to whom: an admin is above an owner, an owner above a moderator, a moderator above a
// member. Nobody acts on a user of the same rank or above, nor keeps themselves out. Pure.

import type { UserId, UserRecord } from "../../store/records.ts";
import type { ActFacts, NewAct } from "../../store/moderation/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Standing } from "../../wire/frames/moderation.ts";
import type { Role } from "../../wire/frames/roles.ts";
import { notAllowed } from "../access_refusals.ts";

/** The most bans of a room and of the server, and the most users of a room whose standing is kept. */
const MOST = { roomBans: 1_000, serverBans: 2_000, standings: 1_000 } as const;

const RANKS = { none: 0, muted: 0, member: 0, moderator: 1, owner: 2, admin: 3 } as const;

/** An act that is asked for. */
export interface AskedAct {
  readonly act: NewAct["act"];
  readonly actor: { readonly user: UserId; readonly role: Role };
  /** The name of the room; undefined: the server. */
  readonly room: string | undefined;
  /** Whether only members know of the room: nobody else gets a standing there. */
  readonly isHidden?: boolean | undefined;
  /** Whom it is about, unless it is a network; a user may be in a room without being a member. */
  readonly target: UserRecord | undefined;
  readonly isTargetHere?: boolean | undefined;
  readonly standing?: Standing | undefined;
  readonly ends?: number | undefined;
}

/** @throws {ChatError} when the rules do not allow the act, as things are now */
export function checkAct(asked: AskedAct, facts: ActFacts): void {
  const { act, actor, room, target } = asked;
  const isSelf = target?.id === actor.user;
  if (room === undefined) checkOnServer(asked, facts);
  else checkInRoom({ ...asked, room, isSelf }, facts);
  if (isSelf && (act === "kick" || act === "ban")) {
    throw new ChatError("forbidden", `You may not ${act} yourself`, { field: "user" });
  }
  if (act === "unban" && !facts.isBanned) {
    const subject = target === undefined ? "This network" : `"${target.name}"`;
    const where = room === undefined ? "the server" : `"${room}"`;
    const field = target === undefined ? "network" : "user";
    throw new ChatError("bad_field", `${subject} is not banned from ${where}`, { field });
  }
}

function checkOnServer({ act, actor, target }: AskedAct, facts: ActFacts): void {
  if (actor.role !== "admin") {
    throw new ChatError("forbidden", "Only for the role admin: name a room that you moderate", {
      field: "room",
    });
  }
  const isSelf = target?.id === actor.user;
  if (target?.role === "admin" && !isSelf && act !== "unban") throw ranked(target, "admin");
  if (act === "ban" && !facts.isBanned && facts.bans >= MOST.serverBans) {
    throw tooMany(`A server has at most ${MOST.serverBans} bans`);
  }
}

interface AskedInRoom extends AskedAct {
  readonly room: string;
  readonly isSelf: boolean;
}

function checkInRoom(asked: AskedInRoom, facts: ActFacts): void {
  const { act, actor, target, room, isSelf } = asked;
  const rank = actor.role === "admin" ? RANKS.admin : RANKS[facts.actor];
  if (rank < RANKS.moderator) {
    throw notAllowed("moderate", { name: room });
  }
  if (target !== undefined && !isSelf && act !== "unban") {
    const other = target.role === "admin" ? "admin" : facts.subject;
    if (RANKS[other] >= rank) throw ranked(target, other, room);
  }
  const endsOwnership = act === "kick" || act === "ban" ||
    (act === "standing" && asked.standing !== "owner");
  if (target !== undefined && endsOwnership && facts.subject === "owner" && facts.owners <= 1) {
    const message = `"${target.name}" is the only owner of "${room}": appoint another one first`;
    throw new ChatError("forbidden", message, { field: "user" });
  }
  if (act === "standing") checkStanding(asked, { facts, rank });
  if (act === "kick" && target !== undefined && !facts.isSubjectMember && !asked.isTargetHere) {
    throw notThere(target, room);
  }
  if (act === "ban" && !facts.isBanned && facts.bans >= MOST.roomBans) {
    throw tooMany(`A room has at most ${MOST.roomBans} bans`);
  }
}

function checkStanding(
  { target, standing = "member", ends, room, isHidden, isSelf }: AskedInRoom,
  { facts, rank }: { facts: ActFacts; rank: number },
): void {
  if (target === undefined) return;
  if (isSelf && standing === "muted") {
    throw new ChatError("forbidden", "You may not mute yourself", { field: "user" });
  }
  const isAppointed = standing === "owner" || standing === "moderator";
  // Users may lower their own standing.
  const isStepDown = isSelf && RANKS[standing] <= RANKS[facts.actor];
  if (isAppointed && rank < RANKS.owner && !isStepDown) {
    const message = `Only an owner of "${room}" can appoint owners and moderators`;
    throw new ChatError("forbidden", message, { field: "standing" });
  }
  if (standing === "owner" && ends !== undefined) {
    throw new ChatError("bad_field", "An owner is appointed without an end", { field: "for_ms" });
  }
  if ((isAppointed || isHidden) && !facts.isSubjectMember) throw notThere(target, room);
  if (standing !== "member" && facts.standings >= MOST.standings) {
    throw tooMany(`A room keeps the standings of at most ${MOST.standings} users`);
  }
}

function ranked(
  { name }: UserRecord,
  rank: ActFacts["subject"] | "admin",
  room?: string,
): ChatError {
  const is = rank === "admin" ? "an administrator of the server" : `${rank} of "${room}"`;
  const message = `"${name}" is ${is}: only a user of a higher rank may do this`;
  return new ChatError("forbidden", message, { field: "user" });
}

function notThere({ name }: UserRecord, room: string): ChatError {
  return new ChatError("not_in_room", `"${name}" is not in "${room}"`, { field: "user" });
}

function tooMany(message: string): ChatError {
  return new ChatError("forbidden", `${message}: end some of them first`);
}
