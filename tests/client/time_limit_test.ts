import { assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../lib/client/exit.ts";
import { TimeLimit } from "../../lib/client/time_limit.ts";
import { FakeClock } from "../support/fakes/fake_clock.ts";

interface Limited {
  readonly clock: FakeClock;
  readonly parent: AbortController;
  readonly failure: Failure;
  readonly limit: TimeLimit;
}

function limit(ms: number | undefined): Limited {
  const clock = new FakeClock();
  const parent = new AbortController();
  const failure = new Failure("timeout", "late");
  return {
    clock,
    parent,
    failure,
    limit: new TimeLimit({ ms, clock, parent: parent.signal, failure: () => failure }),
  };
}

Deno.test("time limit: it aborts when the time has passed without progress", async () => {
  const { clock, limit: time, failure } = limit(1_000);
  await clock.advance(900);
  time.noteProgress();
  await clock.advance(999);
  assertEquals([time.signal.aborted, time.remainingMs], [false, 1]);
  await clock.advance(1);
  assertEquals(time.signal.reason, failure);
  time[Symbol.dispose]();
});

Deno.test("time limit: an interruption comes first, and a disposed limit aborts nothing", async () => {
  const stopped = limit(1_000);
  stopped.parent.abort(new Failure("interrupted", "Interrupted"));
  await stopped.clock.advance(2_000);
  assertEquals(stopped.limit.signal.reason.message, "Interrupted");
  stopped.limit[Symbol.dispose]();

  const over = limit(1_000);
  over.limit[Symbol.dispose]();
  await over.clock.advance(2_000);
  over.parent.abort();
  assertEquals(over.limit.signal.aborted, false);

  const endless = limit(undefined);
  await endless.clock.advance(2 ** 40);
  assertEquals(endless.limit.signal.aborted, false);
  endless.limit[Symbol.dispose]();
});

Deno.test("time limit: work that is not the server's costs no time, and an interruption ends it", async () => {
  const { clock, parent, limit: time } = limit(1_000);
  const reader = Promise.withResolvers<void>();
  const waiting = time.pauseDuring(reader.promise);
  await clock.advance(60_000);
  assertEquals(time.signal.aborted, false);
  reader.resolve();
  await waiting;
  await clock.advance(999);
  assertEquals(time.signal.aborted, false);
  const stuck = assertRejects(
    () => time.pauseDuring(new Promise(() => {})),
    Failure,
    "Interrupted",
  );
  parent.abort(new Failure("interrupted", "Interrupted"));
  await stuck;
  time[Symbol.dispose]();

  const silent = limit(1_000);
  await silent.limit.pauseDuring(Promise.resolve());
  await silent.clock.advance(1_000);
  assertEquals(silent.limit.signal.aborted, true, "the time goes on afterwards");
  silent.limit[Symbol.dispose]();
});
