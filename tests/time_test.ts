import { assertEquals } from "@std/assert";
import { StopSignal } from "../lib/server/stop_signal.ts";
import { RunningClock, sleep, startDeadline, type StopSource } from "../lib/time.ts";
import { FakeTimers } from "./support/fakes/fake_timers.ts";

function start(ms: number): { timers: FakeTimers; times: number[]; clear: () => void } {
  const timers = new FakeTimers();
  const times: number[] = [];
  const deadline = startDeadline(() => times.push(timers.monotonic()), { ms, timers });
  return { timers, times, clear: () => deadline.clear() };
}

Deno.test("deadline: happens once, when it is due", () => {
  const { timers, times } = start(5_000);
  timers.jump(4_999);
  assertEquals(times, []);
  timers.jump(100);
  timers.jump(60_000);
  assertEquals(times, [5_099]);
});

Deno.test("deadline: one that passed while the process was stopped leaves time to read what came", () => {
  const { timers, times } = start(5_000);
  timers.jump(80_000);
  assertEquals(times, []);
  timers.jump(999);
  assertEquals(times, []);
  timers.jump(1);
  assertEquals(times, [81_000]);
});

Deno.test("deadline: is prevented before it is due, and while it leaves time", () => {
  const early = start(5_000);
  early.clear();
  early.timers.jump(6_000);
  const late = start(5_000);
  late.timers.jump(80_000);
  late.clear();
  late.timers.jump(80_000);
  assertEquals([early.times, late.times], [[], []]);
});

/** A signal of each kind, and what stops it. */
function signals(): readonly (readonly [signal: AbortSignal | StopSource, stop: () => void])[] {
  const abort = new AbortController();
  const stop = new StopSignal();
  return [[abort.signal, () => abort.abort()], [stop, () => stop.stop()]];
}

Deno.test("sleep: ends after its time, or when its signal stops, and leaves no timer behind", async () => {
  for (const [signal, stop] of signals()) {
    const timers = new FakeTimers();
    const ended: string[] = [];
    void sleep(100, signal, timers).then(() => ended.push("short"));
    const long = sleep(1_000, signal, timers).then(() => ended.push("long"));
    await timers.advance(100);
    assertEquals(ended, ["short"]);
    stop();
    await long;
    assertEquals([ended, timers.count], [["short", "long"], 0]);
    await sleep(1_000, signal, timers);
    assertEquals(timers.count, 0);
  }
});

Deno.test("sleep: a wait too long for a timer does not end at once", async () => {
  for (const ms of [2 ** 31, 2 ** 53, Infinity]) {
    for (const [signal, stop] of signals()) {
      let isOver = false;
      const waiting = sleep(ms, signal).then(() => isOver = true);
      await sleep(5); // A timer that overflows would have fired after 1 ms.
      assertEquals(isOver, false, String(ms));
      stop();
      await waiting;
    }
  }
});

Deno.test("running clock: goes on while the process runs, and stands still while it is stopped", () => {
  const timers = new FakeTimers();
  const clock = new RunningClock({ usualGapMs: 1_000, timers });
  const start = clock.monotonic();
  for (let reading = 0; reading < 10; reading++) {
    timers.jump(500);
    clock.monotonic();
  }
  assertEquals(clock.monotonic() - start, 5_000);
  timers.jump(80_000);
  const counted = clock.monotonic() - start;
  assertEquals(counted, 6_000, "more of the stop was counted than may lie between two readings");
  timers.jump(500);
  assertEquals(clock.monotonic() - start, 6_500);
  timers.jump(3_600_000);
  assertEquals(clock.monotonic() - start, 7_500);
});
