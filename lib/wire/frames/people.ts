// The frames about accounts (protocol §3.10).

import type { Role } from "./roles.ts";

export const ACCOUNT_STATES = ["active", "suspended"] as const;
export type AccountState = typeof ACCOUNT_STATES[number];

/** An account as administrators see it. Times are UTC milliseconds. */
export interface AccountSummary {
  readonly user: number;
  readonly name: string;
  readonly role: Role;
  readonly bot?: true;
  readonly state: AccountState;
  /** Whether the user can log in by a password. */
  readonly password: boolean;
  readonly created: number;
}

/** What a client sends about accounts. */
export interface PeopleRequests {
  /** Turns the guest into an account; the name stays unless another one is given. */
  register: { readonly name?: string; readonly password?: string };
  /** Sets one's own password; `old` is needed where there is one. All other tokens end. */
  password: { readonly old?: string; readonly new: string };
  /** Creates an account, or changes it (admin). */
  account: {
    readonly name: string;
    readonly role?: Role;
    readonly bot?: boolean;
    readonly state?: AccountState;
  };
  /** Lists the accounts by name (admin). */
  accounts: { readonly after?: string; readonly limit?: number };
  /** Asks who a user is. */
  whois: { readonly user: string };
}

/** What a server sends about accounts. */
export interface PeopleFrames {
  account: AccountSummary;
  accounts: { readonly accounts: readonly AccountSummary[]; readonly more: boolean };
  whois: {
    readonly user: number;
    readonly name: string;
    readonly role: Role;
    readonly bot?: true;
    /** When the user was created; missing where an older version has not kept it. */
    readonly since?: number;
    /** Whether the user is connected now. */
    readonly here: boolean;
    /** The rooms of which both are members. */
    readonly rooms: readonly string[];
  };
}
