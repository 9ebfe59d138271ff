// What a person has set for the rooms of one server; kept in a file, so that later runs have it. Knows
// neither terminal nor connection.

import { isFields } from "../../wire/json.ts";
import { isText, oneOf, optional, parseChecked, shaped } from "../../wire/shape.ts";
import { FileFault } from "../files/file_fault.ts";
import type { TextStore } from "../files/text_store.ts";

/** Which rooms are shown: the current one, or all in one stream. */
export const SCOPES = ["room", "all"] as const;
export type Scope = typeof SCOPES[number];
/** Which messages of a room call the person. */
export const CALL_LEVELS = ["all", "mentions", "none"] as const;
export type CallLevel = typeof CALL_LEVELS[number];
/**
 * When a message of the current room counts as read: shown to a person who is there, with the next key,
 * or by /read alone.
 */
export const READ_MODES = ["shown", "key", "manual"] as const;
export type ReadMode = typeof READ_MODES[number];

interface Kept {
  readonly scope?: Scope;
  readonly readMode?: ReadMode;
  readonly calls?: Readonly<Record<string, CallLevel>>;
}

const FILE = "rooms.json";

export class Preferences {
  readonly #files: TextStore;
  #kept: Kept = {};
  #written: Promise<void> = Promise.resolve();

  constructor(files: TextStore) {
    this.#files = files;
  }

  /** Reads what was set in earlier runs; a file that holds nothing of it changes nothing. */
  async load(): Promise<void> {
    const text = await this.#files.find(FILE).catch(unlessFileFault);
    const kept = text === undefined ? undefined : parseChecked(text, isKept);
    this.#kept = { ...kept, ...this.#kept };
  }

  get scope(): Scope {
    return this.#kept.scope ?? "room";
  }

  get readMode(): ReadMode {
    return this.#kept.readMode ?? "shown";
  }

  callsOf(room: string): CallLevel {
    return this.#kept.calls?.[room] ?? "mentions";
  }

  setScope(scope: Scope): void {
    this.#keep({ scope });
  }

  setReadMode(readMode: ReadMode): void {
    this.#keep({ readMode });
  }

  setCalls(room: string, level: CallLevel): void {
    this.#keep({ calls: { ...this.#kept.calls, [room]: level } });
  }

  /** Resolves when all that was set is written, as far as it can be. */
  finish(): Promise<void> {
    return this.#written;
  }

  #keep(set: Kept): void {
    this.#kept = { ...this.#kept, ...set };
    const text = JSON.stringify(this.#kept);
    this.#written = this.#written.then(() => this.#files.write(FILE, text))
      .catch(unlessFileFault);
  }
}

const isLevel = oneOf(...CALL_LEVELS);

function isLevels(value: unknown): value is Readonly<Record<string, CallLevel>> {
  return isFields(value) && Object.keys(value).every(isText) && Object.values(value).every(isLevel);
}

const isKept = shaped<Kept>({
  scope: optional(oneOf(...SCOPES)),
  readMode: optional(oneOf(...READ_MODES)),
  calls: optional(isLevels),
});

function unlessFileFault(error: unknown): undefined {
  if (!(error instanceof FileFault)) throw error;
}
