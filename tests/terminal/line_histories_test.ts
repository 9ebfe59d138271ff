// Random histories in the emulator; `test:faults` runs 10,000 of them.

import { checkHistory, type Kind } from "../support/terminals/line_histories.ts";
import { Random } from "../support/random.ts";

const HISTORIES = 150;

Deno.test("live line: messages and draft stand there once and whole (random)", async () => {
  await checkHistories("hostile");
});

Deno.test("live line: so they do when the window is resized (random)", async () => {
  await checkHistories("resized");
});

Deno.test("live line: so they do in a terminal that cuts its rows off (random)", async () => {
  await checkHistories("cut off");
});

Deno.test("live line: a row of the draft that has left the screen whole comes back in its own width", async () => {
  await checkHistory(new Random(2_103_683_244), "resized");
});

async function checkHistories(kind: Kind): Promise<void> {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    try {
      await checkHistory(new Random(seed), kind);
    } catch (error) {
      throw new Error(`Failed with the seed ${seed}`, { cause: error });
    }
  }
}
