// The typed text that is not entered yet, one draft for each room. Each is in a file of its own, so that it
// survives a crash, and two terminals do not overwrite each other's drafts. Knows neither terminal nor
// connection.

import { isText, parseChecked, shaped } from "../../wire/shape.ts";
import type { SleepClock } from "../../time.ts";
import { Draft, type Unit } from "../../terminal/input/draft.ts";
import { FileFault } from "../files/file_fault.ts";
import type { TextStore } from "../files/text_store.ts";

/** A draft is written no more often than this. */
const EVERY_MS = 1_000;
/** No longer one is kept. */
const MOST_CHARACTERS = 256 * 1024;

interface DraftsOptions {
  readonly files: TextStore;
  readonly clock: Pick<SleepClock, "sleep">;
  /** Whether a line may hold a secret: no file keeps it. */
  readonly isSecret: (line: string) => boolean;
  /** Ends a wait. */
  readonly signal: AbortSignal;
}

export class Drafts {
  readonly #options: DraftsOptions;
  readonly #drafts = new Map<string, Draft>();
  /** Rooms whose draft differs from its file. */
  readonly #changed = new Set<string>();
  #isWaiting = false;
  #written: Promise<void> = Promise.resolve();

  constructor(options: DraftsOptions) {
    this.#options = options;
  }

  /** Reads the drafts of earlier runs; a room that has one by then keeps it. */
  async load(): Promise<void> {
    const { files } = this.#options;
    for (const file of await files.names().catch(unlessFileFault) ?? []) {
      const room = roomOf(file);
      const text = await files.find(file).catch(unlessFileFault);
      const units = text === undefined ? undefined : parseChecked(text, isUnits);
      if (room === undefined || units === undefined || this.#drafts.has(room)) continue;
      this.#drafts.set(room, new Draft(units, units.length));
    }
  }

  /** The draft of a room. */
  of(room: string): Draft {
    return this.#drafts.get(room) ?? Draft.EMPTY;
  }

  /** Keeps the draft of a room; an empty one is forgotten. Its file follows within a second. */
  set(room: string, draft: Draft): void {
    if (draft.units === this.of(room).units || (draft.isEmpty && this.of(room).isEmpty)) return;
    this.#drafts.set(room, draft);
    this.#changed.add(room);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { clock, signal } = this.#options;
    clock.sleep(EVERY_MS, signal).then(() => {
      this.#isWaiting = false;
      return this.write();
    });
  }

  /** Writes what has changed, as far as it can. */
  write(): Promise<void> {
    this.#written = this.#written.then(async () => {
      for (const room of this.#changed) {
        this.#changed.delete(room);
        await this.#write(room).catch(unlessFileFault);
      }
    });
    return this.#written;
  }

  async #write(room: string): Promise<void> {
    const { files, isSecret } = this.#options;
    const { units, isEmpty, shown } = this.of(room);
    const text = JSON.stringify(units);
    const isKept = !isEmpty && !isSecret(shown) && text.length <= MOST_CHARACTERS;
    if (!isKept) await files.remove(fileOf(room));
    else await files.write(fileOf(room), text);
  }
}

function fileOf(room: string): string {
  return `${encodeURIComponent(room)}.json`;
}

function roomOf(file: string): string | undefined {
  try {
    return file.endsWith(".json") ? decodeURIComponent(file.slice(0, -".json".length)) : undefined;
  } catch {
    return undefined;
  }
}

const isPaste = shaped({ text: isText, label: isText });

function isUnits(value: unknown): value is readonly Unit[] {
  return Array.isArray(value) && value.every((unit) => isText(unit) || isPaste(unit));
}

function unlessFileFault(error: unknown): undefined {
  if (!(error instanceof FileFault)) throw error;
}
