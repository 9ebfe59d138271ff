import { assertEquals } from "@std/assert";
import { countSince } from "../../../lib/client/history/count_since.ts";
import type { HistoryReader } from "../../../lib/client/history/paging.ts";
import { message } from "../../support/clients/fake_peer.ts";

/** A room with these seqs, each written at ten times its seq; and how often it was asked. */
function room(seqs: readonly number[]): { reader: HistoryReader; asked: () => number } {
  let asked = 0;
  const events = seqs.map((seq) => message(seq, { time: seq * 10 }));
  const ask: HistoryReader["ask"] = ({ after, before = Infinity, limit = 50 }) => {
    asked++;
    const found = events.filter(({ seq }) => seq > (after ?? 0) && seq < before);
    const page = after !== undefined ? found.slice(0, limit) : found.slice(-limit);
    const more = { more_before: true, more_after: true };
    return Promise.resolve({ type: "page", room: "ops", events: page, ...more });
  };
  return { reader: { ask } as HistoryReader, asked: () => asked };
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

Deno.test("count since: it finds the first message of a time, and counts up to the end", async () => {
  const { reader } = room(upTo(20));
  for (const [sinceMs, count] of [[0, 20], [10, 20], [11, 19], [95, 11], [200, 1], [201, 0]]) {
    assertEquals(await countSince({ room: "ops", sinceMs: sinceMs ?? 0 }, reader), count);
  }
  assertEquals(await countSince({ room: "ops", before: 11, sinceMs: 95 }, reader), 1);
  assertEquals(await countSince({ room: "ops", sinceMs: 0 }, room([]).reader), 0);
});

Deno.test("count since: a hundred thousand messages take a few requests", async () => {
  const { reader, asked } = room(upTo(100_000));
  assertEquals(await countSince({ room: "ops", sinceMs: 123_450 }, reader), 100_000 - 12_344);
  assertEquals(asked() <= 18, true, `${asked()} requests`);
});

Deno.test("count since: missing messages do not hide those behind them", async () => {
  const { reader } = room([...upTo(5), 50, 51, 90]);
  assertEquals(await countSince({ room: "ops", sinceMs: 40 }, reader), 90 - 3);
  assertEquals(await countSince({ room: "ops", sinceMs: 505 }, reader), 90 - 50);
});
