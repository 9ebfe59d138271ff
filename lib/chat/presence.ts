// Who is connected, and under which name: no two connected people have names that look alike. An
// account's name is its own for ever; a guest's is theirs until their last connection ends.

import { ChatError } from "../wire/errors.ts";
import type { UserId } from "../store/repository.ts";
import { type Elsewhere, NOWHERE_ELSE } from "./elsewhere.ts";
import { isReservedName, nameKey, nameSkeleton } from "./names.ts";

/** A name held by one user's connections, or for a moment by one who is not a user yet. */
interface Holder {
  readonly name: string;
  user: UserId | undefined;
  connections: number;
}

/** A name held for one connection; give it back exactly once. */
export interface Presence {
  readonly name: string;
  /** Says whose name it is, once the store knows. */
  settle(user: UserId): void;
  release(): void;
}

/** The names in use: those of this server, and of the others as far as they have said. */
export class NamesInUse {
  readonly #elsewhere: Elsewhere;
  readonly #byKey = new Map<string, Holder>();
  readonly #bySkeleton = new Map<string, Holder>();
  readonly #byUser = new Map<UserId, Holder>();
  /** The last number given by `claimNumbered`. */
  #number = 0;

  constructor(elsewhere: Elsewhere = NOWHERE_ELSE) {
    this.#elsewhere = elsewhere;
  }

  /** How many users are connected to this server. */
  get users(): number {
    return this.#byUser.size;
  }

  /** Who is connected, by name. */
  present(): readonly { name: string; connections: number }[] {
    const present = new Map<UserId, { name: string; connections: number }>();
    for (const [user, { name, connections }] of this.#byUser) {
      present.set(user, { name, connections });
    }
    for (const { user, name, connections } of this.#elsewhere.people()) {
      const here = present.get(user);
      present.set(user, { name, connections: connections + (here?.connections ?? 0) });
    }
    return [...present.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** How many connections a user has, to all servers. */
  connectionsOf(user: UserId): number {
    return (this.#byUser.get(user)?.connections ?? 0) + this.#elsewhere.connectionsOf(user);
  }

  /** Who is connected to this server. */
  usersHere(): Iterable<UserId> {
    return this.#byUser.keys();
  }

  /** As whom, and how often, a user is connected to this server. */
  findHere(user: UserId): { name: string; connections: number } | undefined {
    return this.#byUser.get(user);
  }

  /**
   * Holds a name for a newcomer who is nobody yet.
   * @throws {ChatError} name_taken when it is reserved, in use, or looks like one in use.
   */
  claim(name: string): Presence {
    if (isReservedName(name)) {
      throw new ChatError("name_taken", `Nobody can be called "${name}": the name is reserved`, {
        field: "auth.name",
      });
    }
    if (this.#isHeld(name)) {
      throw new ChatError("name_taken", `"${name}" is in use, or looks like a name in use`, {
        field: "auth.name",
      });
    }
    return this.#hold({ name, user: undefined, connections: 0 });
  }

  /** Holds a returning user's name; a guest whose name is held by another becomes `ada2`. */
  enter(user: UserId, name: string): Presence {
    const present = this.#byUser.get(user);
    if (present !== undefined) return this.#join(present);
    let free = name;
    for (let n = 2; this.#isHeld(free, user); n++) free = numbered(name, n);
    const presence = this.#hold({ name: free, user: undefined, connections: 0 });
    presence.settle(user);
    return presence;
  }

  /** Holds a name for one who has none: the prefix and the next number nobody is called by. */
  claimNumbered(prefix: string): Presence {
    do this.#number++; while (this.#isHeld(prefix + this.#number));
    return this.#hold({ name: prefix + this.#number, user: undefined, connections: 0 });
  }

  /** By anybody here, or by somebody else than `user` on another server. */
  #isHeld(name: string, user?: UserId): boolean {
    return this.#byKey.has(nameKey(name)) || this.#bySkeleton.has(nameSkeleton(name)) ||
      this.#elsewhere.isNameHeld(name, user);
  }

  #hold(holder: Holder): Presence {
    this.#byKey.set(nameKey(holder.name), holder);
    this.#bySkeleton.set(nameSkeleton(holder.name), holder);
    return this.#join(holder);
  }

  #join(holder: Holder): Presence {
    holder.connections++;
    this.#noteChange(holder);
    let held = true;
    return {
      name: holder.name,
      settle: (user) => {
        holder.user = user;
        this.#byUser.set(user, holder);
        this.#noteChange(holder);
      },
      release: () => {
        if (!held) return;
        held = false;
        if (--holder.connections === 0) this.#forget(holder);
        this.#noteChange(holder);
      },
    };
  }

  #noteChange({ user }: Holder): void {
    if (user !== undefined) this.#elsewhere.peopleChanged(user);
  }

  #forget(holder: Holder): void {
    this.#byKey.delete(nameKey(holder.name));
    this.#bySkeleton.delete(nameSkeleton(holder.name));
    if (holder.user !== undefined) this.#byUser.delete(holder.user);
  }
}

const LONGEST_NAME = 32;

/** `ada2` of `ada`, kept within the longest a name may be. */
function numbered(name: string, n: number): string {
  const digits = String(n);
  return name.slice(0, LONGEST_NAME - digits.length) + digits;
}
