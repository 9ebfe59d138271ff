// The admin account, created at the first start, and its token in a file that only the server's own user
// can read. Every data folder has a token of its own, so that servers of one store do not revoke each
// other's. A second file holds the token's SHA-256, by which the store knows it. So a restart without the
// token file can revoke this folder's token and create another.

import { dirname } from "node:path";
import { userNameOf } from "../../chat/people/names.ts";
import type { Repository } from "../../store/repository.ts";
import { isTokenText } from "../../wire/secrets/token_format.ts";
import { hashToken, newToken } from "../tokens.ts";

const ADMIN = "admin";
const HASH = /^[0-9a-f]{64}$/;

/**
 * The outcome for the file's token: the store knows it; it was added to the store; a new token was
 * written and the folder's last one revoked; or the file has no usable token.
 */
export type AdminTokenOutcome = "known" | "added" | "written" | "unusable";

interface RegisterOptions {
  readonly now: number;
  /** Whether only this folder uses the store: then a new token revokes every earlier one. */
  readonly ownsStore: boolean;
}

/**
 * Creates the admin account and registers its token. @throws errors of the file system and the
 * store
 */
export async function ensureAdminToken(
  repository: Repository,
  { path, ...options }: RegisterOptions & { readonly path: string },
): Promise<AdminTokenOutcome> {
  await using file = await AdminTokenFile.open(path);
  return await file.register(repository, options);
}

/** The token file, opened before the store, until the store knows the token. */
export class AdminTokenFile implements AsyncDisposable {
  readonly #path: string;
  readonly #token: string | undefined;
  #newToken: NewToken | undefined;

  private constructor(path: string, found: { token?: string; renewal?: NewToken }) {
    this.#path = path;
    this.#token = found.token;
    this.#newToken = found.renewal;
  }

  /**
   * Reads the token, or writes a new one to a temporary file: in a folder that is not writable this
   * fails before anything else is changed. @throws errors of the file system
   */
  static async open(path: string): Promise<AdminTokenFile> {
    const token = findText(path);
    if (token !== undefined) return new AdminTokenFile(path, { token });
    const renewal = await NewToken.create(path);
    // Another process may have written it meanwhile.
    const others = findText(path);
    if (others === undefined) return new AdminTokenFile(path, { renewal });
    await renewal[Symbol.asyncDispose]();
    return new AdminTokenFile(path, { token: others });
  }

  /** Registers the token in the store. @throws errors of the file system and the store */
  async register(
    { users }: Repository,
    { now, ownsStore }: RegisterOptions,
  ): Promise<AdminTokenOutcome> {
    const admin = await users.ensureAccount({ name: userNameOf(ADMIN), role: "admin", now });
    if (this.#token !== undefined) {
      const tokenHash = hashToken(this.#token);
      const owner = await users.findByToken(tokenHash, { now });
      if (owner?.role === "admin") return this.#writeHash(tokenHash, "known");
      if (owner !== undefined || !isTokenText(this.#token)) return "unusable";
      if (!isPrivateFile(this.#path)) return "unusable";
      if (!await users.isEndedToken(tokenHash)) {
        await users.addToken(admin.id, { tokenHash, now });
        return this.#writeHash(tokenHash, "added");
      }
      // Revoked by another copy of this folder: this copy must not restore it.
      this.#newToken = await NewToken.create(this.#path);
    }
    const renewal = this.#newToken;
    if (renewal === undefined) throw new Error("There is no token to write");
    const tokenHash = hashToken(renewal.token);
    if (await users.findByToken(tokenHash, { now }) === undefined) {
      const last = renewal.lastHash;
      const instead = ownsStore ? "all" : last === undefined ? [] : [last];
      await users.addToken(admin.id, { tokenHash, now, instead });
    }
    renewal.commit(tokenHash);
    return "written";
  }

  #writeHash(tokenHash: Uint8Array, outcome: "known" | "added"): AdminTokenOutcome {
    const text = `${tokenHash.toHex()}\n`;
    try {
      if (findText(hashPath(this.#path)) !== text.trim()) {
        Deno.writeTextFileSync(hashPath(this.#path), text, { mode: 0o600 });
      }
    } catch {
      // In a folder that is not writable the token file cannot be deleted either.
    }
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#newToken?.[Symbol.asyncDispose]();
  }
}

/** A new token before it is in its file, under a lock that other servers of the folder wait for. */
class NewToken implements AsyncDisposable {
  readonly token: string;
  /** The hash of the file's last token, if known. */
  readonly lastHash: Uint8Array | undefined;
  readonly #path: string;
  readonly #lock: Deno.FsFile;
  readonly #createdFolder: boolean;
  #isCommitted = false;

  private constructor(
    path: string,
    { lock, createdFolder }: { readonly lock: Deno.FsFile; readonly createdFolder: boolean },
  ) {
    this.#path = path;
    this.#lock = lock;
    this.#createdFolder = createdFolder;
    const last = findText(hashPath(path)) ?? "";
    this.lastHash = HASH.test(last) ? Uint8Array.fromHex(last) : undefined;
    // The store may already know the token that an interrupted start has left.
    const left = findText(temporaryPath(path)) ?? "";
    this.token = isTokenText(left) && isPrivateFile(temporaryPath(path)) ? left : newToken();
    writeTemporary(path, `${this.token}\n`);
  }

  static async create(path: string): Promise<NewToken> {
    const createdFolder = createFolder(dirname(path));
    const options = { read: true, write: true, create: true, mode: 0o600 };
    const lock = Deno.openSync(hashPath(path), options);
    try {
      await lock.lock(true);
      return new NewToken(path, { lock, createdFolder });
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** Call when the store knows the token: moves it to its file. */
  commit(tokenHash: Uint8Array): void {
    Deno.renameSync(temporaryPath(this.#path), this.#path);
    this.#isCommitted = true;
    const bytes = new TextEncoder().encode(`${tokenHash.toHex()}\n`);
    this.#lock.truncateSync(0);
    this.#lock.seekSync(0, Deno.SeekMode.Start);
    // Short enough for one write.
    this.#lock.writeSync(bytes);
    this.#lock.syncSync();
  }

  /** Without `commit` nothing stays on the disk. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isCommitted) {
      removeIfThere(temporaryPath(this.#path));
      if (this.#lock.statSync().size === 0) removeIfThere(hashPath(this.#path));
      if (this.#createdFolder) removeIfEmpty(dirname(this.#path));
    }
    this.#lock.close();
    return Promise.resolve();
  }
}

function hashPath(path: string): string {
  return `${path}.sha256`;
}

function temporaryPath(path: string): string {
  return `${path}.new`;
}

/** The file's trimmed text; undefined when the file is missing or empty. */
function findText(path: string): string | undefined {
  try {
    const text = new TextDecoder().decode(Deno.readFileSync(path)).trim();
    return text === "" ? undefined : text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Whether only this process's user can have written the file: not a link, and not another user's.
 */
function isPrivateFile(path: string): boolean {
  const { isFile, mode, uid } = Deno.lstatSync(path);
  if (!isFile) return false;
  if (mode === null) return true;
  return (mode & 0o077) === 0 && uid === ownUid(path);
}

/** The program has no permission to ask for its user id; a new file has it. */
function ownUid(path: string): number | null {
  const probe = `${path}.${crypto.randomUUID()}`;
  Deno.openSync(probe, { write: true, createNew: true, mode: 0o600 }).close();
  try {
    return Deno.lstatSync(probe).uid;
  } finally {
    Deno.removeSync(probe);
  }
}

function writeTemporary(path: string, text: string): void {
  const unfinished = temporaryPath(path);
  removeIfThere(unfinished);
  using file = Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o600 });
  // Short enough for one write.
  file.writeSync(new TextEncoder().encode(text));
  file.syncSync();
}

/** @returns whether it was not there */
function createFolder(path: string): boolean {
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
