// What the store does for moderation, as two interfaces. Knows no SQL.

import type { BanRecord, RoomId, UserId, UserRecord } from "../records.ts";
import type { ActFacts, ActRecord, NewAct, ServerSanctionRecords } from "./records.ts";

/**
 * What moderators and administrators decide. Acts are numbered in the order of their commits without a gap:
 * the servers of one store follow their log.
 */
export interface Moderation {
  /** What held for the server when the store was opened. */
  readonly start: ServerSanctionRecords;
  serverSanctions(): Promise<ServerSanctionRecords>;
  /**
   * Does the act and logs it, in one transaction. `check` gets what the act depends on and refuses by
   * throwing: then nothing has happened. @returns the entry, and the number of a new ban
   */
  act(
    act: NewAct,
    check: (facts: ActFacts) => void,
  ): Promise<{ readonly record: ActRecord; readonly ban: number | undefined }>;
  /** The acts above this entry, oldest first. */
  actsAfter(entry: number, limit: number): Promise<readonly ActRecord[]>;
  /**
   * The latest acts below an entry, the latest first: of a room, or those for the server, in public rooms,
   * and in other rooms of which the reader is a member.
   */
  acts(options: {
    room: RoomId | undefined;
    reader: UserId;
    before: number | undefined;
    limit: number;
  }): Promise<readonly ActRecord[]>;
  /** The bans that hold now, of a room or of the server, by number above `after`. */
  bans(options: {
    room: RoomId | undefined;
    after: number | undefined;
    limit: number;
  }): Promise<readonly BanRecord[]>;
  /** The user who has this name, in its comparable form. */
  findUser(nameKey: string): Promise<UserRecord | undefined>;
}

/** Who ignores whom. */
export interface Ignores {
  /** @returns false when the user ignores `most` others already */
  add(user: UserId, ignored: UserId, most: number): Promise<boolean>;
  remove(user: UserId, ignored: UserId): Promise<void>;
  list(user: UserId): Promise<readonly UserRecord[]>;
}
