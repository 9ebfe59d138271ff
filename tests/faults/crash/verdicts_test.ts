// Tests the verdicts: for each, evidence with a failure, and evidence without.

import { assertEquals } from "@std/assert";
import type { Oddities } from "./reader.ts";
import { textOf } from "./texts.ts";
import { type Evidence, judge, type Verdict } from "./verdicts.ts";

const CALM: Oddities = { dup: 0, reorder: 0, miss: 0, vanished: 0, unexpected: [] };

/** Two messages, stored, acknowledged, paged and received correctly. */
function innocent(): Evidence {
  const rows = ["a-1", "a-2"].map((cid, n) => ({
    room: "ops",
    seq: n + 1,
    cid,
    content: textOf(cid),
  }));
  return {
    offered: new Map(rows.map(({ cid, room }) => [cid, room])),
    acked: new Map(rows.map(({ cid, room, seq }) => [cid, { room, seq }])),
    contradictions: [],
    refusals: [],
    readers: [{
      name: "reader",
      oddities: CALM,
      rooms: new Map([["ops", { texts: new Map(rows.map((row) => [row.seq, row.content])) }]]),
    }],
    stored: { rows, lastSeqs: new Map([["ops", 2], ["lobby", 0]]), damage: [] },
    pages: new Map([["ops", rows]]),
  };
}

function convicted(evidence: Evidence): readonly Verdict[] {
  return Object.entries(judge(evidence)).filter(([, cases]) => cases.length > 0)
    .map(([verdict]) => verdict as Verdict);
}

function withStored(rows: Evidence["stored"]["rows"]): Evidence {
  const evidence = innocent();
  const lastSeqs = new Map([["ops", rows.at(-1)?.seq ?? 0]]);
  return {
    ...evidence,
    readers: [],
    stored: { rows, lastSeqs, damage: [] },
    pages: new Map([["ops", rows]]),
  };
}

function withReader(
  change: { oddities?: Partial<Oddities>; texts?: readonly (readonly [number, string])[] },
): Evidence {
  const evidence = innocent();
  const [reader] = evidence.readers;
  const texts = new Map(change.texts ?? reader?.rooms.get("ops")?.texts);
  return {
    ...evidence,
    readers: [{
      name: "reader",
      oddities: { ...CALM, ...change.oddities },
      rooms: new Map([["ops", { texts }]]),
    }],
  };
}

const [FIRST, SECOND] = innocent().stored.rows;

Deno.test("crash verdicts: nothing is held against a store that kept its word", () => {
  assertEquals(convicted(innocent()), []);
});

Deno.test("crash verdicts: an acknowledged message that is not stored is lost", () => {
  assertEquals(convicted(withStored([FIRST].filter((row) => row !== undefined))), ["lost"]);
});

Deno.test("crash verdicts: a cid stored twice is a dup, and its second place was not acknowledged", () => {
  const rows = [FIRST, SECOND].filter((row) => row !== undefined);
  const again = rows.map((row) => ({ ...row, seq: row.seq + 2 }));
  assertEquals(convicted(withStored([...rows, ...again])), ["dup"]);
});

Deno.test("crash verdicts: a message stored elsewhere than acknowledged has moved", () => {
  const acked = new Map([["a-1", { room: "ops", seq: 2 }], ["a-2", { room: "ops", seq: 2 }]]);
  assertEquals(convicted({ ...innocent(), acked }), ["moved"]);
  assertEquals(convicted({ ...innocent(), contradictions: ["a-1: twice"] }), ["moved"]);
});

Deno.test("crash verdicts: a hole in a room's seqs, and a head beyond its log, are gaps", () => {
  const { stored, ...others } = innocent();
  const acked = new Map();
  const rows = stored.rows.map((row) => ({ ...row, seq: row.seq * 2 }));
  assertEquals(convicted({ ...withStored(rows), acked }), ["gap"]);
  const lastSeqs = new Map([["ops", 3]]);
  assertEquals(convicted({ ...others, readers: [], stored: { ...stored, lastSeqs } }), ["gap"]);
});

Deno.test("crash verdicts: a text that is not its cid's, or not the one in the pages, is altered", () => {
  const rows = [{ room: "ops", seq: 1, cid: "a-1", content: "a-1 " }];
  assertEquals(convicted({ ...withStored(rows), acked: new Map() }), ["altered"]);
  assertEquals(convicted({ ...innocent(), pages: new Map([["ops", []]]) }), ["altered"]);
});

Deno.test("crash verdicts: what is stored and was never offered is a phantom", () => {
  assertEquals(convicted({ ...innocent(), offered: new Map([["a-1", "ops"]]) }), ["phantom"]);
  const otherRoom = new Map([["a-1", "ops"], ["a-2", "dev"]]);
  assertEquals(convicted({ ...innocent(), offered: otherRoom }), ["phantom"]);
});

Deno.test("crash verdicts: what a reader heard twice, late, never, or in vain is told apart", () => {
  assertEquals(convicted(withReader({ oddities: { dup: 1 } })), ["reader_dup"]);
  assertEquals(convicted(withReader({ oddities: { reorder: 1 } })), ["reader_reorder"]);
  assertEquals(convicted(withReader({ oddities: { miss: 1 } })), ["reader_miss"]);
  assertEquals(convicted(withReader({ oddities: { vanished: 1 } })), ["lost"]);
  assertEquals(convicted(withReader({ texts: [[1, textOf("a-1")]] })), ["reader_miss"]);
  assertEquals(
    convicted(withReader({ texts: [[1, textOf("a-1")], [2, textOf("a-3")]] })),
    ["lost"],
  );
  assertEquals(convicted(withReader({ texts: [[1, "a-1"], [2, textOf("a-2")]] })), ["altered"]);
});

Deno.test("crash verdicts: a refusal and a damaged database convict by themselves", () => {
  assertEquals(convicted({ ...innocent(), refusals: ["internal"] }), ["refused"]);
  const { stored } = innocent();
  assertEquals(convicted({ ...innocent(), stored: { ...stored, damage: ["page 7"] } }), ["damage"]);
});
