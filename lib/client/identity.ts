// Who one is on a server: the name asked for and the token that brings the same user back, kept in
// a file for each server and name. A token is never sent under another name or to another server.

import type { ChatError } from "../wire/errors.ts";
import type { Auth, ServerFrame } from "../wire/frame.ts";
import type { PrivateFiles } from "./private_files.ts";

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
  helloOver(): void;
}

interface KeptToken {
  readonly server: string;
  readonly name: string;
  readonly token: string;
}

/** An identity whose token is kept in `files`, which hold those of all servers. */
export class KeptIdentity implements Identity {
  readonly name: string;
  readonly #server: string;
  readonly #files: PrivateFiles;
  readonly #file: string;
  #token: string | undefined;
  #isNew = false;
  /** Held while a guest without a token is made: another process waits, and finds the token. */
  #making: Deno.FsFile | undefined;
  #isWaiting = false;
  /** Tokens the server no longer knows: never tried again. */
  readonly #dead = new Set<string>();

  constructor(files: PrivateFiles, who: { readonly server: string; readonly name: string }) {
    this.name = who.name;
    this.#server = who.server;
    this.#files = files.within(encodeURIComponent(who.server));
    this.#file = `${encodeURIComponent(who.name.toLowerCase())}.json`;
  }

  /** Whether the token that was kept had expired, so that the user is another one now. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** The lock that another process has, while it is waited for. */
  get waitsFor(): string | undefined {
    return this.#isWaiting ? this.#files.lockPathOf(this.#file) : undefined;
  }

  async auth(signal?: AbortSignal): Promise<Auth> {
    this.#token ??= await this.#findToken();
    if (this.#token === undefined) {
      this.#making ??= await this.#enter(signal);
      this.#token = await this.#findToken();
    }
    if (this.#token === undefined) return { method: "guest", name: this.name };
    this.helloOver(); // Another process has become the guest meanwhile: no need to be alone.
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

  helloOver(): void {
    this.#making?.close();
    this.#making = undefined;
  }

  async welcomed(welcome: ServerFrame<"welcome">): Promise<void> {
    const { token } = welcome;
    if (token === undefined || token === this.#token) return;
    this.#token = token;
    const kept: KeptToken = { server: this.#server, name: this.name, token };
    await this.#files.write(this.#file, JSON.stringify(kept));
  }

  refused(error: ChatError): "again" | "final" {
    if (error.code !== "auth_failed" || this.#token === undefined) return "final";
    this.#dead.add(this.#token);
    this.#token = undefined;
    this.#isNew = true;
    return "again";
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

function parseKept(text: string): KeptToken | undefined {
  try {
    const { server, name, token } = JSON.parse(text) ?? {};
    const isKept = typeof server === "string" && typeof name === "string" &&
      typeof token === "string" && token !== "";
    return isKept ? { server, name, token } : undefined;
  } catch {
    return undefined;
  }
}
