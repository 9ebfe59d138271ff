// Every request of the protocol as it costs most: what is asked of a server whose store is the world of
// world.ts. A type without a row does not compile.

import type { ClientFrameType } from "../../../lib/wire/frame.ts";
import { CROWDED, LONG_TEXTS, WORLD } from "./world.ts";

/** Who asks: a member of many rooms, an administrator, somebody new, or nobody yet. */
export type Asker = "keeper" | "admin" | "stranger" | "nobody";

/** A request that is measured. */
export interface CostedRequest {
  /** What it asks for, for people. */
  readonly name: string;
  readonly by: Asker;
  /** The type of its reply; none for `pong`. */
  readonly reply?: string;
  /** The n-th of them: no two may be the same to the server where that would make it cheaper. */
  frame(n: number): Readonly<Record<string, unknown>>;
  /** Asked before each of them and not counted. */
  before?(n: number): Readonly<Record<string, unknown>>;
}

const FULL = { limit: 100 } as const;
/** Somewhere in a room, another place each time. */
const somewhere = (n: number): number => 1 + (n * 389) % (WORLD.messagesPerRoom - 100);
const roomOf = (n: number): string => `room-${1_100 + n % (WORLD.rooms - 100)}`;
/** Half of the rooms that one may hear; each resume makes them heard anew. */
const cursors = (behind: number) =>
  Array.from({ length: WORLD.keptRooms }, (_, n) => ({
    room: `room-${1_000 + n}`,
    seq: WORLD.messagesPerRoom - behind,
  }));
/** As many names as are looked for, of members where there are most. */
const NAMES = Array.from({ length: 50 }, (_, n) => `@guest-${100_000 + n}`).join(" ");

export const COSTED: { readonly [T in ClientFrameType]: readonly CostedRequest[] } = {
  hello: [
    {
      name: "a guest comes",
      by: "nobody",
      reply: "welcome",
      frame: (n) => ({ version: 1, auth: { method: "guest", name: `newcomer-${n}` } }),
    },
    {
      name: "a member of 100 rooms comes back",
      by: "nobody",
      reply: "welcome",
      frame: () => ({ version: 1, auth: { method: "token", token: "keeper" } }),
    },
  ],
  login: [{
    name: "a member of 100 rooms",
    by: "nobody",
    reply: "welcome",
    before: () => ({ type: "hello", version: 1 }),
    frame: () => ({ auth: { method: "token", token: "keeper" } }),
  }],
  ping: [{ name: "a sign of life", by: "keeper", reply: "pong", frame: () => ({}) }],
  pong: [{ name: "an answer to none", by: "keeper", frame: () => ({}) }],
  join: [
    {
      name: "a room",
      by: "stranger",
      reply: "room",
      frame: (n) => ({ room: roomOf(n) }),
    },
    {
      name: "a room that is made",
      by: "admin",
      reply: "room",
      frame: (n) => ({ room: `made-${n}`, create: true }),
      before: (n) => ({ type: "leave", room: `made-${n - 1}` }),
    },
  ],
  leave: [{
    name: "a room",
    by: "stranger",
    reply: "ok",
    before: (n) => ({ type: "join", room: roomOf(n) }),
    frame: (n) => ({ room: roomOf(n) }),
  }],
  rooms: [
    { name: "the first", by: "keeper", reply: "rooms", frame: () => FULL },
    {
      name: "some in the middle",
      by: "keeper",
      reply: "rooms",
      frame: () => ({ ...FULL, after: "room-1500" }),
    },
    {
      name: "those joined",
      by: "keeper",
      reply: "rooms",
      frame: () => ({ ...FULL, joined: true }),
    },
    {
      name: "those joined behind 10,000 inquiries",
      by: "keeper",
      reply: "rooms",
      frame: () => ({ ...FULL, joined: true, after: "lobby" }),
    },
    {
      name: "one of those joined",
      by: "keeper",
      reply: "rooms",
      frame: () => ({ joined: true, limit: 1 }),
    },
  ],
  members: [
    {
      name: "the first of 10,000",
      by: "keeper",
      reply: "members",
      frame: () => ({ ...FULL, room: CROWDED }),
    },
    {
      name: "some in the middle",
      by: "keeper",
      reply: "members",
      frame: () => ({ ...FULL, room: CROWDED, after: "guest-105000" }),
    },
  ],
  message: [
    {
      name: "a line",
      by: "keeper",
      reply: "ok",
      frame: (n) => ({ room: CROWDED, cid: `line-${n}`, content: "the disk is full again" }),
    },
    {
      name: "a text of 32 KiB",
      by: "keeper",
      reply: "ok",
      frame: (n) => ({ room: CROWDED, cid: `long-${n}`, content: "x".repeat(32_000) }),
    },
    {
      name: "a line that names 50 of 10,000",
      by: "keeper",
      reply: "ok",
      frame: (n) => ({ room: CROWDED, cid: `named-${n}`, content: NAMES }),
    },
  ],
  history: [
    {
      name: "the newest 100",
      by: "keeper",
      reply: "page",
      frame: (n) => ({ ...FULL, room: roomOf(n) }),
    },
    {
      name: "100 behind a place",
      by: "keeper",
      reply: "page",
      frame: (n) => ({ ...FULL, room: roomOf(n), after: somewhere(n) }),
    },
    {
      name: "100 around a place",
      by: "keeper",
      reply: "page",
      frame: (n) => ({ ...FULL, room: roomOf(n), around: somewhere(n) }),
    },
    {
      name: "the newest 100, each of 32 KiB",
      by: "keeper",
      reply: "page",
      frame: () => ({ ...FULL, room: LONG_TEXTS }),
    },
    {
      name: "100 of 32 KiB around a place",
      by: "keeper",
      reply: "page",
      frame: (n) => ({ ...FULL, room: LONG_TEXTS, around: WORLD.messagesPerRoom - 100 - n }),
    },
    {
      name: "100 from a time on",
      by: "keeper",
      reply: "page",
      frame: (n) => ({ ...FULL, room: roomOf(n), at: 1_700_000_000_000 + somewhere(n) }),
    },
  ],
  read: [{
    name: "up to a place",
    by: "keeper",
    reply: "ok",
    frame: (n) => ({ room: `room-${1_000 + n % WORLD.keptRooms}`, seq: 10 + n }),
  }],
  resume: [{
    name: "100 rooms in which nothing was missed",
    by: "keeper",
    reply: "resumed",
    frame: () => ({ rooms: cursors(0) }),
  }, {
    name: "100 rooms in which too much was missed",
    by: "keeper",
    reply: "resumed",
    frame: () => ({ rooms: cursors(WORLD.messagesPerRoom) }),
  }],
  inquiry: [{
    name: "behind 100,000 others",
    by: "admin",
    reply: "ok",
    frame: (n) => ({ content: "May I?", cid: `ask-${n}` }),
  }],
  queue: [{ name: "the first of 100,000", by: "admin", reply: "queue", frame: () => FULL }],
  respond: [{
    name: "to one of 100,000",
    by: "admin",
    reply: "ok",
    frame: (n) => ({ inquiry: 100 + n, content: "Yes", cid: `yes-${n}` }),
  }],
  stats: [{ name: "all counters", by: "admin", reply: "stats", frame: () => ({}) }],
};
