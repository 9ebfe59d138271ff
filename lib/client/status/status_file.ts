// Keeps the state of this live line in a small file, for `status`. It is written whole, only after a
// change, at most once a second, and removed at the end. Where the home cannot be written there is no file,
// and the chat continues.

import { FileFault } from "../files/file_fault.ts";
import type { PrivateFiles } from "../files/private_files.ts";
import type { StatusFacts } from "../places/status_row.ts";
import type { SleepClock } from "../../time.ts";
import type { LineStatus } from "./line_status.ts";
import { readLiveLines, STATUS_FOLDER } from "./live_lines.ts";

const EVERY_MS = 1_000;
/** No more rooms are listed. */
const MOST_ROOMS = 100;

interface StatusFileParts {
  readonly files: PrivateFiles;
  readonly name: string;
  /** Held as long as the file is valid. */
  readonly lock: Deno.FsFile;
  readonly clock: SleepClock;
}

export class StatusFile implements Disposable {
  readonly #parts: StatusFileParts;
  readonly #over = new AbortController();
  /** The state that the file is to hold, but for its time. */
  #wanted = "";
  #written = "";
  #isWriting = false;

  private constructor(parts: StatusFileParts) {
    this.#parts = parts;
  }

  /** Removes what ended processes have left, too. Undefined in a home that cannot be written. */
  static async open(state: PrivateFiles, clock: SleepClock): Promise<StatusFile | undefined> {
    const files = state.within(STATUS_FOLDER);
    const name = `${crypto.randomUUID()}.json`;
    try {
      readLiveLines(state.path);
      const lock = await files.tryLock(name);
      return lock === undefined ? undefined : new StatusFile({ files, name, lock, clock });
    } catch (error) {
      return unlessFileFault(error);
    }
  }

  /** Returns at once; the file follows within a second. */
  update(facts: StatusFacts): void {
    if (this.#over.signal.aborted) return;
    this.#wanted = JSON.stringify(stateOf(facts));
    if (!this.#isWriting) void this.#writeChanges();
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#remove();
    this.#parts.lock.close();
  }

  #remove(): void {
    const { files, name } = this.#parts;
    for (const path of [files.pathOf(name), files.lockPathOf(name)]) {
      try {
        Deno.removeSync(path);
      } catch {
        // It was never written, or stays in a home that cannot be written: its lock is free.
      }
    }
  }

  async #writeChanges(): Promise<void> {
    const { files, name, clock } = this.#parts;
    const { signal } = this.#over;
    this.#isWriting = true;
    while (this.#written !== this.#wanted && !signal.aborted) {
      this.#written = this.#wanted;
      const status = { ...JSON.parse(this.#written), time: clock.now() };
      await files.write(name, JSON.stringify(status)).catch(unlessFileFault);
      // The end may have come meanwhile.
      if (signal.aborted) this.#remove();
      await clock.sleep(EVERY_MS, signal);
    }
    this.#isWriting = false;
  }
}

function stateOf(facts: StatusFacts): Omit<LineStatus, "time"> {
  const { server, name, isOnline: online, waiting, places } = facts;
  const rooms = places.filter(({ unread }) => unread > 0).slice(0, MOST_ROOMS)
    .map(({ room, number, unread, calls }) => ({ room, number, unread, calls }));
  const joined = places.slice(0, MOST_ROOMS).map(({ room }) => room);
  return { server, name, online, waiting, rooms, joined };
}

function unlessFileFault(error: unknown): undefined {
  if (!(error instanceof FileFault)) throw error;
}
