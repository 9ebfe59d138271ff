// What the store keeps of moderation besides what holds in a room: what holds for the server, and the log
// of who did what. The methods that read and write it are in repository.ts.

import type { Act, Standing } from "../../wire/frames/moderation.ts";
import type { BanRecord, RoomId, UserId, UserRecord } from "../records.ts";

/** What was decided for the server, as far as it holds now. */
export interface ServerSanctionRecords {
  /** The latest entry of the log when this was read. */
  readonly entry: number;
  readonly isPanic: boolean;
  readonly bans: readonly BanRecord[];
}

/** Whom an act is about. */
export type ActSubject =
  | { readonly user: UserRecord }
  | { readonly network: string };

/** Who acts, under the name of that moment. */
export interface Actor {
  readonly user: UserId;
  readonly name: string;
}

/** An act that is to be done. */
export interface NewAct {
  readonly act: Exclude<Act, "add" | "topic" | "account">;
  readonly actor: Actor;
  /** The room and its name; undefined: for the server. */
  readonly room: { readonly id: RoomId; readonly name: string } | undefined;
  /** Undefined for a panic. */
  readonly subject: ActSubject | undefined;
  /** The new standing, or `on` or `off`. */
  readonly detail?: string | undefined;
  readonly ends?: number | undefined;
  readonly reason?: string | undefined;
  readonly now: number;
}

/** The detail of a removal that has ended a membership. */
export const WAS_MEMBER = "member";

/** An act that was done: an entry of the log. */
export interface ActRecord {
  /** From 1 without gaps, in the order of the commits. */
  readonly entry: number;
  readonly act: Act;
  readonly time: number;
  readonly user: UserId;
  readonly from: string;
  readonly room: RoomId | undefined;
  readonly roomName: string | undefined;
  readonly target: UserId | undefined;
  readonly targetName: string | undefined;
  readonly network: string | undefined;
  readonly detail: string | undefined;
  readonly ends: number | undefined;
  readonly reason: string;
}

/** What an act depends on, read in its transaction: nobody changes it before the act is done. */
export interface ActFacts {
  /** What the actor and the subject are in the room; `none`: no member and nothing else. */
  readonly actor: Standing | "none";
  readonly subject: Standing | "none";
  readonly isSubjectMember: boolean;
  readonly owners: number;
  /** How many standings and bans the room has, or how many bans the server. */
  readonly standings: number;
  readonly bans: number;
  /** Whether the subject is banned now. */
  readonly isBanned: boolean;
}
