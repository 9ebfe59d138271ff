// Who is connected, and under which name: no two connected people have names that look alike. Whose
// a name is when nobody bears it is the store's to say (naming.ts).

import type { UserId } from "../store/repository.ts";
import { type Cluster, SINGLE_SERVER } from "../cluster/cluster.ts";
import { nameKey, nameSkeleton } from "./names.ts";

/** A name held by one user's connections, or for a moment by one who is not a user yet. */
interface NameHolder {
  readonly name: string;
  user: UserId | undefined;
  connections: number;
}

/** A name held for one connection; give it back exactly once. */
export interface Presence {
  readonly name: string;
  /** Says whose name it is, once the store knows. */
  bind(user: UserId): void;
  release(): void;
}

/** The names in use: those of this server, and of the others as far as they have said. */
export class NameRegistry {
  readonly #elsewhere: Cluster;
  readonly #byKey = new Map<string, NameHolder>();
  readonly #bySkeleton = new Map<string, NameHolder>();
  readonly #byUser = new Map<UserId, NameHolder>();

  constructor(elsewhere: Cluster = SINGLE_SERVER) {
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

  /** Whether nobody is called so or looks like it, but `user`, who may be called so elsewhere. */
  isFree(name: string, user?: UserId): boolean {
    return !this.#byKey.has(nameKey(name)) && !this.#bySkeleton.has(nameSkeleton(name)) &&
      !this.#elsewhere.isNameHeld(name, user);
  }

  /** Holds a name for a newcomer who is nobody yet; undefined when it is not free. */
  claim(name: string): Presence | undefined {
    return this.isFree(name) ? this.#hold({ name, user: undefined, connections: 0 }) : undefined;
  }

  /**
   * Holds the name that the store says is this user's. Whoever bears it here meanwhile is somebody
   * whom the store does not know by it: a claim that the store will refuse, or a guest without a token.
   */
  enter(user: UserId, name: string): Presence {
    const present = this.#byUser.get(user);
    if (present !== undefined) return this.#join(present);
    const presence = this.#hold({ name, user: undefined, connections: 0 });
    presence.bind(user);
    return presence;
  }

  #hold(holder: NameHolder): Presence {
    this.#byKey.set(nameKey(holder.name), holder);
    this.#bySkeleton.set(nameSkeleton(holder.name), holder);
    return this.#join(holder);
  }

  #join(holder: NameHolder): Presence {
    holder.connections++;
    this.#noteChange(holder);
    let held = true;
    return {
      name: holder.name,
      bind: (user) => {
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

  #noteChange({ user }: NameHolder): void {
    if (user !== undefined) this.#elsewhere.presenceChanged(user);
  }

  /** What another has taken over stays theirs. */
  #forget(holder: NameHolder): void {
    const [key, skeleton] = [nameKey(holder.name), nameSkeleton(holder.name)];
    if (this.#byKey.get(key) === holder) this.#byKey.delete(key);
    if (this.#bySkeleton.get(skeleton) === holder) this.#bySkeleton.delete(skeleton);
    if (holder.user !== undefined) this.#byUser.delete(holder.user);
  }
}
