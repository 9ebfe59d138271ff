// Accounts: who may get one, and how they change. Every server and every connection sees a change at once.
// Knows no socket, no SQL and no password: passwords come as hashes.

import type { AccountRecord } from "../../store/repository.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { UserId, UserRecord } from "../../store/records.ts";
import {
  type Accounts as StoredAccounts,
  NameHeldError,
  type Users,
} from "../../store/repository.ts";
import type { Clock } from "../../time.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Role } from "../../wire/frames/roles.ts";
import { isNumberedName, isReservedName, nameKey, userNameOf } from "./names.ts";
import type { NameRegistry } from "./name_registry.ts";
import type { Principal, Principals } from "./principal.ts";

/** Only the server's own terminal logs in as this account. */
const CONSOLE = nameKey("console");
/** How many suspended users are remembered. */
const REMEMBERED = 10_000;

/** The connections of this server, as far as a change of an account concerns them. */
export interface AccountConnections {
  /** Ends all connections of a user who may not be connected any more. */
  endUser(user: UserId): void;
  /** The role of a user has changed. */
  roleChanged(user: UserId): void;
}

interface AccountsOptions {
  readonly accounts: StoredAccounts;
  readonly users: Users;
  readonly clock: Clock;
  readonly names: NameRegistry;
  readonly principals: Principals;
  readonly connections: AccountConnections;
  readonly cluster: Pick<Cluster, "accountsChanged">;
  /** What keeps new users out. */
  readonly gate: { checkNewcomer(): void };
}

/** What an administrator changes of an account, or creates it with. */
interface AccountChange {
  readonly role?: Role | undefined;
  readonly isBot?: boolean | undefined;
  readonly isSuspended?: boolean | undefined;
}

export class Accounts {
  readonly #options: AccountsOptions;
  /** Users who were suspended a moment ago: a login may have begun before. */
  readonly #suspended = new Set<UserId>();
  /** Up to where the changes of other servers were read; undefined before the first look. */
  #lastChange: number | undefined;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** The account of this name with its password. */
  get store(): StoredAccounts {
    return this.#options.accounts;
  }

  /**
   * To be asked before a registration is counted: a name that is taken may be replaced by another at once.
   * @throws {ChatError} name_taken; forbidden while no new users are admitted
   */
  async checkRegistration(principal: Principal, name = principal.name): Promise<void> {
    this.#options.gate.checkNewcomer();
    checkName(name);
    const wanted = userNameOf(name);
    if (isOwnName(principal, name)) return;
    const isHeld = !this.#options.names.isFree(name, principal.user) ||
      (await this.#options.users.findHeld([wanted])).size > 0;
    if (isHeld) throw nameTaken(name);
  }

  /**
   * Turns the principal, a guest, into an account of the same number.
   * @throws {ChatError} name_taken; bad_state when they are an account meanwhile; forbidden while no new
   * users are admitted
   */
  async register(
    principal: Principal,
    { name = principal.name, password }: {
      name?: string | undefined;
      password?: string | undefined;
    },
  ): Promise<void> {
    const { accounts, clock, names } = this.#options;
    const { user } = principal;
    this.#options.gate.checkNewcomer();
    checkName(name);
    if (!isOwnName(principal, name) && !names.isFree(name, user)) throw nameTaken(name);
    try {
      const account = { name: userNameOf(name), password, now: clock.now() };
      if (!await accounts.register(user, account)) {
        throw new ChatError("bad_state", "You have an account already");
      }
    } catch (error) {
      throw error instanceof NameHeldError ? nameTaken(name) : error;
    }
    names.rename(user, name);
    await this.#announce(user);
  }

  /** Changes an account; creates it when there is none of this name. @throws {ChatError} */
  async change(
    name: string,
    { role, isBot, isSuspended, by }: AccountChange & { by: Principal },
  ): Promise<AccountRecord> {
    const { accounts, clock } = this.#options;
    const now = clock.now();
    const found = (await accounts.find(nameKey(name)))?.account;
    if (found === undefined) {
      if (isSuspended !== undefined) {
        throw new ChatError("no_such_user", `There is no account "${name}"`, { field: "name" });
      }
      return await this.#create(name, { role, isBot, by });
    }
    checkChange(found, { role, isBot, isSuspended });
    const changed = await accounts.update(found.id, { role, isSuspended, by: actorOf(by), now });
    if (changed === "last_admin") {
      const message = `"${found.name}" is the only administrator: make another one first`;
      throw new ChatError("forbidden", message, { field: "name" });
    }
    if (changed === undefined) {
      throw new ChatError("no_such_user", `There is no account "${name}"`, { field: "name" });
    }
    await this.#announce(found.id);
    return changed;
  }

  /** Whether the account was suspended a moment ago: its user must not be logged in by what was read before. */
  isSuspended(user: UserId): boolean {
    return this.#suspended.has(user);
  }

  /** Applies what other servers have changed. @throws what the store throws */
  async poll(): Promise<void> {
    const { accounts } = this.#options;
    const from = this.#lastChange ?? await accounts.lastChange();
    const { users, last } = await accounts.changes(from);
    this.#lastChange = Math.max(last, this.#lastChange ?? 0);
    await this.#apply(users);
  }

  async #create(
    name: string,
    { role = "member", isBot = false, by }: AccountChange & { by: Principal },
  ): Promise<AccountRecord> {
    const { accounts, clock, names } = this.#options;
    checkName(name);
    checkBotRole({ name, isBot }, role);
    if (!names.isFree(name)) throw nameTaken(name);
    try {
      const account = {
        name: userNameOf(name),
        role,
        isBot,
        now: clock.now(),
        by: actorOf(by),
      };
      return await accounts.create(account);
    } catch (error) {
      throw error instanceof NameHeldError ? nameTaken(name) : error;
    }
  }

  /** Here at once, and on the other servers by their next look into the store. */
  async #announce(user: UserId): Promise<void> {
    this.#options.cluster.accountsChanged();
    await this.#apply([user]);
  }

  async #apply(users: readonly UserId[]): Promise<void> {
    if (users.length === 0) return;
    const { connections } = this.#options;
    for (const record of (await this.#options.users.findMany(users)).values()) {
      this.#refresh(record);
      if (record.isSuspended) connections.endUser(record.id);
      else connections.roleChanged(record.id);
    }
  }

  #refresh(record: UserRecord): void {
    this.#options.principals.refresh(record);
    this.#suspended.delete(record.id);
    if (record.isSuspended) this.#suspended.add(record.id);
    if (this.#suspended.size > REMEMBERED) {
      for (const oldest of this.#suspended) {
        this.#suspended.delete(oldest);
        break;
      }
    }
    if (record.role !== "guest") this.#options.names.rename(record.id, record.name);
  }
}

function actorOf({ user, name }: Principal): { user: UserId; name: string } {
  return { user, name };
}

/** Whether it is the name that the principal has, perhaps in other letters that look alike. */
function isOwnName(principal: Principal, name: string): boolean {
  return userNameOf(name).skeleton === userNameOf(principal.name).skeleton;
}

function checkName(name: string): void {
  if (isReservedName(name) || isNumberedName(name)) {
    throw new ChatError("name_taken", `The name "${name}" is reserved`, { field: "name" });
  }
}

function nameTaken(name: string): ChatError {
  const message = `The name "${name}" belongs to another user or looks like such a name`;
  return new ChatError("name_taken", message, { field: "name" });
}

function checkChange(
  found: AccountRecord,
  { role, isBot, isSuspended }: AccountChange,
): void {
  if (nameKey(found.name) === CONSOLE && (role ?? isSuspended) !== undefined) {
    const message = `"${found.name}" is the server's own terminal: it stays as it is`;
    throw new ChatError("forbidden", message, { field: "name" });
  }
  if (isBot !== undefined && isBot !== found.isBot) {
    const message = `"${found.name}" is ${found.isBot ? "a program's" : "a person's"} account, ` +
      "and stays so: create another one";
    throw new ChatError("bad_field", message, { field: "bot" });
  }
  if (role !== undefined) checkBotRole(found, role);
}

function checkBotRole({ name, isBot }: { name: string; isBot: boolean }, role: Role): void {
  if (!isBot || role === "member") return;
  const message = `"${name}" is a program's account: it is a member, and never decides`;
  throw new ChatError("bad_field", message, { field: "role" });
}
