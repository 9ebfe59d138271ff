// Checks that an open SQLite file still is the one that its log continues: another program can overwrite it
// in place (`cp` onto it), which changes no name.

import { HEADER_BYTES, isContinuedBy } from "./log_match.ts";
import { readCommits, readFully } from "./log_reader.ts";

/**
 * Reads through a descriptor of its own, which must be opened before SQLite's connections and closed
 * after the last of them: closing it drops every lock of the process on the file.
 */
export class OverwriteCheck implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path);
  }

  /** Not exact while another program copies the log. Nothing is known while the log is empty. */
  fitsLog(): boolean {
    const header = new Uint8Array(HEADER_BYTES);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    readFully(this.#file, header);
    try {
      return isContinuedBy(header, readCommits(`${this.#path}-wal`));
    } catch (error) {
      // The log's name is gone, which is noticed by its name.
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
