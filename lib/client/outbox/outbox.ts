// Messages that are not acknowledged yet, in a file each. They survive the process, and the next run sends
// them again under the same `cid`. Only one process at a time handles a message. Knows files, no
// connection.

import { isFields } from "../../wire/json.ts";
import { inquiryOf } from "../../wire/room_ref.ts";
import {
  isCount,
  isText,
  isTrue,
  oneOf,
  optional,
  parseChecked,
  type Shape,
  shaped,
} from "../../wire/shape.ts";
import type { HeldFile, TextStore } from "../files/text_store.ts";

/** The user of a message. As another user or in another epoch it is not sent again by itself. */
export interface Owner {
  readonly server: string;
  readonly epoch: string;
  readonly user: number;
}

export interface OutboxEntry extends Owner {
  /** The message's id: a resend under it is stored once. */
  readonly cid: string;
  readonly name: string;
  /** The room it is sent to; of an inquiry a name for people. */
  readonly room: string;
  /** A question for the desk, which finds a room for it; or an operator's answer in `room`. */
  readonly kind?: "inquiry" | "response";
  /** The seq of the question that an answer answers, or of what a message replies to. */
  readonly to?: number;
  /** An answer that is sent although another operator has just answered. */
  readonly anyway?: true;
  /** The name of the queue for a question. */
  readonly queue?: string;
  readonly content: string;
  /** When it was written, UTC milliseconds. */
  readonly time: number;
}

/** An unsent message that was kept before its user was known. */
export type UnclaimedEntry = Omit<OutboxEntry, "epoch" | "user">;

/** This process has a message; no other takes it until it is settled or released. */
interface Hold {
  /** The message has its answer: forgets it. */
  settle(): Promise<void>;
  /** Keeps it for the next run. Safe to call twice, and after `settle`. */
  release(): void;
}

export type HeldEntry = OutboxEntry & Hold;
export type HeldUnclaimed = UnclaimedEntry & Hold;

export interface TakenMessages {
  /** Oldest first; each must be settled or released. */
  readonly mine: readonly HeldEntry[];
  /** Of another user or epoch: not sent. */
  readonly others: readonly UnclaimedEntry[];
  /** Files that hold no message, by path. */
  readonly damaged: readonly string[];
  /** Files that are not named after the message they hold, by path: copies, or renamed by hand. */
  readonly strays: readonly string[];
}

/** How many messages are taken at once: a process may have only so many files open. */
export const MOST_HELD = 100;

/** The messages to one server that have no answer yet. */
export class Outbox {
  readonly #files: TextStore;

  constructor(files: TextStore) {
    this.#files = files;
  }

  /** Keeps a message before it is first sent; it is on the disk when this resolves. */
  async keep(entry: OutboxEntry): Promise<HeldEntry> {
    const { epoch, user } = entry;
    const json = JSON.stringify({ ...textOf(entry), epoch, user });
    return this.#held(entry, await this.#files.writeHeld(fileName(entry.cid), json));
  }

  /** Keeps an unsent message whose user is not known. */
  async keepUnclaimed(entry: UnclaimedEntry): Promise<HeldUnclaimed> {
    const json = JSON.stringify(textOf(entry));
    return this.#held(entry, await this.#files.writeHeld(fileName(entry.cid), json));
  }

  /** The message belongs to this owner from now on: it may be sent when this resolves. */
  async claim(held: HeldUnclaimed, owner: Owner & { readonly name: string }): Promise<HeldEntry> {
    const { settle: _, release, ...entry } = held;
    const claimed = await this.keep({ ...entry, ...owner });
    release();
    return claimed;
  }

  /**
   * Takes the messages of earlier runs that no other process has, the oldest 100 at most: each holds a
   * file open. Messages without a known user become the owner's, if they were written under the name
   * `askedAs`. Those of the cids `except` are left out.
   */
  async take(
    owner: Owner,
    { askedAs, except }: {
      readonly askedAs?: string | undefined;
      readonly except?: ReadonlySet<string>;
    } = {},
  ): Promise<TakenMessages> {
    const mine: HeldEntry[] = [];
    const others: UnclaimedEntry[] = [];
    const damaged: string[] = [];
    const strays: string[] = [];
    for (const name of await this.#files.names()) {
      if (mine.length >= MOST_HELD) break;
      const file = await this.#files.tryHold(name);
      if (file === undefined) continue;
      const text = await this.#files.find(name);
      const entry = text === undefined ? undefined : parseEntry(text);
      const isStray = entry !== undefined && fileName(entry.cid) !== name;
      if (entry !== undefined && except?.has(entry.cid)) {
        file.close();
      } else if (entry !== undefined && !isStray && isOf(owner, entry)) {
        mine.push(this.#held(entry, file));
      } else if (entry !== undefined && !isStray && isUnclaimedOf(owner, entry, askedAs)) {
        mine.push(await this.claim(this.#held(entry, file), { ...owner, name: entry.name }));
      } else {
        file.close();
        // Without a text another process has settled it.
        if (isStray) strays.push(this.#files.pathOf(name));
        else if (entry !== undefined) others.push(entry);
        else if (text !== undefined) damaged.push(this.#files.pathOf(name));
      }
    }
    return { mine, others, damaged, strays };
  }

  /**
   * The messages that earlier runs have left for the user of this name, oldest first, the newest 100 at
   * most. None of them is taken.
   */
  async list({ server, name }: Pick<OutboxEntry, "server" | "name">): Promise<UnclaimedEntry[]> {
    const entries: UnclaimedEntry[] = [];
    for (const file of (await this.#files.names()).slice(-MOST_HELD)) {
      const held = await this.#files.tryHold(file);
      if (held === undefined) continue;
      const text = await this.#files.find(file);
      held.close();
      const entry = text === undefined ? undefined : parseEntry(text);
      if (entry === undefined || fileName(entry.cid) !== file) continue;
      const isTheirs = entry.name.toLowerCase() === name.toLowerCase();
      if (isTheirs && entry.server === server) entries.push(entry);
    }
    return entries;
  }

  /** Forgets a message that no process has. @returns whether it was there */
  async drop({ cid }: Pick<OutboxEntry, "cid">): Promise<boolean> {
    const held = await this.#files.tryHold(fileName(cid));
    if (held === undefined) return false;
    await this.#files.remove(fileName(cid));
    held.close();
    return true;
  }

  /** The path of an entry. */
  pathOf({ cid }: Pick<OutboxEntry, "cid">): string {
    return this.#files.pathOf(fileName(cid));
  }

  #held<T extends UnclaimedEntry>(entry: T, file: HeldFile): T & Hold {
    let isOpen = true;
    const release = () => {
      if (isOpen) file.close();
      isOpen = false;
    };
    const settle = async () => {
      if (isOpen) await this.#files.remove(fileName(entry.cid));
      release();
    };
    return { ...entry, settle, release };
  }
}

/** What is kept of every message. */
function textOf(entry: UnclaimedEntry): UnclaimedEntry {
  const { cid, server, name, room, kind, to, anyway, queue, content, time } = entry;
  return { cid, server, name, room, kind, to, anyway, queue, content, time };
}

function fileName(cid: string): string {
  return `${encodeURIComponent(cid)}.json`;
}

/** Whether a message may be sent by this owner. */
export function isOf(owner: Owner, entry: UnclaimedEntry | OutboxEntry): entry is OutboxEntry {
  const { server, epoch, user } = owner;
  return "epoch" in entry && entry.server === server && entry.epoch === epoch &&
    entry.user === user;
}

function isUnclaimedOf(
  { server }: Owner,
  entry: UnclaimedEntry | OutboxEntry,
  askedAs: string | undefined,
): boolean {
  return !("epoch" in entry) && entry.server === server &&
    entry.name.toLowerCase() === askedAs?.toLowerCase();
}

const UNCLAIMED: Shape<UnclaimedEntry> = {
  cid: isText,
  server: isText,
  name: isText,
  room: isText,
  kind: optional(oneOf("inquiry", "response")),
  to: optional(isCount),
  anyway: optional(isTrue),
  queue: optional(isText),
  content: isText,
  time: isCount,
};
const isUnclaimed = shaped(UNCLAIMED);
const isClaimed = shaped<OutboxEntry>({ ...UNCLAIMED, epoch: isText, user: isCount });

function isEntry(value: unknown): value is UnclaimedEntry | OutboxEntry {
  const hasOwner = isFields(value) && ("epoch" in value || "user" in value);
  return hasOwner ? isClaimed(value) : isUnclaimed(value);
}

function parseEntry(text: string): UnclaimedEntry | OutboxEntry | undefined {
  const entry = parseChecked(text, isEntry);
  return entry?.kind === "response" && inquiryOf(entry.room) === undefined ? undefined : entry;
}
