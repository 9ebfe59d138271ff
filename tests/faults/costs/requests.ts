// Every request of the protocol in its most expensive form, for a server with the store of
// world.ts. A type without a row does not compile.

import type { ClientFrameType } from "../../../lib/wire/frame.ts";
import { CROWDED, type WorldSize } from "./world.ts";

/**
 * The requester: a member of many rooms, an administrator, a new guest, or a connection before
 * login.
 */
export type Asker = "keeper" | "admin" | "stranger" | "nobody";

/** A measured request. */
export interface CostedRequest {
  /** A description for people. */
  readonly name: string;
  readonly by: Asker;
  /** The type of its reply; undefined for `pong`. */
  readonly reply?: string;
  /** The n-th of them: no two may be the same to the server where that would make it cheaper. */
  frame(n: number, prepared?: Prepared): Readonly<Record<string, unknown>>;
  /** Sent before each of them and not counted. */
  before?(n: number): Readonly<Record<string, unknown>>;
  /** Who sends that; the requester when missing. */
  readonly preparedBy?: Asker;
}

/** The reply to what was sent before a request. */
export type Prepared = Readonly<Record<string, unknown>> | undefined;

/** The requests of one type, and there is one at least. */
export type CostTable = {
  readonly [T in ClientFrameType]: readonly [CostedRequest, ...CostedRequest[]];
};

/** A question that is to be decided. */
const APPROVAL = {
  type: "inquiry",
  content: "Run it?",
  choices: ["approve", "deny"],
  expires_ms: 600_000,
};
const FULL = { limit: 100 } as const;
/** One of the users who have a token, and so a name of their own. */
const COMER = "guest-100000";
const LONG_AGO = 1_700_000_000_000;
/** The greatest number of names that the server looks for, in the largest room. */
const NAMES = Array.from({ length: 50 }, (_, n) => `@guest-${100_000 + n}`).join(" ");

/** A cursor in each of the rooms that the keeper belongs to, but the crowded one; so many messages behind. */
export function keptCursors(
  { keptRooms, messagesPerRoom }: WorldSize,
  behind: number,
): readonly { room: string; seq: number }[] {
  return Array.from({ length: keptRooms - 1 }, (_, n) => ({
    room: `room-${1_001 + n}`,
    seq: messagesPerRoom - behind,
  }));
}

/** Of a world of this size. */
export function costTable(size: WorldSize): CostTable {
  const { rooms, keptRooms, messagesPerRoom } = size;
  const longTexts = `room-${1_000 + rooms - 1}`;
  /** Somewhere in a room, another place each time. */
  const somewhere = (n: number): number => 1 + (n * 389) % Math.max(1, messagesPerRoom - 100);
  /** One that the keeper does not belong to. */
  const roomOf = (n: number): string => `room-${1_000 + keptRooms + n % (rooms - keptRooms)}`;
  return {
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
    register: [{
      name: "one who has an account",
      by: "admin",
      reply: "error",
      frame: () => ({}),
    }],
    password: [{
      name: "the one in use is wrong",
      by: "admin",
      reply: "error",
      frame: () => ({ new: "short" }),
    }],
    account: [{
      name: "a role",
      by: "admin",
      reply: "account",
      frame: (n) => ({ name: `changed-${n % 10}`, role: "member" }),
    }],
    edit: [
      {
        name: "its own, to fifty names in the largest room",
        by: "keeper",
        reply: "ok",
        before: (n) => ({ type: "message", room: CROWDED, content: `before ${n}` }),
        frame: (n, prepared) => ({
          room: CROWDED,
          seq: prepared?.seq ?? 1,
          content: `${NAMES} ${n}`,
        }),
      },
      {
        name: "of another's",
        by: "keeper",
        reply: "error",
        frame: (n) => ({ room: roomOf(n), seq: somewhere(n), content: "no" }),
      },
    ],
    delete: [{
      name: "an old message of its room",
      by: "keeper",
      reply: "ok",
      frame: (n) => ({ room: roomOf(n), seq: somewhere(n) }),
    }],
    search: [
      { name: "a word of many", by: "keeper", reply: "found", frame: () => ({ query: "message" }) },
      { name: "a word of none", by: "keeper", reply: "found", frame: () => ({ query: "xyzzy" }) },
    ],
    accounts: [{ name: "the first", by: "admin", reply: "accounts", frame: () => FULL }],
    whois: [{ name: "of oneself", by: "admin", reply: "whois", frame: () => ({ user: "admin" }) }],
    tokens: [{ name: "the first", by: "keeper", reply: "tokens", frame: () => FULL }],
    revoke: [{
      name: "one that is not there",
      by: "admin",
      reply: "error",
      frame: (n) => ({ token: 1_000_000_000 + n }),
    }],
    logout: [{
      name: "a guest",
      by: "nobody",
      reply: "ok",
      before: (n) => ({
        type: "hello",
        version: 1,
        auth: { method: "guest", name: `leaver-${n}` },
      }),
      frame: () => ({}),
    }],
    token: [{
      name: "one for a program",
      by: "admin",
      reply: "token",
      frame: (n) => ({ label: `program ${n}`, scopes: ["send"] }),
    }],
    code: [{
      name: "an invitation to a room",
      by: "admin",
      reply: "code",
      frame: (n) => ({ kind: "join", rooms: [roomOf(n)] }),
    }],
    codes: [{ name: "the first", by: "admin", reply: "codes", frame: () => FULL }],
    revoke_code: [{
      name: "one that is not there",
      by: "admin",
      reply: "error",
      frame: (n) => ({ code: 1_000_000_000 + n }),
    }],
    look: [{
      name: "at a code that is not there",
      by: "nobody",
      reply: "error",
      frame: () => ({ code: "0000-0000-0000-0000" }),
    }],
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
    add: [
      {
        name: "a member of 100 rooms, whose membership is there",
        by: "admin",
        reply: "ok",
        before: (n) => ({ type: "join", room: `made-for-${n}`, create: true, private: true }),
        frame: (n) => ({ room: `made-for-${n}`, user: `guest-${100_000}` }),
      },
    ],
    typing: [{
      name: "in an inquiry",
      by: "admin",
      frame: (n) => ({ room: `?${1 + n % size.inquiries}` }),
    }],
    topic: [{
      name: "of the room that all belong to",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ room: CROWDED, topic: `${n} ${"ä".repeat(200)}` }),
    }],
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
        frame: () => ({ ...FULL, after: roomOf(0) }),
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
        frame: () => ({ ...FULL, room: CROWDED, after: `guest-${100_000 + size.users / 2}` }),
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
        frame: () => ({ ...FULL, room: longTexts }),
      },
      {
        name: "100 of 32 KiB around a place",
        by: "keeper",
        reply: "page",
        frame: (n) => ({ ...FULL, room: longTexts, around: messagesPerRoom - 5 - n }),
      },
      {
        name: "100 from a time on",
        by: "keeper",
        reply: "page",
        frame: (n) => ({ ...FULL, room: roomOf(n), at: LONG_AGO + somewhere(n) }),
      },
    ],
    read: [{
      name: "up to a place",
      by: "keeper",
      reply: "ok",
      frame: (n) => ({ room: `room-${1_000 + n % keptRooms}`, seq: 1 + n }),
    }],
    inbox: [{ name: "the first", by: "keeper", reply: "inbox", frame: () => FULL }],
    later: [{
      name: "one message after the other",
      by: "stranger",
      reply: "ok",
      frame: (n) => ({ room: CROWDED, seq: 1 + n % size.messagesPerRoom, on: n % 2 === 0 }),
    }],
    laters: [{ name: "none", by: "keeper", reply: "laters", frame: () => FULL }],
    resume: [{
      name: "99 rooms in which nothing was missed",
      by: "keeper",
      reply: "resumed",
      frame: () => ({ rooms: keptCursors(size, 0) }),
    }, {
      name: "99 rooms in which too much was missed",
      by: "keeper",
      reply: "resumed",
      frame: () => ({ rooms: keptCursors(size, messagesPerRoom) }),
    }],
    inquiry: [{
      name: "behind 100,000 others",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ content: "May I?", cid: `ask-${n}` }),
    }],
    queue: [{ name: "the first of 100,000", by: "admin", reply: "queue", frame: () => FULL }],
    report: [{
      name: "of 100,000",
      by: "admin",
      reply: "report",
      frame: (n) => ({ period_ms: 3_650 * 86_400_000 - n }),
    }],
    respond: [{
      name: "to one of 100,000",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1 + n, content: "Yes", cid: `yes-${n}` }),
    }],
    note: [{
      name: "the first about one of 100,000",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1 + n, content: "Look" }),
    }],
    draft: [{
      name: "one more",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1, content: `Yes ${n}` }),
    }],
    canned: [{
      name: "of a server without any",
      by: "admin",
      reply: "canned",
      frame: () => ({}),
    }],
    decide: [{
      name: "one of another user",
      by: "admin",
      reply: "ok",
      before: (n) => ({ ...APPROVAL, cid: `decide-${n}` }),
      preparedBy: "keeper",
      frame: (_, prepared) => ({ inquiry: prepared?.inquiry, choice: "approve" }),
    }],
    withdraw: [{
      name: "one of one's own",
      by: "keeper",
      reply: "ok",
      before: (n) => ({ ...APPROVAL, cid: `withdraw-${n}` }),
      frame: (_, prepared) => ({ inquiry: prepared?.inquiry }),
    }],
    claim: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1 + n }),
    }],
    release: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      before: (n) => ({ type: "claim", inquiry: 1 + n }),
      frame: (n) => ({ inquiry: 1 + n }),
    }],
    assign: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1 + n, user: "admin" }),
    }],
    snooze: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      // Those that nothing has answered or claimed: only what waits is put off.
      frame: (n) => ({ inquiry: size.inquiries - n, for_ms: 3_600_000 }),
    }],
    resolve: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1 + n }),
    }],
    reopen: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      before: (n) => ({ type: "resolve", inquiry: 1 + n }),
      frame: (n) => ({ inquiry: 1 + n }),
    }],
    seen: [{
      name: "one of 100,000",
      by: "admin",
      reply: "ok",
      frame: (n) => ({ inquiry: 1 + n }),
    }],
    question: [{
      name: "one of 100,000",
      by: "admin",
      reply: "question",
      frame: (n) => ({ inquiry: 1 + n }),
    }],
    standing: [{
      name: "a mute in the largest room",
      by: "admin",
      reply: "ok",
      frame: () => ({ room: CROWDED, user: COMER, standing: "muted" }),
    }],
    kick: [{
      name: "from the server",
      by: "admin",
      reply: "ok",
      frame: () => ({ user: COMER }),
    }],
    ban: [
      {
        name: "of a user from the largest room",
        by: "admin",
        reply: "ok",
        frame: () => ({ room: CROWDED, user: COMER }),
      },
      {
        name: "of a network from the largest room, beside others",
        by: "admin",
        reply: "ok",
        frame: (n) => ({ room: CROWDED, network: `2001:db8:${n.toString(16)}::/48` }),
      },
      {
        name: "of a network from the server, beside others",
        by: "admin",
        reply: "ok",
        frame: (n) => ({ network: `2001:db8:${n.toString(16)}::/48` }),
      },
    ],
    unban: [{
      name: "of a user in the largest room",
      by: "admin",
      reply: "ok",
      before: () => ({ type: "ban", room: CROWDED, user: COMER }),
      frame: () => ({ room: CROWDED, user: COMER }),
    }],
    bans: [{
      name: "those of a room",
      by: "admin",
      reply: "bans",
      frame: () => ({ ...FULL, room: CROWDED }),
    }],
    moderation: [
      { name: "everywhere", by: "admin", reply: "moderation", frame: () => FULL },
      {
        name: "in the largest room",
        by: "admin",
        reply: "moderation",
        frame: () => ({ ...FULL, room: CROWDED }),
      },
    ],
    panic: [{ name: "its end", by: "admin", reply: "ok", frame: () => ({ on: false }) }],
    ignore: [{
      name: "a user",
      by: "keeper",
      reply: "ok",
      frame: () => ({ user: COMER, on: true }),
      before: () => ({ type: "ignore", user: COMER, on: false }),
    }],
    ignores: [{ name: "all", by: "keeper", reply: "ignores", frame: () => ({}) }],
    stats: [{ name: "all counters", by: "admin", reply: "stats", frame: () => ({}) }],
  };
}
