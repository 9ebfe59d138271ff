// The frames of moderation: what users are to a room, who is kept out, and the log of both (protocol §12).

/** What a user is to a room besides none: a muted member reads and does not send. */
export const STANDINGS = ["owner", "moderator", "member", "muted"] as const;
export type Standing = typeof STANDINGS[number];

/** What an entry of the moderation log is about. */
export const ACTS = [
  "standing",
  "kick",
  "ban",
  "unban",
  "panic",
  "add",
  "topic",
  "account",
] as const;
export type Act = typeof ACTS[number];

/** Whom an act is about: exactly one of a user, by name, and a network, as CIDR. */
export interface ActTarget {
  readonly user?: string;
  readonly network?: string;
}

/** A ban that holds now. */
export interface BanSummary {
  readonly ban: number;
  /** The banned user and their name, or the banned network. */
  readonly user?: number;
  readonly name?: string;
  readonly network?: string;
  /** The name of the user who banned. */
  readonly by: string;
  readonly reason?: string;
  readonly time: number;
  /** When it ends by itself, UTC milliseconds. */
  readonly until?: number;
}

/** One act of a moderator or administrator. */
export interface LoggedAct {
  readonly entry: number;
  readonly act: Act;
  readonly time: number;
  /** Who has acted. */
  readonly user: number;
  readonly from: string;
  /** In which room; an act for the server has none. */
  readonly room?: string;
  /** The user whom it is about, and their name. */
  readonly target?: number;
  readonly name?: string;
  readonly network?: string;
  /** The new standing, `on` or `off` of a panic, or what else was changed. */
  readonly detail?: string;
  readonly until?: number;
  readonly reason?: string;
}

/** What a client sends to moderate, and to be spared another user. */
export interface ModerationRequests {
  /** Sets what a user is to a room, for some time or without an end. */
  standing: {
    readonly room: string;
    readonly user: string;
    readonly standing: Standing;
    readonly for_ms?: number;
    readonly reason?: string;
  };
  /** Ends a user's membership of a room, or without a room their connections. */
  kick: ActTarget & { readonly room?: string; readonly reason?: string };
  /** Keeps a user or a network out of a room, or without a room off the server. */
  ban: ActTarget & { readonly room?: string; readonly for_ms?: number; readonly reason?: string };
  unban: ActTarget & { readonly room?: string; readonly reason?: string };
  /** Lists the bans of a room, or of the server, by number. */
  bans: { readonly room?: string; readonly after?: number; readonly limit?: number };
  /** Lists what was done in a room, or everywhere, the latest first. */
  moderation: { readonly room?: string; readonly before?: number; readonly limit?: number };
  /** Closes the server to new guests and registrations, and mutes guests everywhere; or ends that. */
  panic: { readonly on: boolean; readonly reason?: string };
  /** Ignores a user: their messages neither count nor are shown; or ends that. */
  ignore: { readonly user: string; readonly on: boolean };
  ignores: Record<never, never>;
}

/** What a server sends about moderation. */
export interface ModerationFrames {
  /** The standing of a user has changed; sent to the room, without a seq. */
  standing: {
    readonly room: string;
    readonly user: number;
    readonly from: string;
    readonly standing: Standing;
    readonly by: string;
    readonly time: number;
    readonly until?: number;
    readonly reason?: string;
  };
  bans: { readonly room?: string; readonly bans: readonly BanSummary[]; readonly more: boolean };
  moderation: {
    readonly room?: string;
    readonly entries: readonly LoggedAct[];
    readonly more: boolean;
  };
  ignores: { readonly users: readonly { readonly user: number; readonly name: string }[] };
}
