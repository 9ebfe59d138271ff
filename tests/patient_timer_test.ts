import { assertEquals } from "@std/assert";
import { startPatientTimer, type TimerSource } from "../lib/patient_timer.ts";

/** Time as a test tells it, and timers that are late when it jumps. */
class FakeTimers implements TimerSource {
  #now = 0;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  start(work: () => void, ms: number): () => void {
    this.#timers.set(work, this.#now + ms);
    return () => this.#timers.delete(work);
  }

  /** Moves time on by a jump: what is due comes after it, as when a process was stopped. */
  jump(ms: number): void {
    this.#now += ms;
    const due = [...this.#timers].filter(([, at]) => at <= this.#now);
    for (const [work] of due) this.#timers.delete(work);
    for (const [work] of due) work();
  }
}

function start(ms: number): { source: FakeTimers; times: number[]; clear: () => void } {
  const source = new FakeTimers();
  const times: number[] = [];
  const timer = startPatientTimer(() => times.push(source.now()), { ms, source });
  return { source, times, clear: () => timer.clear() };
}

Deno.test("patient timer: happens once, when it is due", () => {
  const { source, times } = start(5_000);
  source.jump(4_999);
  assertEquals(times, []);
  source.jump(100);
  source.jump(60_000);
  assertEquals(times, [5_099]);
});

Deno.test("patient timer: one that was slept through leaves time to read what came meanwhile", () => {
  const { source, times } = start(5_000);
  source.jump(80_000);
  assertEquals(times, []);
  source.jump(999);
  assertEquals(times, []);
  source.jump(1);
  assertEquals(times, [81_000]);
});

Deno.test("patient timer: is prevented before it is due, and while it leaves time", () => {
  const early = start(5_000);
  early.clear();
  early.source.jump(6_000);
  const late = start(5_000);
  late.source.jump(80_000);
  late.clear();
  late.source.jump(80_000);
  assertEquals([early.times, late.times], [[], []]);
});
