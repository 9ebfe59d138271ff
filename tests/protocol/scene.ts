// What the protocol's tests share: people who have come in, limits that stay out of the way, a clock
// that jumps, commits that wait. What is expected of the server stands in the tests alone.

import { userNameOf } from "../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import type { Role } from "../../lib/wire/frames/roles.ts";
import type { Clock } from "../../lib/time.ts";
import type { Repository } from "../../lib/store/repository.ts";
import type { Limits } from "../../lib/wire/limits.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import type { TestServer } from "../support/server.ts";

const BOUNDLESS = 1_000_000_000;

/** Rates so high that nobody is held back. */
export const UNHURRIED: Partial<Limits> = {
  messages_burst: BOUNDLESS,
  messages_per_s: BOUNDLESS,
  bytes_burst: BOUNDLESS,
  bytes_per_s: BOUNDLESS,
  requests_burst: BOUNDLESS,
  requests_per_s: BOUNDLESS,
  history_burst: BOUNDLESS,
  history_per_s: BOUNDLESS,
  refusals_per_min: BOUNDLESS,
};

/** Says hello as whoever `auth` says; the reply. */
export function hello(client: RawClient, auth: unknown, more: object = {}): Promise<Frame> {
  return client.ask({ type: "hello", version: 1, auth, ...more });
}

export function guest(name: string): object {
  return { method: "guest", name };
}

export function byToken(token: unknown): object {
  return { method: "token", token };
}

/** A guest who has said hello. */
export async function greet(server: TestServer, name: string): Promise<RawClient> {
  const client = await server.connect();
  const welcome = await client.hello(name);
  if (welcome.type !== "welcome") throw new Error(`Not welcome: ${JSON.stringify(welcome)}`);
  return client;
}

/** A guest in a room, which is made if it is not there. */
export async function enter(server: TestServer, name: string, room = "lobby"): Promise<RawClient> {
  const client = await greet(server, name);
  const reply = await client.ask({ type: "join", room, create: true });
  if (reply.type !== "room") throw new Error(`Not in: ${JSON.stringify(reply)}`);
  return client;
}

/** One who has come in with a token. */
export async function comeBack(server: TestServer, token: string): Promise<RawClient> {
  const client = await server.connect();
  await hello(client, byToken(token));
  return client;
}

/** A new token of the account of this name, which is made if there is none. */
export async function tokenOf(
  { repository: { users } }: TestServer,
  { name, role = "member" }: { name: string; role?: Role },
): Promise<string> {
  const { id } = await users.ensureAccount({ name: userNameOf(name), role, now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  return token;
}

/** A member with an account who has come in. */
export async function account(server: TestServer, name: string): Promise<RawClient> {
  return await comeBack(server, await tokenOf(server, { name }));
}

/** An operator who has come in. */
export async function operator(server: TestServer, name: string): Promise<RawClient> {
  return await comeBack(server, await tokenOf(server, { name, role: "operator" }));
}

/** Joins a room. */
export function join(client: RawClient, room: string, more: object = {}): Promise<Frame> {
  return client.ask({ type: "join", room, ...more });
}

/** Says one thing in the lobby; the reply. */
export function speak(client: RawClient, content: unknown, more: object = {}): Promise<Frame> {
  return client.ask({ type: "message", room: "lobby", content, ...more });
}

export interface Sent {
  readonly room?: string;
  readonly texts: readonly string[];
}

/** Says all of these, in one write, and waits for every reply. */
export async function say(client: RawClient, { room = "lobby", texts }: Sent): Promise<Frame[]> {
  await client.send(
    ...texts.map((content, at) => ({ type: "message", id: `say${at}`, room, content })),
  );
  const replies: Frame[] = [];
  while (replies.length < texts.length) {
    const frame = await client.next();
    if (String(frame.re).startsWith("say")) replies.push(frame);
  }
  return replies;
}

/** The code of the `bye` that ends the connection. @throws when anything else comes before the end */
export async function byeCode(client: RawClient): Promise<string> {
  const [bye, ...others] = await client.untilEnd();
  if (bye?.type === "bye" && others.length === 0) return bye.code;
  throw new Error(`Not one bye: ${JSON.stringify([bye, ...others])}`);
}

/** `n` texts that differ, of about so many bytes each. */
export function texts(n: number, { bytes = 0 } = {}): string[] {
  return Array.from({ length: n }, (_, at) => `text ${at + 1} `.padEnd(bytes, "."));
}

/** `first`, `first` + 1, … `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** The next `n` events of a type, whatever else comes between. */
export async function take(
  client: RawClient,
  { n, type = "message" }: { n: number; type?: string },
): Promise<Frame[]> {
  const frames: Frame[] = [];
  while (frames.length < n) frames.push(await client.until(type));
  return frames;
}

/** A clock that stands still until it is put forward; its wall clock can be set apart. */
export class JumpingClock implements Clock {
  #elapsed = 0;
  #wall: number | undefined;

  now(): number {
    return this.#wall ?? Date.now();
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Lets so many milliseconds pass at once. */
  jump(ms: number): void {
    this.#elapsed += ms;
  }

  /** Sets the wall clock, which stands still from then on. */
  setWall(ms: number): void {
    this.#wall = ms;
  }
}

/** A store whose answers to what is said are held back. */
export interface HeldCommits {
  /** How many messages wait for their answer. */
  readonly waiting: number;
  /** Lets all answers through, those to come included. */
  release(): void;
}

/** Holds back the answer to every message from now on; what is asked meanwhile is stored. */
export function holdCommits({ messages }: Repository): HeldCommits {
  const append = messages.append.bind(messages);
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  Object.assign(messages, {
    append: async (drafts: Parameters<typeof append>[0]) => {
      waiting++;
      const [appended] = await Promise.all([append(drafts), promise]);
      waiting--;
      return appended;
    },
  });
  return {
    get waiting(): number {
      return waiting;
    },
    release: resolve,
  };
}
