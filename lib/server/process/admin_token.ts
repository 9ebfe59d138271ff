// The first admin: an account made at the first start, and a token for it in a file that only the
// server's own user can read. Every folder has a token of its own, so that servers of one store do not
// end each other's. Beside it lies the token's SHA-256, by which the store knows it: with that, deleting
// the token's file and starting again ends this folder's token, and makes another.

import { dirname } from "node:path";
import { userNameOf } from "../../chat/names.ts";
import type { Repository } from "../../store/repository.ts";
import { hashToken, newToken } from "../commands/tokens.ts";

const ADMIN = "admin";
/** What `newToken` makes. */
const TOKEN = /^[\w-]{43}$/;
const HASH = /^[0-9a-f]{64}$/;

/**
 * What became of the file's token: the store knows it; it was added to a store that did not; a new one
 * was written, and the folder's last ended; or the file holds none that may be used.
 */
export type AdminTokenOutcome = "known" | "added" | "written" | "unusable";

export interface SettleOptions {
  readonly now: number;
  /** Whether the store is this folder's alone: then a new token ends every earlier one. */
  readonly ownsStore: boolean;
}

/** Makes the admin's account and sees to its token. @throws what the file system and the store throw */
export async function ensureAdminToken(
  repository: Repository,
  { path, ...options }: SettleOptions & { readonly path: string },
): Promise<AdminTokenOutcome> {
  await using file = await AdminTokenFile.open(path);
  return await file.settle(repository, options);
}

/** The file with the token, from before the store is opened until the store knows it. */
export class AdminTokenFile implements AsyncDisposable {
  readonly #path: string;
  readonly #token: string | undefined;
  #renewal: Renewal | undefined;

  private constructor(path: string, found: { token?: string; renewal?: Renewal }) {
    this.#path = path;
    this.#token = found.token;
    this.#renewal = found.renewal;
  }

  /**
   * Reads the token, or writes a new one beside its place: in a folder that cannot be written this
   * fails before anything is changed elsewhere. @throws what the file system throws
   */
  static async open(path: string): Promise<AdminTokenFile> {
    const token = findText(path);
    if (token !== undefined) return new AdminTokenFile(path, { token });
    const renewal = await Renewal.begin(path);
    // Another process may have been quicker.
    const others = findText(path);
    if (others === undefined) return new AdminTokenFile(path, { renewal });
    await renewal[Symbol.asyncDispose]();
    return new AdminTokenFile(path, { token: others });
  }

  /** Lets the store know the token. @throws what the file system and the store throw */
  async settle(
    { users }: Repository,
    { now, ownsStore }: SettleOptions,
  ): Promise<AdminTokenOutcome> {
    const admin = await users.ensureAccount({ name: userNameOf(ADMIN), role: "admin", now });
    if (this.#token !== undefined) {
      const tokenHash = hashToken(this.#token);
      const owner = await users.findByToken(tokenHash, { now });
      if (owner?.role === "admin") return this.#keep(tokenHash, "known");
      if (owner !== undefined || !TOKEN.test(this.#token)) return "unusable";
      if (!isOursAlone(this.#path)) return "unusable";
      if (!await users.isEndedToken(tokenHash)) {
        await users.addToken(admin.id, { tokenHash, now });
        return this.#keep(tokenHash, "added");
      }
      // Ended where this folder was copied from, or to: a copy must not bring it back.
      this.#renewal = await Renewal.begin(this.#path);
    }
    const renewal = this.#renewal;
    if (renewal === undefined) throw new Error("There is no token to write");
    const tokenHash = hashToken(renewal.token);
    if (await users.findByToken(tokenHash, { now }) === undefined) {
      const last = renewal.lastHash;
      const instead = ownsStore ? "all" : last === undefined ? [] : [last];
      await users.addToken(admin.id, { tokenHash, now, instead });
    }
    renewal.finish(tokenHash);
    return "written";
  }

  #keep(tokenHash: Uint8Array, outcome: "known" | "added"): AdminTokenOutcome {
    const text = `${tokenHash.toHex()}\n`;
    try {
      if (findText(hashPath(this.#path)) !== text.trim()) {
        Deno.writeTextFileSync(hashPath(this.#path), text, { mode: 0o600 });
      }
    } catch {
      // In a folder that cannot be written the token's file cannot be deleted either.
    }
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal?.[Symbol.asyncDispose]();
  }
}

/** A token on its way into its file, under a lock that other servers of the folder wait for. */
class Renewal implements AsyncDisposable {
  readonly token: string;
  /** The hash of the token that the file held last, if that is known. */
  readonly lastHash: Uint8Array | undefined;
  readonly #path: string;
  readonly #lock: Deno.FsFile;
  readonly #madeFolder: boolean;
  #isFinished = false;

  private constructor(
    path: string,
    { lock, madeFolder }: { readonly lock: Deno.FsFile; readonly madeFolder: boolean },
  ) {
    this.#path = path;
    this.#lock = lock;
    this.#madeFolder = madeFolder;
    const last = findText(hashPath(path)) ?? "";
    this.lastHash = HASH.test(last) ? Uint8Array.fromHex(last) : undefined;
    // What a start that was cut off has left may be known to the store already.
    const left = findText(unfinishedPath(path)) ?? "";
    this.token = TOKEN.test(left) && isOursAlone(unfinishedPath(path)) ? left : newToken();
    writeUnfinished(path, `${this.token}\n`);
  }

  static async begin(path: string): Promise<Renewal> {
    const madeFolder = makeFolder(dirname(path));
    const options = { read: true, write: true, create: true, mode: 0o600 };
    const lock = Deno.openSync(hashPath(path), options);
    try {
      await lock.lock(true);
      return new Renewal(path, { lock, madeFolder });
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** The store knows it: puts it into its place. */
  finish(tokenHash: Uint8Array): void {
    Deno.renameSync(unfinishedPath(this.#path), this.#path);
    this.#isFinished = true;
    const bytes = new TextEncoder().encode(`${tokenHash.toHex()}\n`);
    this.#lock.truncateSync(0);
    this.#lock.seekSync(0, Deno.SeekMode.Start);
    // Short enough for one write.
    this.#lock.writeSync(bytes);
    this.#lock.syncSync();
  }

  /** What was not finished leaves nothing behind. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isFinished) {
      removeIfThere(unfinishedPath(this.#path));
      if (this.#lock.statSync().size === 0) removeIfThere(hashPath(this.#path));
      if (this.#madeFolder) removeIfEmpty(dirname(this.#path));
    }
    this.#lock.close();
    return Promise.resolve();
  }
}

function hashPath(path: string): string {
  return `${path}.sha256`;
}

function unfinishedPath(path: string): string {
  return `${path}.new`;
}

/** The file's text without what surrounds it; undefined when there is none, or nothing in it. */
function findText(path: string): string | undefined {
  try {
    const text = new TextDecoder().decode(Deno.readFileSync(path)).trim();
    return text === "" ? undefined : text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether it is a file that only this process's user can have written: no link, and of nobody else. */
function isOursAlone(path: string): boolean {
  const { isFile, mode, uid } = Deno.lstatSync(path);
  if (!isFile) return false;
  if (mode === null) return true;
  return (mode & 0o077) === 0 && uid === ownUid(path);
}

/** The user id may not be asked for; a file that is made has it. */
function ownUid(path: string): number | null {
  const probe = `${path}.${crypto.randomUUID()}`;
  Deno.openSync(probe, { write: true, createNew: true, mode: 0o600 }).close();
  try {
    return Deno.lstatSync(probe).uid;
  } finally {
    Deno.removeSync(probe);
  }
}

function writeUnfinished(path: string, text: string): void {
  const unfinished = unfinishedPath(path);
  removeIfThere(unfinished);
  using file = Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o600 });
  // Short enough for one write.
  file.writeSync(new TextEncoder().encode(text));
  file.syncSync();
}

/** @returns whether it was not there */
function makeFolder(path: string): boolean {
  try {
    if (Deno.statSync(path).isDirectory) return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  return true;
}

function removeIfEmpty(directory: string): void {
  if (Deno.readDirSync(directory)[Symbol.iterator]().next().done) Deno.removeSync(directory);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
