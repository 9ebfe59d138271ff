// The places of a person's rooms: the number of each, its last messages, and what is new in it. It
// knows neither terminal nor connection, and not which room is the current one.

import type { RoomSummary } from "../../wire/summaries.ts";
import type { EventLine } from "../../terminal/view_lines.ts";
import { changedBy } from "./messages/changed_messages.ts";

/** The messages of a place that are kept, to be shown again. */
const KEPT_LINES = 200;

/** A room as a place: what a person finds there. */
export interface RoomPlace {
  readonly room: string;
  /** From 1; it stays the same as long as the room is followed. */
  readonly number: number;
  /** How many messages of others are above the read position. */
  readonly unread: number;
  /** How many of them concern the person. */
  readonly calls: number;
  /** The person has seen everything up to this seq. */
  readonly seen: number;
  /** The read position, as the server knows it. */
  readonly read: number;
  /** What is above this seq has come since the room is followed here. */
  readonly start: number;
  /** Up to this seq the server has counted what is new. */
  readonly base: number;
  /** Above it, what is new; it grows in place. */
  readonly news: readonly NewMessage[];
  /** The highest seq that is counted in `unread`. */
  readonly counted: number;
  /** The last messages, by seq. */
  readonly lines: readonly EventLine[];
}

/** A message of another person that was not seen when it came. */
interface NewMessage {
  readonly seq: number;
  readonly isCall: boolean;
}

/** What is known of a room when its place is created. */
interface NewPlace {
  readonly room: string;
  /** Up to this seq nothing is new. */
  readonly last: number;
}

/** All places, one for each room that is followed. */
export class Places {
  readonly #places = new Map<string, RoomPlace>();
  /** The server's counts of rooms that have no place yet. */
  readonly #counts = new Map<string, RoomSummary>();

  /** By number. */
  get all(): readonly RoomPlace[] {
    return [...this.#places.values()].sort((a, b) => a.number - b.number);
  }

  find(room: string): RoomPlace | undefined {
    return this.#places.get(room);
  }

  /** A message that is kept. */
  findMessage(room: string, seq: number | undefined): EventLine | undefined {
    return this.find(room)?.lines.find(({ event }) => event.seq === seq);
  }

  /** Exactly these rooms have places from now on; a new one gets the lowest free number. */
  setRooms(rooms: readonly NewPlace[]): void {
    const wanted = new Set(rooms.map(({ room }) => room));
    for (const room of this.#places.keys()) if (!wanted.has(room)) this.#places.delete(room);
    const taken = new Set([...this.#places.values()].map(({ number }) => number));
    let number = 1;
    for (const { room, last } of rooms) {
      if (this.#places.has(room)) continue;
      while (taken.has(number)) number++;
      taken.add(number);
      const position = { seen: last, read: last, counted: last, base: last, news: [] };
      const start = last;
      const counts = this.#counts.get(room);
      this.#counts.delete(room);
      const place: RoomPlace = { room, number, unread: 0, calls: 0, start, ...position, lines: [] };
      this.#places.set(room, counts === undefined ? place : begun(place, counts));
    }
  }

  /** Takes the server's counts of a room, at the beginning of a session. */
  setCounts(summary: RoomSummary): void {
    const { room, last, read = last, unread = 0, mentions = 0 } = summary;
    if (!this.#places.has(room)) this.#counts.set(room, summary);
    this.#change(room, (place) => {
      const seen = Math.max(place.seen, read);
      const counted = Math.max(place.counted, last);
      // What was seen here and not reported yet is not new.
      const counts = seen >= last ? { unread: 0, calls: 0 } : { unread, calls: mentions };
      return { ...place, ...counts, seen, read, counted, base: counted, news: [] };
    });
  }

  /** Keeps a message; one of others that was not counted before counts as new. */
  add(line: EventLine, { isOwn }: { readonly isOwn: boolean }): void {
    const { room, seq } = line.event;
    this.#change(room, (place) => {
      const lines = insert(changedBy(place.lines, line.event), line).slice(-KEPT_LINES);
      const isText = line.event.type === "message" || line.event.type === "response";
      const isNew = isText && seq > place.counted && seq > place.seen && !isOwn;
      const unread = place.unread + (isNew ? 1 : 0);
      const isCall = line.isCall === true;
      const calls = place.calls + (isNew && isCall ? 1 : 0);
      if (isNew) (place.news as NewMessage[]).push({ seq, isCall });
      return { ...place, lines, unread, calls, counted: Math.max(place.counted, seq) };
    });
  }

  /** The person has seen the room up to this seq, here or in another terminal. */
  setSeen(room: string, seq: number): void {
    this.#change(room, (place) => {
      if (seq < place.seen) return place;
      if (seq >= place.counted) return { ...place, seen: seq, unread: 0, calls: 0, news: [] };
      const news = place.news.filter((message) => message.seq > seq);
      // Which of those that the server has counted are seen is not known before all of them are.
      if (seq < place.base) return { ...place, seen: seq };
      const calls = news.filter(({ isCall }) => isCall).length;
      return { ...place, seen: seq, unread: news.length, calls, news };
    });
  }

  /** The server knows that the room was read up to this seq. */
  setRead(room: string, seq: number): void {
    this.#change(room, (place) => ({ ...place, read: Math.max(place.read, seq) }));
  }

  /** Another terminal of the person has read the room. */
  setReadByOther({ room, seq }: { readonly room: string; readonly seq: number }): void {
    const counts = this.#counts.get(room);
    // It may come right behind the counts, when the room has no place yet.
    if (counts !== undefined) this.#counts.set(room, readUpTo(counts, seq));
    this.setSeen(room, seq);
    this.setRead(room, seq);
  }

  /** The next place after this one with something for the person, else with something new. */
  next(room: string | undefined): RoomPlace | undefined {
    const { all } = this;
    const at = all.findIndex((place) => place.room === room) + 1;
    const others = [...all.slice(at), ...all.slice(0, at)].filter((place) => place.room !== room);
    return others.find(({ calls }) => calls > 0) ?? others.find(({ unread }) => unread > 0);
  }

  #change(room: string, change: (place: RoomPlace) => RoomPlace): void {
    const place = this.#places.get(room);
    if (place !== undefined) this.#places.set(room, change(place));
  }
}

/** A place for which the server has counted what is new. */
function begun(
  place: RoomPlace,
  { last, read = last, unread = 0, mentions = 0 }: RoomSummary,
): RoomPlace {
  return { ...place, unread, calls: mentions, seen: read, read, counted: last, base: last };
}

/** The server's counts of a room that was read up to this seq since. */
function readUpTo(counts: RoomSummary, seq: number): RoomSummary {
  const read = Math.max(counts.read ?? counts.last, seq);
  return { ...counts, read, ...(seq >= counts.last ? { unread: 0, mentions: 0 } : {}) };
}

/** Nearly always at the end; a message that is there already takes the place of the former. */
function insert(lines: readonly EventLine[], line: EventLine): readonly EventLine[] {
  const { seq } = line.event;
  const last = lines.at(-1)?.event.seq ?? 0;
  if (seq > last) return [...lines, line];
  const before = lines.filter(({ event }) => event.seq < seq);
  return [...before, line, ...lines.filter(({ event }) => event.seq > seq)];
}
