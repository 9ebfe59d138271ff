// Every request: its fields in the order of their checks, their values, and a valid example. The
// classes of cases make invalid ones from it.

import { type Answer, answered, HOSTILE_ROOM, posted, refused, SILENT_ROOM } from "./case.ts";
import type { Random } from "../../support/random.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** The kind of a field; each kind has its own invalid values. */
export type FieldKind = "string" | "flag" | "count" | "auth" | "cursors";

interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRequired?: true;
}

export interface RequestSpec {
  readonly type: string;
  readonly fields: readonly Field[];
  /** Valid fields. */
  readonly example: Fields;
}

const room: Field = { name: "room", kind: "string", isRequired: true };
const content: Field = { name: "content", kind: "string", isRequired: true };
const cid: Field = { name: "cid", kind: "string" };
const limit: Field = { name: "limit", kind: "count" };
const after: Field = { name: "after", kind: "string" };
const GUEST = { method: "guest", name: "Mallory" };

export const REQUESTS: readonly RequestSpec[] = [
  {
    type: "hello",
    fields: [
      { name: "version", kind: "count", isRequired: true },
      { name: "client", kind: "string" },
      { name: "auth", kind: "auth" },
      { name: "idle_ms", kind: "count" },
    ],
    example: { version: 1, client: "mallory/1", auth: GUEST, idle_ms: 60_000 },
  },
  {
    type: "login",
    fields: [{ name: "auth", kind: "auth", isRequired: true }],
    example: { auth: GUEST },
  },
  {
    type: "join",
    fields: [room, { name: "create", kind: "flag" }],
    example: { room: SILENT_ROOM, create: false },
  },
  { type: "leave", fields: [room], example: { room: SILENT_ROOM } },
  {
    type: "rooms",
    fields: [after, limit, { name: "joined", kind: "flag" }],
    example: { after: "a", limit: 2, joined: false },
  },
  {
    type: "members",
    fields: [room, after, limit],
    example: { room: SILENT_ROOM, after: "a", limit: 2 },
  },
  {
    type: "message",
    fields: [room, content, cid, { name: "to", kind: "count" }],
    example: { room: HOSTILE_ROOM, content: "hostile, and whole", cid: "cid" },
  },
  {
    type: "edit",
    fields: [room, { name: "seq", kind: "count", isRequired: true }, content, cid],
    example: { room: SILENT_ROOM, seq: 999_999, content: "hostile, and another", cid: "cid" },
  },
  {
    type: "delete",
    fields: [room, { name: "seq", kind: "count", isRequired: true }],
    example: { room: SILENT_ROOM, seq: 999_999 },
  },
  {
    type: "history",
    fields: [
      room,
      limit,
      { name: "before", kind: "count" },
      { name: "after", kind: "count" },
      { name: "around", kind: "count" },
      { name: "at", kind: "count" },
    ],
    example: { room: SILENT_ROOM, limit: 2 },
  },
  {
    type: "read",
    fields: [room, { name: "seq", kind: "count", isRequired: true }],
    example: { room: HOSTILE_ROOM, seq: 0 },
  },
  {
    type: "resume",
    fields: [
      { name: "epoch", kind: "string" },
      { name: "rooms", kind: "cursors", isRequired: true },
    ],
    example: { rooms: [{ room: SILENT_ROOM, seq: 0 }] },
  },
  {
    type: "inquiry",
    fields: [content, cid],
    example: { content: "Is anybody there?" },
  },
  { type: "queue", fields: [limit], example: { limit: 2 } },
  {
    type: "respond",
    fields: [{ name: "inquiry", kind: "count", isRequired: true }, content, cid],
    example: { inquiry: 1, content: "Nobody is there" },
  },
];

/** A request that a member may repeat, and its answer. */
export interface Harmless {
  readonly type: string;
  readonly fields: Fields;
  readonly answer: Answer;
}

/** A request that changes nothing but messages. */
export function harmless(random: Random): Harmless {
  const text = `harmless ${random.integer(0, 1e9)}`;
  return random.pick<Harmless>([
    { type: "message", fields: { room: HOSTILE_ROOM, content: text }, answer: posted(text) },
    { type: "rooms", fields: { limit: 2 }, answer: answered("rooms") },
    { type: "members", fields: { room: SILENT_ROOM, limit: 1 }, answer: answered("members") },
    { type: "history", fields: { room: SILENT_ROOM, before: 9 }, answer: answered("page") },
    { type: "read", fields: { room: HOSTILE_ROOM, seq: 0 }, answer: answered("ok") },
    { type: "join", fields: { room: SILENT_ROOM }, answer: answered("room") },
    {
      type: "resume",
      fields: { rooms: [{ room: SILENT_ROOM, seq: 0 }] },
      answer: answered("resumed"),
    },
    { type: "stats", fields: {}, answer: refused("forbidden") },
    { type: "ping", fields: {}, answer: answered("pong") },
  ]);
}
