// A login that a person or a file has given for one run: a token, a password or a code. It is tried
// once, and nothing of it is kept here.

import type { Auth } from "../../wire/frames/session.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { UserIdentity } from "../files/identity.ts";

export class GivenIdentity implements UserIdentity {
  readonly #findAuth: () => Promise<Auth>;
  #name: string;

  /** @param findAuth called once the server is reached; what it throws ends the session */
  constructor(findAuth: () => Promise<Auth>, name = "") {
    this.#findAuth = findAuth;
    this.#name = name;
  }

  readonly isNew = false;

  /** From the welcome on the user's name there. */
  get name(): string {
    return this.#name;
  }

  auth(): Promise<Auth> {
    return this.#findAuth();
  }

  welcomed({ you }: ServerFrame<"welcome">): Promise<void> {
    this.#name = you?.name ?? this.#name;
    return Promise.resolve();
  }

  refused(): "final" {
    return "final";
  }

  helloOver(): Promise<void> {
    return Promise.resolve();
  }
}
