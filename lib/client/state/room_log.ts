// A client's part of one room's log, and how it becomes complete again. Duplicates are dropped. Gaps are
// detected and paged; live events wait while a page is requested. Pure; knows no connection.

import type { PagePosition } from "../../wire/frames/messages.ts";
import type { RoomEvent } from "../../wire/event.ts";

/** Live events kept while a page is awaited; later ones are paged instead. */
const HELD_MOST = 500;

export interface RoomLog {
  /** Everything up to this seq was passed on, or reported as missing. */
  readonly cursor: number;
  /** The lowest seq passed on; older events were not requested. */
  readonly oldest: number;
  /** The highest known seq. */
  readonly known: number;
  /** A run of events without a gap that waits for a page. */
  readonly held: readonly RoomEvent[];
  /**
   * `live`: events are passed on as they come. `opening`: the newest page is awaited, and live events begin
   * after `boundary`. `paging`: the events between cursor and `known` are awaited.
   */
  readonly phase:
    | { readonly at: "live" | "paging" }
    | { readonly at: "opening"; readonly boundary: number };
}

/** The effect of a frame on a log. */
export interface LogStep {
  readonly log: RoomLog;
  /** To be shown, in order. */
  readonly events: readonly RoomEvent[];
  /** The page that must be asked for next. */
  readonly page?: PagePosition;
  /** Events that the server does not give: from and to, both included. */
  readonly missing?: { readonly from: number; readonly to: number };
}

/** A log that is complete up to `cursor`; live events follow. */
export function logFrom(cursor: number): RoomLog {
  const phase = { at: "live" } as const;
  return { cursor, oldest: cursor + 1, known: cursor, held: [], phase };
}

/** Shows the newest page first and goes live after it; `boundary` is the reply's `last`. */
export function openLog(log: RoomLog, boundary: number): LogStep {
  const known = Math.max(log.known, boundary);
  return { log: { ...log, known, phase: { at: "opening", boundary } }, events: [], page: {} };
}

/** Reads everything between the cursor and `last`, page by page. */
export function catchUp(log: RoomLog, last: number): LogStep {
  return handOnHeld({ log: { ...log, known: Math.max(log.known, last) }, events: [] });
}

/** The seq to resume from after a cut. */
export function resumePoint(log: RoomLog): number {
  return log.phase.at === "opening" ? log.phase.boundary : log.cursor;
}

/** The connection is gone: held events will be replayed, the page will not come. */
export function cutLog(log: RoomLog): RoomLog {
  const phase = log.phase.at === "paging" ? { at: "live" as const } : log.phase;
  return { ...log, held: [], known: resumePoint(log), phase };
}

/** An event that came by itself: live, or replayed after a resume. */
export function takeLive(log: RoomLog, event: RoomEvent): LogStep {
  if (event.seq <= log.cursor) return { log, events: [] };
  const known = Math.max(log.known, event.seq);
  if (log.phase.at === "live" && event.seq === log.cursor + 1) {
    const oldest = Math.min(log.oldest, event.seq);
    return { log: { ...log, known, oldest, cursor: event.seq }, events: [event] };
  }
  const held = hold(log.held, event);
  if (log.phase.at !== "live") return { log: { ...log, known, held }, events: [] };
  return handOnHeld({ log: { ...log, known, held }, events: [] });
}

/** The page that was awaited: the newest one while opening, else the one above the cursor. */
export function takePage(log: RoomLog, events: readonly RoomEvent[]): LogStep {
  if (log.phase.at === "live") return { log, events: [] };
  const fresh = events.filter((event) => event.seq > log.cursor);
  const last = fresh.at(-1)?.seq ?? log.cursor;
  if (log.phase.at === "opening") {
    const cursor = Math.max(last, log.phase.boundary);
    const oldest = fresh[0]?.seq ?? cursor + 1;
    return handOnHeld({ log: { ...log, cursor, oldest }, events: fresh });
  }
  const first = fresh[0]?.seq;
  if (first === undefined) return withoutPage(log);
  const step = handOnHeld({ log: { ...log, cursor: last }, events: fresh });
  const from = log.cursor + 1;
  return first === from ? step : { ...step, missing: { from, to: first - 1 } };
}

/** The awaited page was refused: continues after the gap, and reports it. */
export function withoutPage(log: RoomLog): LogStep {
  if (log.phase.at === "live") return { log, events: [] };
  if (log.phase.at === "opening") {
    const cursor = log.phase.boundary;
    return handOnHeld({ log: { ...log, cursor, oldest: cursor + 1 }, events: [] });
  }
  const next = log.held.find((event) => event.seq > log.cursor);
  const to = next === undefined ? log.known : next.seq - 1;
  const missing = to > log.cursor ? { from: log.cursor + 1, to } : undefined;
  const step = handOnHeld({ log: { ...log, cursor: Math.max(to, log.cursor) }, events: [] });
  return missing === undefined ? step : { ...step, missing };
}

/** An older page was shown: the next one ends below it. */
export function takeOlder(log: RoomLog, events: readonly RoomEvent[]): RoomLog {
  return { ...log, oldest: Math.min(log.oldest, events[0]?.seq ?? log.oldest) };
}

function hold(held: readonly RoomEvent[], event: RoomEvent): readonly RoomEvent[] {
  const last = held.at(-1);
  const follows = last === undefined || event.seq === last.seq + 1;
  return follows && held.length < HELD_MOST ? [...held, event] : held;
}

/** Passes on the held events when they follow the cursor; live when nothing is missing any more. */
function handOnHeld(step: LogStep): LogStep {
  const { log } = step;
  const waiting = log.held.filter((event) => event.seq > log.cursor);
  const ready = waiting[0]?.seq === log.cursor + 1 ? waiting : [];
  const held = ready.length === 0 ? waiting : [];
  const cursor = ready.at(-1)?.seq ?? log.cursor;
  const events = [...step.events, ...ready];
  if (cursor >= log.known) {
    return { ...step, events, log: { ...log, cursor, held, phase: { at: "live" } } };
  }
  const paging = { ...log, cursor, held, phase: { at: "paging" as const } };
  return { ...step, events, log: paging, page: { after: cursor } };
}
