// The connected users and their names: no two of them have names that look alike. The store knows to which
// user an unused name belongs (naming.ts).

import type { UserId } from "../../store/records.ts";
import { type Cluster, SINGLE_SERVER } from "../../cluster/cluster.ts";
import { nameKey, nameSkeleton } from "./names.ts";

/** A name held by the connections of one user, or by a new connection whose user is not stored yet. */
interface NameHolder {
  name: string;
  user: UserId | undefined;
  connections: number;
}

/** A name held for one connection until it is released; releasing it again does nothing. */
export interface Presence {
  readonly name: string;
  /** The store has given the name to this user. */
  bind(user: UserId): void;
  release(): void;
}

/** The names in use: on this server, and on the others as far as is known. */
export class NameRegistry {
  readonly #cluster: Cluster;
  readonly #byKey = new Map<string, NameHolder>();
  readonly #bySkeleton = new Map<string, NameHolder>();
  readonly #byUser = new Map<UserId, NameHolder>();

  constructor(cluster: Cluster = SINGLE_SERVER) {
    this.#cluster = cluster;
  }

  /** How many users are connected to this server. */
  get users(): number {
    return this.#byUser.size;
  }

  /** The connected users, by name. */
  connectedUsers(): readonly { name: string; connections: number }[] {
    const present = new Map<UserId, { name: string; connections: number }>();
    for (const [user, { name, connections }] of this.#byUser) {
      present.set(user, { name, connections });
    }
    for (const { user, name, connections } of this.#cluster.people()) {
      const here = present.get(user);
      present.set(user, { name, connections: connections + (here?.connections ?? 0) });
    }
    return [...present.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /** How many connections the user has to all servers. */
  connectionsOf(user: UserId): number {
    return (this.#byUser.get(user)?.connections ?? 0) + this.#cluster.connectionsOf(user);
  }

  /** The users connected to this server. */
  usersHere(): Iterable<UserId> {
    return this.#byUser.keys();
  }

  /** The name and the number of connections that the user has here; undefined without a connection. */
  findHere(user: UserId): { name: string; connections: number } | undefined {
    return this.#byUser.get(user);
  }

  /** Whether no connection uses this name or one that looks like it; one of `user` elsewhere may. */
  isFree(name: string, user?: UserId): boolean {
    return !this.#byKey.has(nameKey(name)) && !this.#bySkeleton.has(nameSkeleton(name)) &&
      !this.#cluster.isNameHeld(name, user);
  }

  /** Holds a name for a user who is not stored yet; undefined when it is not free. */
  claim(name: string): Presence | undefined {
    return this.isFree(name) ? this.#hold({ name, user: undefined, connections: 0 }) : undefined;
  }

  /**
   * Holds the name that the user has in the store. The store does not know a connection that uses the name
   * here meanwhile: it refuses the connection's claim, or the connection is a guest's without a token.
   */
  enter(user: UserId, name: string): Presence {
    const present = this.#byUser.get(user);
    if (present !== undefined) return this.#join(present);
    const presence = this.#hold({ name, user: undefined, connections: 0 });
    presence.bind(user);
    return presence;
  }

  /**
   * The connected user has another name from now on, which the store has given them.
   */
  rename(user: UserId, name: string): void {
    const holder = this.#byUser.get(user);
    if (holder === undefined || holder.name === name) return;
    const { connections } = holder;
    this.#forget(holder);
    holder.name = name;
    this.#byKey.set(nameKey(name), holder);
    this.#bySkeleton.set(nameSkeleton(name), holder);
    if (connections > 0) this.#byUser.set(user, holder);
    this.#noteChange(holder);
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
    if (user !== undefined) this.#cluster.presenceChanged(user);
  }

  /** A name that another holder has taken over stays with that one. */
  #forget(holder: NameHolder): void {
    const [key, skeleton] = [nameKey(holder.name), nameSkeleton(holder.name)];
    if (this.#byKey.get(key) === holder) this.#byKey.delete(key);
    if (this.#bySkeleton.get(skeleton) === holder) this.#bySkeleton.delete(skeleton);
    if (holder.user !== undefined) this.#byUser.delete(holder.user);
  }
}
