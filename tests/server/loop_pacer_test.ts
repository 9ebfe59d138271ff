import { assertEquals } from "@std/assert";
import { type EventLoop, LoopPacer } from "../../lib/server/loop_pacer.ts";

/** An event loop that turns when the test says so, and notes when it could come to rest. */
class HandLoop implements EventLoop {
  now = 0;
  rests = 0;
  #next: { work: () => void; isRest: boolean } | undefined;

  readonly monotonic = (): number => this.now;

  immediately(work: () => void): void {
    this.#next = { work, isRest: false };
  }

  afterIdle(work: () => void): void {
    this.#next = { work, isRest: true };
  }

  get isIdle(): boolean {
    return this.#next === undefined;
  }

  turn(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next?.isRest) this.rests++;
    next?.work();
  }
}

function createTurns(): { loop: HandLoop; turns: LoopPacer } {
  const loop = new HandLoop();
  return { loop, turns: new LoopPacer(loop.monotonic, loop) };
}

Deno.test("loop pacer: scheduled work runs in the next turn, in the order of the calls", () => {
  const { loop, turns } = createTurns();
  const done: number[] = [];
  turns.schedule(() => done.push(1));
  turns.schedule(() => done.push(2));
  assertEquals(done, []);
  loop.turn();
  assertEquals(done, [1, 2]);
});

Deno.test("loop pacer: without further calls there is no further turn", () => {
  const { loop, turns } = createTurns();
  turns.schedule(() => {});
  for (let turn = 0; turn < 2; turn++) loop.turn();
  assertEquals(loop.isIdle, true);
  assertEquals(loop.rests, 0);
});

Deno.test("loop pacer: a loop that is kept busy becomes idle every 10 ms", () => {
  const { loop, turns } = createTurns();
  let worked = 0;
  const work = () => {
    worked++;
    turns.schedule(work);
  };
  turns.schedule(work);
  for (; loop.now < 100; loop.now++) loop.turn();
  assertEquals(worked, 100);
  assertEquals(loop.rests >= 8 && loop.rests <= 10, true, `${loop.rests}`);
});

Deno.test("loop pacer: work that could continue at once waits while the loop has to become idle", async () => {
  const { loop, turns } = createTurns();
  const waits: boolean[] = [];
  let waited = Promise.resolve();
  for (; loop.now < 12; loop.now++) {
    const rest = turns.yieldIfBusy();
    waits.push(rest !== undefined);
    if (rest !== undefined) waited = rest;
    if (rest === undefined) loop.turn();
  }
  assertEquals(waits, [...new Array(11).fill(false), true]);
  loop.turn();
  await waited;
  assertEquals(loop.rests, 1);
  assertEquals(turns.yieldIfBusy(), undefined);
});

Deno.test("loop pacer: a loop that was idle meanwhile was not busy", () => {
  const { loop, turns } = createTurns();
  for (let message = 0; message < 50; message++) {
    assertEquals(turns.yieldIfBusy(), undefined);
    while (!loop.isIdle) loop.turn();
    loop.now += 9;
  }
  assertEquals(loop.rests, 0);
});
