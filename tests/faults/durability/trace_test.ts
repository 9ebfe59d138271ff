// Tests the check of traces: with the trace of a correct store, and with those of three wrong ones.

import { assertEquals } from "@std/assert";
import { type CopyVerdict, judgeTrace } from "./trace.ts";

const RECEIVE = String
  .raw`7  recvfrom(30<TCP:[a->b]>, "{\"type\":\"message\",\"id\":\"s1\"}\n", 512, 0) = 40`;
const WRITE = `7  pwrite64(20</data/parley.db-wal>, "..."..., 4096, 32) = 4096`;
const READ = `7  pread64(20</data/parley.db-wal>, "..."..., 4096, 56) = 4096`;
const WRITE_OTHER = `7  pwrite64(19</data/parley.db>, "..."..., 4096, 32) = 4096`;
const BEGIN_LOG = `7  pwrite64(20</data/parley.db-wal>, "..."..., 32, 0) = 32`;
const SYNC_OTHER = "8  fdatasync(19</data/parley.db>) = 0";
const SYNC = `7  fdatasync(20</data/parley.db-wal>) = 0`;
const ACK = String
  .raw`7  sendto(30<TCP:[a->b]>, "{\"type\":\"ok\",\"re\":\"s1\",\"seq\":1}\n", 60, 0) = 60`;

function judge(...lines: readonly string[]): unknown {
  return judgeTrace(lines.join("\n")).acks;
}

function judgeCopy(...lines: readonly string[]): CopyVerdict {
  return judgeTrace(lines.join("\n")).copy;
}

Deno.test("durability verdicts: written, synced, and then acknowledged", () => {
  const honest = [{ id: "s1", isDirty: false, syncs: 1 }];
  assertEquals(judge(RECEIVE, WRITE, WRITE, SYNC, ACK), honest);
  assertEquals(judge(RECEIVE, WRITE, SYNC, WRITE_OTHER, ACK), honest);
});

Deno.test("durability verdicts: a sync counts when it is done, in whichever thread", () => {
  const begun = "8  fdatasync(20</data/parley.db-wal> <unfinished ...>";
  const done = "8  <... fdatasync resumed>) = 0";
  assertEquals(judge(RECEIVE, WRITE, begun, done, ACK), [{ id: "s1", isDirty: false, syncs: 1 }]);
  assertEquals(judge(RECEIVE, WRITE, begun, ACK, done), [{ id: "s1", isDirty: true, syncs: 0 }]);
});

Deno.test("durability verdicts: no sync at all, an early acknowledgement, a sync of something else", () => {
  assertEquals(judge(RECEIVE, WRITE, ACK), [{ id: "s1", isDirty: true, syncs: 0 }]);
  assertEquals(judge(RECEIVE, ACK, WRITE, SYNC), [{ id: "s1", isDirty: false, syncs: 0 }]);
  const other = "7  fsync(19</data/parley.db>) = 0";
  assertEquals(judge(RECEIVE, WRITE, other, ACK), [{ id: "s1", isDirty: true, syncs: 0 }]);
});

Deno.test("durability verdicts: the log is copied when it is on the disk, and its copy before it begins anew", () => {
  const honest = { restarts: 1, unsyncedRestarts: 0, dirtyCopies: 0 };
  const copied = [BEGIN_LOG, WRITE, SYNC, READ, WRITE_OTHER];
  assertEquals(judgeCopy(...copied, SYNC_OTHER, BEGIN_LOG), honest);
  assertEquals(judgeCopy(...copied, BEGIN_LOG), { ...honest, unsyncedRestarts: 1 });
  const early = [BEGIN_LOG, WRITE, READ, WRITE_OTHER, SYNC, SYNC_OTHER, BEGIN_LOG];
  assertEquals(judgeCopy(...early), { ...honest, dirtyCopies: 1 });
});

Deno.test("durability verdicts: what others write behind the part that is copied does not matter", () => {
  const behind = `8  pwrite64(20</data/parley.db-wal>, "..."..., 4096, 8272) = 4096`;
  const honest = { restarts: 1, unsyncedRestarts: 0, dirtyCopies: 0 };
  const lines = [BEGIN_LOG, WRITE, SYNC, behind, READ, WRITE_OTHER, SYNC_OTHER, BEGIN_LOG];
  assertEquals(judgeCopy(...lines), honest);
  const others = `8  pread64(20</data/parley.db-wal>, "..."..., 4096, 8296) = 4096`;
  assertEquals(
    judgeCopy(BEGIN_LOG, WRITE, SYNC, behind, READ, others, WRITE_OTHER).dirtyCopies,
    0,
  );
});

Deno.test("durability verdicts: a sync that had begun has nothing of what came later", () => {
  const begun = "8  fdatasync(19</data/parley.db> <unfinished ...>";
  const done = "8  <... fdatasync resumed>) = 0";
  const lines = [BEGIN_LOG, SYNC, WRITE_OTHER, begun, WRITE_OTHER, done, BEGIN_LOG];
  assertEquals(judgeCopy(...lines), { restarts: 1, unsyncedRestarts: 1, dirtyCopies: 0 });
});
