// Compares the store with the sent, acknowledged and received messages. A pure function, tested
// with made-up evidence.

import type { Placed } from "./ledger.ts";
import type { Pages } from "./pages.ts";
import type { Oddities } from "./reader.ts";
import type { Stored, StoredRow } from "./stored.ts";
import { cidOf, textOf } from "./texts.ts";

export interface Evidence {
  readonly offered: ReadonlyMap<string, string>;
  readonly acked: ReadonlyMap<string, Placed>;
  readonly contradictions: readonly string[];
  readonly refusals: readonly string[];
  readonly readers: readonly {
    readonly name: string;
    readonly rooms: ReadonlyMap<string, { readonly texts: ReadonlyMap<number, string> }>;
    readonly oddities: Oddities;
  }[];
  readonly stored: Stored;
  /** The whole history through the protocol: each room's events in the order of its pages. */
  readonly pages: Pages;
}

/** What each verdict means. None may have any case. */
export const VERDICTS = {
  lost: "acknowledged or seen, and not stored",
  dup: "one cid stored twice",
  moved: "acknowledged in one place, stored or acknowledged in another",
  gap: "a room's seqs are not 1, 2, 3 … up to its last",
  altered: "a text that is not the one of its cid, or not the same everywhere",
  phantom: "stored, and never offered",
  refused: "an answer that no writer or reader should have been given",
  reader_dup: "heard twice by a reader",
  reader_reorder: "heard out of order by a reader",
  reader_miss: "never heard by a reader",
  damage: "the database's own check of itself",
} as const;

export type Verdict = keyof typeof VERDICTS;

/** The cases of each verdict, a line each. */
export type Verdicts = Readonly<Record<Verdict, readonly string[]>>;

export function judge(evidence: Evidence): Verdicts {
  const { stored, readers, acked, offered } = evidence;
  const byCid = new Map<string, StoredRow>();
  const dup: string[] = [];
  for (const row of stored.rows) {
    const other = byCid.get(row.cid);
    if (other === undefined) byCid.set(row.cid, row);
    else dup.push(`${row.cid}: ${placeOf(other)} and ${placeOf(row)}`);
  }
  const ackedRows = [...acked].map(([cid, place]) => ({ cid, place, row: byCid.get(cid) }));
  const seen = judgeReaders(evidence);
  return {
    lost: [
      ...ackedRows.filter(({ row }) => row === undefined)
        .map(({ cid, place }) => `${cid}: acknowledged as ${placeOf(place)}`),
      ...seen.lost,
    ],
    dup,
    moved: [
      ...ackedRows.filter(({ row, place }) => row !== undefined && placeOf(row) !== placeOf(place))
        .map(({ cid, place }) => `${cid}: acknowledged as ${placeOf(place)}`),
      ...evidence.contradictions,
    ],
    gap: findGaps(stored),
    altered: [...findAltered(evidence), ...seen.altered],
    phantom: stored.rows.filter((row) => offered.get(row.cid) !== row.room)
      .map((row) => `${row.cid}: ${placeOf(row)}`),
    refused: [...evidence.refusals, ...readers.flatMap(({ oddities }) => oddities.unexpected)],
    reader_dup: tally(readers, "dup"),
    reader_reorder: tally(readers, "reorder"),
    reader_miss: [...tally(readers, "miss"), ...seen.missed],
    damage: stored.damage,
  };
}

function placeOf({ room, seq }: Placed): string {
  return `${room} ${seq}`;
}

function tally(
  readers: Evidence["readers"],
  oddity: "dup" | "reorder" | "miss",
): readonly string[] {
  return readers.filter(({ oddities }) => oddities[oddity] > 0)
    .map(({ name, oddities }) => `${name}: ${oddities[oddity]}`);
}

function findGaps({ rows, lastSeqs }: Stored): readonly string[] {
  const heads = new Map<string, number>();
  const gaps: string[] = [];
  for (const { room, seq } of rows) {
    const head = heads.get(room) ?? 0;
    if (seq !== head + 1) gaps.push(`${room}: ${seq} after ${head}`);
    heads.set(room, seq);
  }
  for (const [room, last] of lastSeqs) {
    const head = heads.get(room) ?? 0;
    if (last !== head) gaps.push(`${room}: its last is ${last}, its log ends at ${head}`);
  }
  return gaps;
}

/** Texts that are not their cid's, and pages that do not show what is stored. */
function findAltered({ stored, pages }: Evidence): readonly string[] {
  const altered = stored.rows.filter((row) => row.content !== textOf(row.cid))
    .map((row) => `${row.cid}: ${placeOf(row)}`);
  for (const [room, events] of pages) {
    const rows = stored.rows.filter((row) => row.room === room);
    if (rows.length !== events.length) {
      altered.push(`${room}: ${events.length} events in pages, ${rows.length} stored`);
    }
    for (const [index, row] of rows.entries()) {
      const event = events[index];
      if (event?.seq === row.seq && event.content === row.content) continue;
      altered.push(`${room}: the pages show something else at ${row.seq}`);
      break;
    }
  }
  return altered;
}

/** Compares the readers' events with the store. */
function judgeReaders(
  { readers, stored }: Evidence,
): { lost: string[]; altered: string[]; missed: string[] } {
  const found = { lost: [] as string[], altered: [] as string[], missed: [] as string[] };
  const rows = new Map(stored.rows.map((row) => [placeOf(row), row]));
  for (const { name, rooms, oddities } of readers) {
    if (oddities.vanished > 0) {
      found.lost.push(`${name}: had seen more than the log held, ${oddities.vanished} times`);
    }
    for (const [room, { texts }] of rooms) {
      for (const [seq, text] of texts) {
        const row = rows.get(`${room} ${seq}`);
        if (cidOf(text) === undefined) found.altered.push(`${name}: saw it at ${room} ${seq}`);
        else if (row?.content !== text) found.lost.push(`${name}: saw another at ${room} ${seq}`);
      }
      const last = stored.lastSeqs.get(room) ?? 0;
      if (texts.size < last) found.missed.push(`${name}: ${last - texts.size} of ${room}`);
    }
  }
  return found;
}
