// What was written and not yet acknowledged. It survives the process, a file for each message, so
// that the next run can settle it under the same `cid`; of several processes only one is at a
// message at a time. Knows files, no connection.

import { inquiryOf } from "./inquiry_room.ts";
import type { PrivateFiles } from "./private_files.ts";

/** Whose a message is: back as another user or in another epoch, it is not sent by itself. */
export interface Owner {
  readonly server: string;
  readonly epoch: string;
  readonly user: number;
}

export interface OutboxEntry extends Owner {
  /** The message's name for ever: a resend under it is stored once. */
  readonly cid: string;
  readonly name: string;
  /** Where it goes; of an inquiry what people call the place. */
  readonly room: string;
  /** A question for the desk, which finds a room for it; or an operator's answer in `room`. */
  readonly kind?: "inquiry" | "response";
  /** The seq of the question that an answer answers, as far as the operator had seen. */
  readonly to?: number;
  readonly content: string;
  /** When it was written, UTC milliseconds. */
  readonly time: number;
}

/** A message that this process is at; no other will touch it before it is settled or let go. */
export interface HeldEntry extends OutboxEntry {
  /** The message has its answer: forgets it. */
  settle(): Promise<void>;
  /** Keeps it for the next run. Safe to call twice, and after `settle`. */
  letGo(): void;
}

export interface Waiting {
  /** Oldest first; each must be settled or let go. */
  readonly mine: readonly HeldEntry[];
  /** Of another user or epoch: not to be sent without being asked. */
  readonly others: readonly OutboxEntry[];
  /** Files that hold no message, by path. */
  readonly damaged: readonly string[];
}

/** The messages to one server that have no answer yet. */
export class Outbox {
  readonly #files: PrivateFiles;

  constructor(files: PrivateFiles) {
    this.#files = files;
  }

  /** Keeps a message before it is first sent; it is on the disk when this resolves. */
  async keep(entry: OutboxEntry): Promise<HeldEntry> {
    const { cid, server, epoch, user, name, room, kind, to, content, time } = entry;
    const json = JSON.stringify({ cid, server, epoch, user, name, room, kind, to, content, time });
    return this.#held(entry, await this.#files.writeHeld(fileName(cid), json));
  }

  /** What earlier runs have left and no other process is at. */
  async take(owner: Owner): Promise<Waiting> {
    const mine: HeldEntry[] = [];
    const others: OutboxEntry[] = [];
    const damaged: string[] = [];
    for (const name of await this.#files.names()) {
      const file = await this.#files.tryHold(name);
      if (file === undefined) continue;
      const text = await this.#files.find(name);
      const entry = text === undefined ? undefined : parseEntry(text);
      if (entry !== undefined && isOf(owner, entry)) {
        mine.push(this.#held(entry, file));
        continue;
      }
      file.close();
      // Without a text it is gone: settled by whoever had it before.
      if (entry !== undefined) others.push(entry);
      else if (text !== undefined) damaged.push(this.#files.pathOf(name));
    }
    return { mine, others, damaged };
  }

  /** Where an entry lies. */
  pathOf(entry: OutboxEntry): string {
    return this.#files.pathOf(fileName(entry.cid));
  }

  #held(entry: OutboxEntry, file: Deno.FsFile): HeldEntry {
    let isOpen = true;
    const letGo = () => {
      if (isOpen) file.close();
      isOpen = false;
    };
    const settle = async () => {
      if (isOpen) await this.#files.remove(fileName(entry.cid));
      letGo();
    };
    return { ...entry, settle, letGo };
  }
}

function fileName(cid: string): string {
  return `${encodeURIComponent(cid)}.json`;
}

/** Whether a message may be sent by this owner. */
export function isOf(owner: Owner, entry: OutboxEntry): boolean {
  const { server, epoch, user } = owner;
  return entry.server === server && entry.epoch === epoch && entry.user === user;
}

function parseEntry(text: string): OutboxEntry | undefined {
  let value: Partial<Record<keyof OutboxEntry, unknown>> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { cid, server, epoch, user, name, room, kind, to, content, time } = value;
  if (typeof cid !== "string" || typeof server !== "string" || typeof epoch !== "string") return;
  if (typeof name !== "string" || typeof room !== "string" || typeof content !== "string") return;
  if (kind !== undefined && kind !== "inquiry" && kind !== "response") return undefined;
  if (kind === "response" && inquiryOf(room) === undefined) return undefined;
  if (to !== undefined && !Number.isSafeInteger(to)) return undefined;
  if (!Number.isSafeInteger(user) || !Number.isSafeInteger(time)) return undefined;
  return {
    cid,
    server,
    epoch,
    user: user as number,
    name,
    room,
    ...(kind === undefined ? {} : { kind }),
    ...(to === undefined ? {} : { to: to as number }),
    content,
    time: time as number,
  };
}
