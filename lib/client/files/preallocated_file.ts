// A file whose space on the disk is allocated before its text is known.

import { attempt } from "./file_fault.ts";

/** Space on the disk for a file; write or discard it. */
export class PreallocatedFile {
  readonly #file: Deno.FsFile;
  readonly #paths: { readonly temporary: string; readonly path: string };
  #isOver = false;

  constructor(file: Deno.FsFile, paths: { readonly temporary: string; readonly path: string }) {
    this.#file = file;
    this.#paths = paths;
  }

  /** Writes the file, whole or not at all; it is on the disk when this resolves. */
  async write(text: string): Promise<void> {
    const { temporary, path } = this.#paths;
    try {
      await attempt("write", path, async () => {
        const bytes = new TextEncoder().encode(text);
        await this.#file.seek(0, Deno.SeekMode.Start);
        for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
        await this.#file.truncate(bytes.length);
        await this.#file.syncData();
        await Deno.rename(temporary, path);
        this.#close();
      });
    } finally {
      await this.discard();
    }
  }

  /** Frees the space. Safe to call twice, and after `write`. */
  async discard(): Promise<void> {
    if (this.#isOver) return;
    this.#close();
    await Deno.remove(this.#paths.temporary).catch(() => {});
  }

  #close(): void {
    this.#isOver = true;
    this.#file.close();
  }
}
