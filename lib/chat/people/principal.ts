// The users on whose behalf requests are made. The facts of a user are held once and shared by the
// principals of all their connections: every later check sees a role that was changed here. Knows no room
// and no socket.

import type { UserId, UserRecord } from "../../store/records.ts";
import type { Role } from "../../wire/frames/roles.ts";
import type { Presence } from "./name_registry.ts";
import type { ScopeName } from "../../wire/frames/scopes.ts";
import { type DeskScope, Scopes } from "./scopes.ts";

const RANKS: Readonly<Record<Role, number>> = { guest: 0, member: 1, operator: 2, admin: 3 };

/** Whether a role includes what another may do. */
export function hasRole(role: Role, atLeast: Role): boolean {
  return RANKS[role] >= RANKS[atLeast];
}

/** A user as every check sees them. What a state of accounts adds to a user belongs here. */
export interface Account {
  readonly user: UserId;
  /** The name under which the user is connected. */
  readonly name: string;
  readonly role: Role;
  /** Whether the user may send nothing anywhere. */
  readonly isSilenced?: boolean;
  /** Whether it is a program's: then it never has more than a member's role. */
  readonly isBot?: boolean;
}

/** What the token of a connection is. */
interface TokenOfConnection {
  /** Its number; undefined where it has none, as in the legacy dialect. */
  readonly token?: number | undefined;
  /** What it is good for; undefined: for everything. */
  readonly scopes?: readonly string[] | undefined;
  /** When it ends, used or not, UTC milliseconds; undefined when it has no such time. */
  readonly expires?: number | undefined;
}

/**
 * The user on whose behalf one connection acts. Never copy its role: ask for it at each check. What a
 * token adds to a connection, as scopes, belongs here.
 */
export class Principal implements Account {
  readonly #account: Account;
  /** The number of the token by which the connection has logged in. */
  readonly token: number | undefined;
  /** When this token ends although it is in use, UTC milliseconds; undefined when it does not. */
  readonly tokenExpires: number | undefined;
  /** What this token is good for; undefined: for everything that the user may do. */
  readonly scopes: Scopes | undefined;

  constructor(account: Account, { token, scopes, expires }: TokenOfConnection = {}) {
    this.#account = account;
    this.token = token;
    this.tokenExpires = expires;
    this.scopes = scopes === undefined ? undefined : new Scopes(scopes);
  }

  get user(): UserId {
    return this.#account.user;
  }

  get name(): string {
    return this.#account.name;
  }

  get role(): Role {
    return this.#account.role;
  }

  /** Whether the user may send nothing anywhere: a guest, while all guests are muted. */
  get isSilenced(): boolean {
    return this.#account.isSilenced === true;
  }

  /** The address of the connection, where bans of networks hold for it. */
  get address(): string | undefined {
    return undefined;
  }

  get isBot(): boolean {
    return this.#account.isBot === true;
  }

  /** Whether the role includes another. A program and a token with scopes never have more than a member's. */
  hasRole(atLeast: Role): boolean {
    return hasRole(this.#account.role, atLeast) &&
      ((this.scopes === undefined && !this.isBot) || hasRole("member", atLeast));
  }

  /** Whether the token is good at the desk: that of a program, or of an operator, with this scope. */
  isForDesk(scope: DeskScope): boolean {
    return this.scopes?.hasEverywhere(scope) === true &&
      (this.isBot || hasRole(this.#account.role, "operator"));
  }

  /**
   * Whether the connection may send requests that need this scope, in one room at least. A program never may
   * send those that need everything, whatever its token.
   */
  hasScope(scope: RequestScope): boolean {
    if (scope === "none") return true;
    const { scopes } = this;
    if (scope === "everything") return scopes === undefined && !this.isBot;
    if (scopes === undefined) return true;
    return scope === "read everywhere" ? scopes.hasEverywhere("read") : scopes.has(scope);
  }
}

/**
 * What a request needs of a token with scopes: nothing; one of the scopes; `read` for all rooms, where the
 * reply is not about one room; or a token without scopes, where no scope covers the request.
 */
export type RequestScope = "none" | ScopeName | "read everywhere" | "everything";

/** The one object that all principals of a user refer to. */
interface SharedAccount extends Account {
  name: string;
  role: Role;
  isSilenced: boolean;
  isBot: boolean;
  principals: number;
}

/** A principal, and the name held for its connection; close it when the connection ends. */
export class OpenPrincipal extends Principal {
  readonly #principals: Principals;
  readonly #presence: Presence;
  #isOpen = true;
  #address: string | undefined;

  constructor(
    account: Account,
    options: TokenOfConnection & { principals: Principals; presence: Presence },
  ) {
    super(account, options);
    this.#principals = options.principals;
    this.#presence = options.presence;
  }

  override get address(): string | undefined {
    return this.#address;
  }

  /** The connection comes from this address, where bans of networks hold for it. */
  noteAddress(address: string): void {
    this.#address = address;
  }

  /** Gives the name back. Closing it again does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#presence.release();
    this.#principals.release(this);
  }
}

/** The principals of one server, by user. */
export class Principals {
  readonly #byUser = new Map<UserId, SharedAccount>();
  #areGuestsSilenced = false;

  /** A principal for one more connection of the user, who is as the store says now. */
  open(user: UserRecord & TokenOfConnection, presence: Presence): OpenPrincipal {
    const { id, role, isBot = false, token, scopes, expires } = user;
    const known = this.#byUser.get(id);
    const account = known ??
      { user: id, name: presence.name, role, isBot, principals: 0, isSilenced: false };
    account.isBot = isBot;
    this.#setRole(account, role);
    account.principals++;
    if (known === undefined) this.#byUser.set(id, account);
    return new OpenPrincipal(account, { principals: this, presence, token, scopes, expires });
  }

  /** The store says this of the user: all checks from now on see it. */
  refresh({ id, name, role, isBot = false }: UserRecord): void {
    const account = this.#byUser.get(id);
    if (account === undefined) return;
    // The name of a guest of an older database is not always the one in use.
    if (role !== "guest") account.name = name;
    account.isBot = isBot;
    this.#setRole(account, role);
  }

  /** From now on guests may send nothing anywhere, or may again. */
  silenceGuests(areSilenced: boolean): void {
    this.#areGuestsSilenced = areSilenced;
    for (const account of this.#byUser.values()) this.#setRole(account, account.role);
  }

  #setRole(account: SharedAccount, role: Role): void {
    account.role = role;
    account.isSilenced = this.#areGuestsSilenced && role === "guest";
  }

  /** The users that have a principal here. */
  users(): Iterable<UserId> {
    return this.#byUser.keys();
  }

  release({ user }: Principal): void {
    const account = this.#byUser.get(user);
    if (account !== undefined && --account.principals === 0) this.#byUser.delete(user);
  }
}
