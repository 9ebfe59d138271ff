// The commands of an administrator in a shell, as data.

import type { BlockList } from "node:net";
import type { Address } from "../address.ts";
import type { DatabaseConfig } from "../database.ts";

/** The roles that an administrator gives. */
export const ACCOUNT_ROLES = ["member", "operator", "admin"] as const;
export type AccountRole = typeof ACCOUNT_ROLES[number];

export type AdminAction =
  | {
    readonly kind: "user list";
    readonly role?: AccountRole;
    readonly state?: "active" | "suspended";
  }
  | { readonly kind: "user show"; readonly user: string }
  | { readonly kind: "user add"; readonly user: string; readonly role: AccountRole }
  | { readonly kind: "user role"; readonly user: string; readonly role: AccountRole }
  | { readonly kind: "user suspend"; readonly user: string }
  | { readonly kind: "user activate"; readonly user: string }
  | {
    readonly kind: "code join";
    readonly rooms: readonly string[];
    readonly role?: AccountRole;
    readonly uses?: number;
    readonly expiresMs?: number;
  }
  | { readonly kind: "code reset"; readonly user: string; readonly expiresMs?: number }
  | { readonly kind: "code device"; readonly expiresMs?: number }
  | { readonly kind: "code list" }
  | { readonly kind: "code revoke"; readonly id: number }
  | { readonly kind: "token list"; readonly user: string }
  | {
    readonly kind: "token create";
    readonly bot: string;
    readonly scopes: readonly string[];
    readonly label: string;
    readonly expiresMs?: number;
  }
  | { readonly kind: "token revoke"; readonly token: number }
  | { readonly kind: "ban list"; readonly room?: string }
  | { readonly kind: "ban log"; readonly room?: string; readonly limit: number }
  | {
    readonly kind: "ban add";
    readonly banned: Banned;
    readonly room?: string;
    readonly forMs?: number;
    readonly reason?: string;
  }
  | { readonly kind: "ban remove"; readonly banned: Banned; readonly room?: string }
  | { readonly kind: "panic"; readonly on: boolean };

/** One action, by its kind. */
export type ActionOf<K extends AdminAction["kind"]> = Extract<AdminAction, { readonly kind: K }>;

/** An account by its name, or a network as CIDR. */
export type Banned = { readonly user: string } | { readonly network: string };

/** An action, and on which server. */
export interface AdminCommand {
  readonly action: AdminAction;
  /** Prints objects, one a line, instead of tables. */
  readonly json: boolean;
  readonly timeoutMs: number;
  /** Where the server listens. */
  readonly listen: Address;
  /** Its database: the admin's token lies beside it. */
  readonly database: DatabaseConfig;
  /** The networks whose connections must begin with a PROXY header there, this machine's perhaps. */
  readonly trustedProxies: BlockList | undefined;
}
