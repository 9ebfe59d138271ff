// Small files nobody else may read, in directories of their own, that several processes may use at
// once: each is written whole under another name and then renamed. What fails is a FileFault. Knows
// nothing of what they hold.

/** What cannot be read or written, and why, in one line for a person. */
export class FileFault extends Error {
  override readonly name = "FileFault";

  constructor(aim: "read" | "write", { path, cause }: { path: string; cause: unknown }) {
    super(`Cannot ${aim} ${path}: ${describeCause(cause)}`, { cause });
  }
}

/** A file that this process holds; no other process gets it until it is closed. */
export interface HeldFile {
  close(): void;
}

/** Small texts by name: private files, or a console's in memory. */
export interface TextStore {
  /** The store of that name inside this one. */
  within(name: string): TextStore;
  /** Where a text of that name is, or would be, for a person. */
  pathOf(name: string): string;
  find(name: string): Promise<string | undefined>;
  names(): Promise<readonly string[]>;
  write(name: string, content: string | Uint8Array): Promise<void>;
  writeHeld(name: string, content: string | Uint8Array): Promise<HeldFile>;
  remove(name: string): Promise<void>;
  /** Undefined when it is gone or held. */
  tryHold(name: string): Promise<HeldFile | undefined>;
}

/** Whether the path still names this open file: another process may have put a new one there. */
async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const [open, named] = await Promise.all([
    file.stat(),
    unlessMissing(attempt("read", path, () => Deno.stat(path))),
  ]);
  return named !== undefined && named.ino === open.ino && named.dev === open.dev;
}

const NO_PERMISSION = "no permission there: HOME must be a folder, and XDG_CONFIG_HOME and " +
  "XDG_STATE_HOME paths without a comma; else start with --allow-read and --allow-write for it";

/** What the file system or the runtime said, without its number and the path it repeats. */
function describeCause(cause: unknown): string {
  if (cause instanceof Deno.errors.NotCapable) return NO_PERMISSION;
  return cause instanceof Error ? cause.message.replace(/ \(os error \d+\).*$/s, "") : "unknown";
}

import { sleep } from "../../time.ts";

/** How often a lock that another process has is tried again. */
const LOCK_MS = 20;

/** A directory of small private files, made (0700) when the first file is written. */
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
   * Writes the file (0600) whole or not at all; it is on the disk when this resolves. What is given
   * back is the open file, under a lock that ends with `close` or with the process.
   */
  writeHeld(name: string, content: string | Uint8Array): Promise<Deno.FsFile> {
    return attempt("write", this.pathOf(name), () => this.#writeHeld(name, content));
  }

  async #writeHeld(name: string, content: string | Uint8Array): Promise<Deno.FsFile> {
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

  /**
   * Takes the room for a file of at most so many bytes, so that the disk cannot be too full when its
   * text is known. Whoever gets it must write or discard it.
   */
  prepare(name: string, maxBytes: number): Promise<PreparedFile> {
    const path = this.pathOf(name);
    return attempt("write", path, async () => {
      await this.#make();
      const temporary = this.pathOf(`.${name}.${crypto.randomUUID()}`);
      const file = await Deno.open(temporary, { createNew: true, write: true, mode: 0o600 });
      const prepared = new PreparedFile(file, { temporary, path });
      try {
        await file.write(new Uint8Array(maxBytes));
        await file.syncData();
        return prepared;
      } catch (error) {
        await prepared.discard();
        throw error;
      }
    });
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
      await this.#make();
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
   * Opens a file for one process at a time; undefined when it is gone or another process has it.
   * Whoever gets it must close it.
   */
  async tryHold(name: string): Promise<Deno.FsFile | undefined> {
    const path = this.pathOf(name);
    const file = await unlessMissing(attempt("read", path, () => Deno.open(path, { read: true })));
    if (file === undefined) return undefined;
    if (await file.tryLock(true) && await isStillAt(path, file)) return file;
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
  tryEnter(name: string): Promise<Deno.FsFile | undefined> {
    const path = this.lockPathOf(name);
    return attempt("write", path, async () => {
      await this.#make();
      const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
      if (await file.tryLock(true)) return file;
      file.close();
      return undefined;
    });
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
      await sleep(LOCK_MS, signal);
    }
  }

  async #make(): Promise<void> {
    await Deno.mkdir(this.path, { recursive: true, mode: 0o700 });
  }
}

/** A file whose room is taken and whose text is not known yet. */
export class PreparedFile {
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

  /** Gives the room back. Safe to call twice, and after `write`. */
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

/** @throws {FileFault} when `work` throws */
async function attempt<T>(
  aim: "read" | "write",
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof FileFault ? cause : new FileFault(aim, { path, cause });
  }
}

/** Undefined instead of the fault that there is no such file. */
async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    const isMissing = error instanceof FileFault && error.cause instanceof Deno.errors.NotFound;
    if (isMissing) return undefined;
    throw error;
  }
}
