// Who one is on a server: the name asked for and the token that brings the same user back, kept in
// a file for each server and name. A token is never sent under another name or to another server.

import type { ChatError } from "../../wire/errors.ts";
import type { Auth, ServerFrame } from "../../wire/frame.ts";
import { type Check, isText, shaped } from "../../wire/shape.ts";
import { FileFault, type PreparedFile, type PrivateFiles } from "./private_files.ts";
import { makeUpName } from "./remembered_name.ts";

/** How a session says who it is, and what it must remember of the answer. */
export interface Identity {
  /** The name asked for; `welcome.you.name` is the one that counts. */
  readonly name: string;
  /**
   * What to say in the next `hello`; `helloOver` must follow. May wait for another process that is
   * about to become the same guest. @throws the signal's reason
   */
  auth(signal?: AbortSignal): Promise<Auth>;
  /** The server's answer: keeps its token. */
  welcomed(welcome: ServerFrame<"welcome">): Promise<void>;
  /** The server's refusal: whether another `hello` with the next `auth` may fare better. */
  refused(error: ChatError): "again" | "final";
  /** The hello has had its answer, or will not get one. */
  helloOver(): Promise<void>;
}

/** An identity, and what a person is told about it. */
export interface UserIdentity extends Identity {
  /** Whether the token that was kept had expired, so that the user is a new one. */
  readonly isNew: boolean;
  /** The lock that another process has, while it is waited for. */
  readonly waitsFor?: string | undefined;
  /** Why the token is not kept, if it is not. */
  readonly trouble?: string | undefined;
}

interface KeptToken {
  readonly server: string;
  readonly name: string;
  readonly token: string;
}

export interface KeptIdentityOptions {
  readonly server: string;
  readonly name: string;
  /**
   * What becomes of a session whose token cannot be kept. The name would stay the lost token's, so
   * that who only reads goes on under a made-up one.
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
  readonly #files: PrivateFiles;
  readonly #file: string;
  readonly #options: KeptIdentityOptions;
  #token: string | undefined;
  #name: string;
  #isNew = false;
  #trouble: string | undefined;
  /** Held while a guest without a token is made: another process waits, and finds the token. */
  #making: Deno.FsFile | undefined;
  #isWaiting = false;
  /** Where that guest's token will be: a name whose token is lost is nobody's for a long time. */
  #prepared: PreparedFile | undefined;
  /** Tokens the server no longer knows: never tried again. */
  readonly #dead = new Set<string>();

  constructor(files: PrivateFiles, options: KeptIdentityOptions) {
    const { name, server } = options;
    this.#name = name;
    this.#server = server;
    this.#options = options;
    this.#files = files.within(encodeURIComponent(server));
    this.#file = `${encodeURIComponent(name.toLowerCase())}.json`;
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
      this.#making ??= await this.#try(() => this.#enter(signal));
      this.#token = await this.#try(() => this.#findToken());
    }
    if (this.#token === undefined) {
      this.#prepared ??= await this.#try(() => this.#files.prepare(this.#file, TOKEN_BYTES));
      return { method: "guest", name: this.name };
    }
    await this.helloOver(); // Another process has become the guest meanwhile: no need to be alone.
    return { method: "token", token: this.#token };
  }

  async #enter(signal: AbortSignal | undefined): Promise<Deno.FsFile> {
    this.#isWaiting = true;
    try {
      return await this.#files.enter(this.#file, signal);
    } finally {
      this.#isWaiting = false;
    }
  }

  async helloOver(): Promise<void> {
    this.#making?.close();
    this.#making = undefined;
    const prepared = this.#prepared;
    this.#prepared = undefined;
    await prepared?.discard();
  }

  async welcomed({ token }: ServerFrame<"welcome">): Promise<void> {
    if (token !== undefined && token !== this.#token) {
      this.#token = token;
      const kept: KeptToken = { server: this.#server, name: this.name, token };
      const text = JSON.stringify(kept);
      await this.#try(async () => {
        if (this.#prepared === undefined) await this.#files.write(this.#file, text);
        else await this.#prepared.write(text);
      });
    }
    await this.#options.welcomed?.();
  }

  refused(error: ChatError): "again" | "final" {
    if (error.code !== "auth_failed" || this.#token === undefined) return "final";
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
        this.#name = makeUpName();
      }
      this.#trouble = error.message;
      return undefined;
    }
  }

  async #findToken(): Promise<string | undefined> {
    const text = await this.#files.find(this.#file);
    if (text === undefined) return undefined;
    const kept = parseKept(text);
    const isOurs = kept?.server === this.#server &&
      kept.name.toLowerCase() === this.name.toLowerCase();
    return isOurs && !this.#dead.has(kept.token) ? kept.token : undefined;
  }
}

const isKeptToken: Check<KeptToken> = shaped({ server: isText, name: isText, token: isText });

function parseKept(text: string): KeptToken | undefined {
  try {
    const kept: unknown = JSON.parse(text);
    return isKeptToken(kept) && kept.token !== "" ? kept : undefined;
  } catch {
    return undefined;
  }
}
