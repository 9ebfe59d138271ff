// Small files that only their owner may read, in private directories. Several processes can use them at
// once: each file is written whole under another name and then renamed. Errors are FileFaults. Knows
// nothing of the files' contents.

import { sleep } from "../../time.ts";
import { attempt, unlessMissing } from "./file_fault.ts";
import { PreallocatedFile } from "./preallocated_file.ts";
import type { TextStore } from "./text_store.ts";

/** How often a lock that another process has is tried again. */
const LOCK_MS = 20;

/** A directory of small private files, created (0700) when the first file is written. */
export class PrivateFiles implements TextStore {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** The directory of that name inside this one. */
  within(name: string): PrivateFiles {
    return new PrivateFiles(`${this.path}/${name}`);
  }

  /** Where a file of that name is, or would be. */
  pathOf(name: string): string {
    return `${this.path}/${name}`;
  }

  /** The file's text, without a byte order mark; undefined when there is none. @throws {FileFault} */
  find(name: string): Promise<string | undefined> {
    const path = this.pathOf(name);
    return unlessMissing(attempt("read", path, async () => {
      return new TextDecoder().decode(await Deno.readFile(path));
    }));
  }

  /**
   * Writes the file (0600) whole or not at all; it is on the disk when this resolves. Returns the open
   * file, under a lock that ends with `close` or with the process.
   */
  writeHeld(name: string, content: string | Uint8Array): Promise<Deno.FsFile> {
    return attempt("write", this.pathOf(name), () => this.#writeHeld(name, content));
  }

  async #writeHeld(name: string, content: string | Uint8Array): Promise<Deno.FsFile> {
    await this.#createDirectory();
    const temporary = this.pathOf(`.${name}.${crypto.randomUUID()}`);
    const file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o600 });
    try {
      await file.lock(true);
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.syncData();
      await Deno.rename(temporary, this.pathOf(name));
      return file;
    } catch (error) {
      file.close();
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  }

  /**
   * Preallocates the space of a file of at most so many bytes, so that the disk cannot be too full when
   * its text is known. The caller must write or discard it.
   */
  preallocate(name: string, maxBytes: number): Promise<PreallocatedFile> {
    const path = this.pathOf(name);
    return attempt("write", path, async () => {
      await this.#createDirectory();
      const temporary = this.pathOf(`.${name}.${crypto.randomUUID()}`);
      const file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o600 });
      const preallocated = new PreallocatedFile(file, { temporary, path });
      try {
        await file.write(new Uint8Array(maxBytes));
        await file.syncData();
        return preallocated;
      } catch (error) {
        await preallocated.discard();
        throw error;
      }
    });
  }

  /** Writes the file (0600) whole or not at all; it is on the disk when this resolves. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    (await this.writeHeld(name, content)).close();
  }

  /**
   * Writes the file unless there is one already, and returns the text in the file. Several processes that
   * call this at once all get the same text.
   */
  async writeFirst(name: string, text: string): Promise<string> {
    const mine = `.${name}.${crypto.randomUUID()}`;
    await this.write(mine, text);
    try {
      await Deno.link(this.pathOf(mine), this.pathOf(name));
      return text;
    } catch {
      // There is one already, or this is a file system without links.
      const first = await this.find(name);
      if (first === undefined) await this.write(name, text);
      return first ?? text;
    } finally {
      await this.remove(mine);
    }
  }

  /** Adds to the end of the file (0600), in one piece. */
  append(name: string, text: string): Promise<void> {
    const path = this.pathOf(name);
    return attempt("write", path, async () => {
      await this.#createDirectory();
      await Deno.writeTextFile(path, text, { append: true, create: true, mode: 0o600 });
    });
  }

  /** Removes the file, if it is there. */
  async remove(name: string): Promise<void> {
    const path = this.pathOf(name);
    await unlessMissing(attempt("write", path, () => Deno.remove(path)));
  }

  /** The names of the files, sorted; those being written are not among them. */
  async names(): Promise<readonly string[]> {
    const found = await unlessMissing(attempt("read", this.path, async () => {
      const names: string[] = [];
      for await (const { name, isFile } of Deno.readDir(this.path)) {
        if (isFile && !name.startsWith(".")) names.push(name);
      }
      return names.sort();
    }));
    return found ?? [];
  }

  /**
   * Opens a file for one process at a time; undefined when it is gone or another process has it. The
   * caller must close it.
   */
  async tryHold(name: string): Promise<Deno.FsFile | undefined> {
    const path = this.pathOf(name);
    const file = await unlessMissing(attempt("read", path, () => Deno.open(path, { read: true })));
    if (file === undefined) return undefined;
    if (await file.tryLock(true) && await isStillAt(path, file)) return file;
    file.close();
    return undefined;
  }

  /** The path of the lock of this name. */
  lockPathOf(name: string): string {
    return this.pathOf(`.${name}.lock`);
  }

  /**
   * Takes the lock of this name; undefined when another process has it. The caller must close the
   * returned file.
   */
  tryLock(name: string): Promise<Deno.FsFile | undefined> {
    const path = this.lockPathOf(name);
    return attempt("write", path, async () => {
      await this.#createDirectory();
      const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
      if (await file.tryLock(true)) return file;
      file.close();
      return undefined;
    });
  }

  /**
   * Takes the lock of this name once no other process has it; the caller must close the returned
   * file. The wait is by trying, since waiting in the runtime cannot be cancelled, and the process that
   * has the lock may be stopped.
   * @throws the signal's reason
   */
  async lock(name: string, signal?: AbortSignal): Promise<Deno.FsFile> {
    for (;;) {
      signal?.throwIfAborted();
      const file = await this.tryLock(name);
      if (file !== undefined) return file;
      await sleep(LOCK_MS, signal);
    }
  }

  async #createDirectory(): Promise<void> {
    await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
  }
}

/** Whether the path still names this open file: another process may have put a new one there. */
async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [open, named] = await Promise.all([
    file.stat(),
    unlessMissing(attempt("read", path, () => Deno.stat(path))),
  ]);
  return named !== undefined && named.ino === open.ino && named.dev === open.dev;
}
