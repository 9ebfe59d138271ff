// Small files nobody else may read, in directories of their own, that several processes may use at
// once: each is written whole under another name and then renamed. Knows nothing of what they hold.

import { systemClock } from "./clock.ts";

/** How often a lock that another process has is tried again. */
const LOCK_MS = 20;

/** A directory of small private files, made (0700) when the first file is written. */
export class PrivateFiles {
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

  /** The file's text; undefined when there is none. */
  async find(name: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(this.pathOf(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /**
   * Writes the file (0600) whole or not at all; it is on the disk when this resolves. What is given
   * back is the open file, under a lock that ends with `close` or with the process.
   */
  async writeHeld(name: string, content: string | Uint8Array): Promise<Deno.FsFile> {
    await this.#make();
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

  /** Writes the file (0600) whole or not at all; it is on the disk when this resolves. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    (await this.writeHeld(name, content)).close();
  }

  /**
   * Writes the file unless there is one already, and gives back the text that counts: of several
   * processes that come at once, all get the same one.
   */
  async writeFirst(name: string, text: string): Promise<string> {
    const mine = `.${name}.${crypto.randomUUID()}`;
    await this.write(mine, text);
    try {
      await Deno.link(this.pathOf(mine), this.pathOf(name));
      return text;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      return await this.find(name) ?? text;
    } finally {
      await this.remove(mine);
    }
  }

  /** Adds to the end of the file (0600), in one piece. */
  async append(name: string, text: string): Promise<void> {
    await this.#make();
    const options = { append: true, create: true, mode: 0o600 };
    await Deno.writeTextFile(this.pathOf(name), text, options);
  }

  /** Removes the file, if it is there. */
  async remove(name: string): Promise<void> {
    try {
      await Deno.remove(this.pathOf(name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** The names of the files, sorted; those being written are not among them. */
  async names(): Promise<readonly string[]> {
    try {
      const names: string[] = [];
      for await (const { name, isFile } of Deno.readDir(this.path)) {
        if (isFile && !name.startsWith(".")) names.push(name);
      }
      return names.sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  /**
   * Opens a file for one process at a time; undefined when it is gone or another process has it.
   * Whoever gets it must close it.
   */
  async tryHold(name: string): Promise<Deno.FsFile | undefined> {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(this.pathOf(name), { read: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
    if (await file.tryLock(true)) return file;
    file.close();
    return undefined;
  }

  /** Where the lock of the section of this name is. */
  lockPathOf(name: string): string {
    return this.pathOf(`.${name}.lock`);
  }

  /**
   * Opens the section of this name for one process at a time; undefined when another process has
   * it. The caller must close what it gets.
   */
  async tryEnter(name: string): Promise<Deno.FsFile | undefined> {
    await this.#make();
    const options = { create: true, write: true, mode: 0o600 };
    const file = await Deno.open(this.lockPathOf(name), options);
    if (await file.tryLock(true)) return file;
    file.close();
    return undefined;
  }

  /**
   * Waits until no other process is in the section of this name; the caller must close what it
   * gets. The wait is by trying, since a lock that is waited for in the runtime cannot be given up,
   * and the process that has it may be stopped.
   * @throws the signal's reason
   */
  async enter(name: string, signal?: AbortSignal): Promise<Deno.FsFile> {
    for (;;) {
      signal?.throwIfAborted();
      const file = await this.tryEnter(name);
      if (file !== undefined) return file;
      await systemClock.sleep(LOCK_MS, signal);
    }
  }

  async #make(): Promise<void> {
    await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
  }
}
