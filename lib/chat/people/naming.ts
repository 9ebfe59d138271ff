// How a user gets a name and a principal. A name is free when no account and no guest with a token has it
// in the store, and no connection on any server uses it.

import { type Codes, NameHeldError, type Users } from "../../store/repository.ts";
import type { NewToken, TokenOwner, UserId, UserName, UserRecord } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { isNumberedName, isReservedName, nameKey, numberedName, userNameOf } from "./names.ts";
import type { NameRegistry, Presence } from "./name_registry.ts";
import type { Account, OpenPrincipal, Principals } from "./principal.ts";

const LONGEST_NAME = 32;
/** How many numbers are tried at once, and how many times: from 2, 32, 512 … on. */
const TRIED = 16;
const ROUNDS = 6;

/** What keeps users out of the server. */
interface Gate {
  /** @throws {ChatError} when the user may not log in */
  checkUser(user: UserId): void;
  /** @throws {ChatError} when no new user is admitted */
  checkNewcomer(): void;
}

const OPEN_GATE: Gate = { checkUser: () => {}, checkNewcomer: () => {} };

export class Naming {
  readonly #names: NameRegistry;
  readonly #principals: Principals;
  readonly #users: Users;
  readonly #codes: Codes;
  readonly #gate: Gate;

  constructor(
    options: {
      names: NameRegistry;
      principals: Principals;
      users: Users;
      codes: Codes;
      gate?: Gate;
    },
  ) {
    this.#names = options.names;
    this.#principals = options.principals;
    this.#users = options.users;
    this.#codes = options.codes;
    this.#gate = options.gate ?? OPEN_GATE;
  }

  /**
   * A new guest, who has the name as long as the token is valid.
   * @throws {ChatError} name_taken, with a free name where there is one; forbidden while the server is
   * closed to new guests
   */
  async admitGuest(
    name: string,
    token: NewToken,
  ): Promise<OpenPrincipal> {
    const user = await this.#admitNew(name, (name) => this.#users.createGuest({ name, ...token }));
    if (user === undefined) throw new Error("The store has made no guest");
    return user;
  }

  /**
   * A new account, by a join code. @returns undefined when the code has no use left
   * @throws {ChatError} name_taken, with a free name where there is one
   */
  admitInvited(
    name: string,
    redemption: Omit<Parameters<Codes["redeemForAccount"]>[0], "name">,
  ): Promise<OpenPrincipal | undefined> {
    return this.#admitNew(
      name,
      (name) => this.#codes.redeemForAccount({ ...redemption, name }),
    );
  }

  /** A user on a further device, by a device code. @returns undefined when the code has no use left */
  async admitDevice(
    redemption: Parameters<Codes["redeemForToken"]>[0],
  ): Promise<OpenPrincipal | undefined> {
    const owner = await this.#codes.redeemForToken(redemption);
    return owner === undefined ? undefined : await this.admitByToken(owner);
  }

  /** A new user, whom `create` stores under a name that is held for them meanwhile. */
  async #admitNew(
    name: string,
    create: (name: UserName) => Promise<TokenOwner | undefined>,
  ): Promise<OpenPrincipal | undefined> {
    this.#gate.checkNewcomer();
    if (isReservedName(name) || isNumberedName(name)) {
      throw new ChatError("name_taken", `The name "${name}" is reserved`, {
        field: "auth.name",
      });
    }
    const presence = this.#names.claim(name);
    if (presence === undefined) throw await this.#taken(name);
    try {
      const user = await create(userNameOf(name));
      if (user === undefined) {
        presence.release();
        return undefined;
      }
      presence.bind(user.id);
      return this.#admit(user, presence);
    } catch (error) {
      presence.release();
      throw error instanceof NameHeldError ? await this.#taken(name) : error;
    }
  }

  /** The user of a token, whose use is noted; undefined when it is unknown or expired. */
  findByToken(tokenHash: Uint8Array, { now }: { now: number }): Promise<TokenOwner | undefined> {
    return this.#users.findByToken(tokenHash, { now });
  }

  /** The user who holds this name. @throws {ChatError} no_such_user */
  async findByName(name: string): Promise<Account> {
    const key = nameKey(name);
    const found = (await this.#users.findByKeys([key])).get(key);
    if (found !== undefined) {
      const { id: user, name, role, isBot } = found;
      return { user, name, role, isBot };
    }
    throw new ChatError("no_such_user", `There is no user "${name}"`, { field: "user" });
  }

  /**
   * A user who comes by a token, under the name in the store. In an older database a guest may share the
   * name with the user who holds it. Then the guest gets the name with the first free number, and keeps it.
   * @throws {ChatError} name_taken when there is none; banned
   */
  async admitByToken(owner: TokenOwner): Promise<OpenPrincipal> {
    const user = owner.role === "guest" && !owner.holdsName ? await this.#giveName(owner) : owner;
    return this.#admit(user, this.#names.enter(user.id, user.name));
  }

  /**
   * A guest without a name and a token, who gets a name by number. No other guest has such a name, here
   * or on another server; an account may have it, and then the next number is used.
   */
  async admitNumbered(): Promise<OpenPrincipal> {
    this.#gate.checkNewcomer();
    for (;;) {
      const user = await this.#users.createPassingGuest(numberedName);
      if ((await this.#users.findHeld([userNameOf(user.name)])).size > 0) continue;
      const presence = this.#names.claim(user.name);
      if (presence === undefined) continue;
      presence.bind(user.id);
      return this.#admit(user, presence);
    }
  }

  /** The end of every kind of login: what keeps a user out is checked here. */
  #admit(user: UserRecord & Partial<TokenOwner>, presence: Presence): OpenPrincipal {
    try {
      if (user.isSuspended === true) {
        throw new ChatError("auth_failed", "This account is suspended: ask an administrator");
      }
      this.#gate.checkUser(user.id);
      return this.#principals.open(user, presence);
    } catch (error) {
      presence.release();
      throw error;
    }
  }

  async #giveName(owner: TokenOwner): Promise<TokenOwner> {
    const { id, name } = owner;
    const own = userNameOf(name);
    for (const candidates of [[own], ...numbered(name)]) {
      for (const free of await this.#freeOf(candidates, id)) {
        try {
          await this.#users.holdName(id, free);
          return { ...owner, name: free.name, holdsName: true };
        } catch (error) {
          // Another user has got the name meanwhile.
          if (!(error instanceof NameHeldError)) throw error;
        }
      }
    }
    throw new ChatError(
      "name_taken",
      `The name "${name}" belongs to another user, and no similar name is free`,
    );
  }

  async #taken(name: string): Promise<ChatError> {
    const taken = `The name "${name}" belongs to another user or looks like such a name`;
    for (const candidates of numbered(name)) {
      const [free] = await this.#freeOf(candidates);
      if (free === undefined) continue;
      const details = { field: "auth.name", suggestion: free.name };
      return new ChatError("name_taken", `${taken}: "${free.name}" is free`, details);
    }
    return new ChatError("name_taken", taken, { field: "auth.name" });
  }

  async #freeOf(names: readonly UserName[], user?: UserId): Promise<readonly UserName[]> {
    const free = names.filter(({ name }) =>
      !isReservedName(name) && this.#names.isFree(name, user)
    );
    const held = await this.#users.findHeld(free);
    return free.filter((name) => !held.has(name));
  }
}

/** `ada2`, `ada3` … of `ada`, cut to the longest name that is allowed. */
function* numbered(name: string): Generator<readonly UserName[]> {
  for (let round = 0, first = 2; round < ROUNDS; round++, first *= TRIED) {
    yield Array.from({ length: TRIED }, (_, at) => {
      const digits = String(first + at);
      return userNameOf(name.slice(0, LONGEST_NAME - digits.length) + digits);
    });
  }
}
