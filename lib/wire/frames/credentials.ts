// The frames about what users log in by besides a password: tokens and codes (protocol §3.6 to §3.9).

import type { Role } from "./roles.ts";

/** What a code is for: a new account, a new password, a token for a further device. */
export const CODE_KINDS = ["join", "reset", "device"] as const;
export type CodeKind = typeof CODE_KINDS[number];

/** A token in a list: the secret itself is sent once, when it is made. Times are UTC milliseconds. */
export interface TokenSummary {
  /** Its number. */
  readonly token: number;
  readonly label: string;
  /** The program that asked for it. */
  readonly client: string;
  readonly created: number;
  /** Its last use, to the hour. */
  readonly used: number;
  /** Whether a connection to this server is logged in by it. */
  readonly here: boolean;
  /** Whether this connection is. */
  readonly own?: true;
  /** When it ends, if it is not used before; missing when never. */
  readonly expires?: number;
  /** What it is good for; missing when for everything. */
  readonly scopes?: readonly string[];
}

/** A code in a list. */
export interface CodeSummary {
  readonly id: number;
  readonly kind: CodeKind;
  /** The name of its creator. */
  readonly from: string;
  /** Whom it is for, unless it creates an account. */
  readonly user?: string;
  /** The role of an account that it makes. */
  readonly role?: Role;
  readonly rooms?: readonly string[];
  /** How often it can still be redeemed. */
  readonly uses: number;
  readonly created: number;
  readonly expires: number;
}

/** What a client sends about tokens and codes. */
export interface CredentialRequests {
  /** Lists one's own tokens, or a user's (admin). */
  tokens: { readonly user?: string; readonly after?: number; readonly limit?: number };
  /** Ends a token of one's own, or any (admin), and the connections that use it. */
  revoke: { readonly token: number };
  /** Ends the token of this connection, and the connection. */
  logout: Record<never, never>;
  /** Creates a token for a program of one's own, or for a program's account (admin). */
  token: {
    readonly label: string;
    readonly scopes: readonly string[];
    readonly user?: string;
    readonly expires_ms?: number;
  };
  /** Creates a code. */
  code: {
    readonly kind: CodeKind;
    readonly role?: Role;
    readonly rooms?: readonly string[];
    readonly uses?: number;
    readonly expires_ms?: number;
    readonly user?: string;
  };
  /** Lists the codes that one has created, or all (admin), that can still be redeemed. */
  codes: { readonly after?: number; readonly limit?: number };
  /** Ends a code, by its number. */
  revoke_code: { readonly code: number };
  /** Asks what a code is for, before it is redeemed; needs no login. */
  look: { readonly code: string };
}

/** What a server sends about tokens and codes. */
export interface CredentialFrames {
  tokens: { readonly tokens: readonly TokenSummary[]; readonly more: boolean };
  /** A new token, and its number. */
  token: { readonly id: number; readonly token: string };
  /** A new code with its number; or, as the reply to `look`, what a code is for. */
  code: {
    readonly code?: string;
    readonly id?: number;
    readonly kind: CodeKind;
    readonly from?: string;
    /** The server that it is for, by its program and version. */
    readonly server?: string;
    /** Whom it is for, unless it creates an account. */
    readonly user?: string;
    readonly role?: Role;
    readonly rooms?: readonly string[];
    readonly uses: number;
    readonly expires: number;
    /** One string with the server's address, the code and the pin of its key. */
    readonly join?: string;
  };
  codes: { readonly codes: readonly CodeSummary[]; readonly more: boolean };
}
