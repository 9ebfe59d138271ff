// The user on a server: the requested name, and the token by which later runs are the same user. Both are
// in a file for each server and name. A token is never sent under another name or to another server.

import type { ChatError } from "../../wire/errors.ts";
import type { Auth } from "../../wire/frames/session.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import { type Check, isBoolean, isText, optional, parseChecked, shaped } from "../../wire/shape.ts";
import { Failure } from "../exit.ts";
import { FileFault } from "./file_fault.ts";
import type { PrivateFiles } from "./private_files.ts";
import type { PreallocatedFile } from "./preallocated_file.ts";
import { generateName } from "./remembered_name.ts";

/** How a session logs in, and what it keeps of the reply. */
export interface Identity {
  /** The requested name; `welcome.you.name` is the one that counts. */
  readonly name: string;
  /**
   * The login of the next `hello`; `helloOver` must follow. May wait for another process that is about
   * to become the same guest. @throws the signal's reason
   */
  auth(signal?: AbortSignal): Promise<Auth>;
  /** Takes the server's welcome: keeps its token. */
  welcomed(welcome: ServerFrame<"welcome">): Promise<void>;
  /**
   * Takes the server's refusal: whether another `hello` with the next `auth` may succeed, or a failure that
   * explains the refusal better.
   */
  refused(error: ChatError): "again" | "final" | Failure;
  /** The hello has its reply, or will not get one. */
  helloOver(): Promise<void>;
}

/** An identity, and the lines about it for a person. */
export interface UserIdentity extends Identity {
  /** Whether the token that was kept had expired, so that the user is a new one. */
  readonly isNew: boolean;
  /** The lock that another process has, while it is waited for. */
  readonly waitsFor?: string | undefined;
  /** Why the token is not kept, if it is not. */
  readonly trouble?: string | undefined;
}

type Owner = Pick<KeptToken, "server" | "name">;

/** The token of a user on a server. */
export interface KeptToken {
  readonly server: string;
  readonly name: string;
  readonly token: string;
  /** Whether the user is an account: without the token nobody becomes it again by its name alone. */
  readonly account?: boolean | undefined;
}

export interface KeptIdentityOptions {
  readonly server: string;
  readonly name: string;
  /**
   * What becomes of a session whose token cannot be kept. The name would stay with the lost token, so
   * a command that only reads uses a generated one.
   */
  readonly unkept: "fails" | "goes on" | "goes on unnamed";
  /** Called after every welcome. Never rejects. */
  readonly welcomed?: () => Promise<void>;
}

/** A kept token is never longer than this. */
const TOKEN_BYTES = 1_024;

/** An identity whose token is kept in `files`, which hold those of all servers. */
export class KeptIdentity implements UserIdentity {
  readonly #server: string;
  readonly #root: PrivateFiles;
  readonly #files: PrivateFiles;
  readonly #file: string;
  readonly #options: KeptIdentityOptions;
  #token: string | undefined;
  #isAccount = false;
  #name: string;
  #isNew = false;
  #trouble: string | undefined;
  /** Held while a guest is created: another process waits, and finds the token. */
  #lockFile: Deno.FsFile | undefined;
  #isWaiting = false;
  /** The space for that guest's token: a name whose token is lost cannot be used for a long time. */
  #preallocated: PreallocatedFile | undefined;
  /** Tokens that the server does not know any more: never tried again. */
  readonly #dead = new Set<string>();

  constructor(files: PrivateFiles, options: KeptIdentityOptions) {
    const { name, server } = options;
    this.#name = name;
    this.#server = server;
    this.#options = options;
    this.#root = files;
    this.#files = files.within(encodeURIComponent(server));
    this.#file = fileOf(name);
  }

  /** Keeps a token in place of the user's last one on that server. @throws {FileFault} */
  static async keep(files: PrivateFiles, kept: KeptToken): Promise<void> {
    const folder = files.within(encodeURIComponent(kept.server));
    await folder.write(fileOf(kept.name), JSON.stringify(kept));
  }

  /** What is kept for the user on that server. @throws {FileFault} */
  static async find(files: PrivateFiles, { server, name }: Owner): Promise<KeptToken | undefined> {
    const text = await files.within(encodeURIComponent(server)).find(fileOf(name));
    const kept = text === undefined ? undefined : parseKept(text);
    const isTheirs = kept?.server === server && kept.name.toLowerCase() === name.toLowerCase();
    return isTheirs ? kept : undefined;
  }

  /** Removes the token that is kept for the user on that server. @throws {FileFault} */
  static async forget(files: PrivateFiles, { server, name }: Owner): Promise<void> {
    await files.within(encodeURIComponent(server)).remove(fileOf(name));
  }

  get name(): string {
    return this.#name;
  }

  /** Whether the token that was kept had expired, so that the user is another one now. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** The lock that another process has, while it is waited for. */
  get waitsFor(): string | undefined {
    return this.#isWaiting ? this.#files.lockPathOf(this.#file) : undefined;
  }

  /** Why the token is not kept, if it is not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async auth(signal?: AbortSignal): Promise<Auth> {
    this.#token ??= await this.#try(() => this.#findToken());
    if (this.#token === undefined) {
      this.#lockFile ??= await this.#try(() => this.#lock(signal));
      this.#token = await this.#try(() => this.#findToken());
    }
    if (this.#token === undefined) {
      this.#preallocated ??= await this.#try(() =>
        this.#files.preallocate(this.#file, TOKEN_BYTES)
      );
      return { method: "guest", name: this.name };
    }
    await this.helloOver(); // Another process has become the guest meanwhile: the lock is not needed.
    return { method: "token", token: this.#token };
  }

  async #lock(signal: AbortSignal | undefined): Promise<Deno.FsFile> {
    this.#isWaiting = true;
    try {
      return await this.#files.lock(this.#file, signal);
    } finally {
      this.#isWaiting = false;
    }
  }

  async helloOver(): Promise<void> {
    this.#lockFile?.close();
    this.#lockFile = undefined;
    const preallocated = this.#preallocated;
    this.#preallocated = undefined;
    await preallocated?.discard();
  }

  async welcomed({ token = this.#token, you }: ServerFrame<"welcome">): Promise<void> {
    const isAccount = you !== null && you.role !== "guest";
    const isNew = token !== this.#token;
    const isChanged = isNew || isAccount !== this.#isAccount;
    this.#isAccount = isAccount;
    if (token !== undefined && isChanged) {
      this.#token = token;
      const account = isAccount ? true : undefined;
      const text = JSON.stringify({ server: this.#server, name: this.name, token, account });
      if (isNew) await this.#try(() => this.#keep(text));
      // What the file has is enough to log in.
      else await this.#files.write(this.#file, text).catch(unlessFileFault);
    }
    await this.#options.welcomed?.();
  }

  async #keep(text: string): Promise<void> {
    if (this.#preallocated === undefined) await this.#files.write(this.#file, text);
    else await this.#preallocated.write(text);
  }

  refused(error: ChatError): "again" | "final" | Failure {
    if (error.code !== "auth_failed" || this.#token === undefined) return "final";
    if (this.#isAccount) {
      const again = `client login ${this.name}, or client join with a code`;
      return new Failure(
        "denied",
        `You are logged out as ${this.name} on ${this.#server}: ${again}`,
      );
    }
    this.#dead.add(this.#token);
    this.#token = undefined;
    this.#isNew = true;
    return "again";
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (this.#options.unkept === "fails" || !(error instanceof FileFault)) throw error;
      if (this.#trouble === undefined && this.#options.unkept === "goes on unnamed") {
        this.#name = generateName();
      }
      this.#trouble = error.message;
      return undefined;
    }
  }

  async #findToken(): Promise<string | undefined> {
    const owner = { server: this.#server, name: this.name };
    const { token, account = false } = await KeptIdentity.find(this.#root, owner) ?? {};
    if (token === undefined || this.#dead.has(token)) return undefined;
    this.#isAccount = account;
    return token;
  }
}

function unlessFileFault(error: unknown): void {
  if (!(error instanceof FileFault)) throw error;
}

function fileOf(name: string): string {
  return `${encodeURIComponent(name.toLowerCase())}.json`;
}

const isKeptToken: Check<KeptToken> = shaped({
  server: isText,
  name: isText,
  token: isText,
  account: optional(isBoolean),
});

function parseKept(text: string): KeptToken | undefined {
  const kept = parseChecked(text, isKeptToken);
  return kept?.token === "" ? undefined : kept;
}
