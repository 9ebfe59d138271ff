// Every command of the client with every kind of stdin and stdout that a script may give it.

import { runRows } from "./streams/rows.ts";
import { Scene, STDINS, STDOUTS, type Streams } from "./streams/streams.ts";

Deno.test("streams: every command ends as it must, whatever its stdin and stdout are", async () => {
  await using scene = await Scene.open();
  const stdins = Object.keys(STDINS) as (keyof typeof STDINS)[];
  const stdouts = Object.keys(STDOUTS) as (keyof typeof STDOUTS)[];
  await runRows(scene, ({ isEndless }) => [
    ...stdins.map((stdin): Streams => ({ stdin })),
    // Without a line to be seen there is no moment to interrupt it.
    ...stdouts.filter((kind) => isEndless === undefined || kind !== "closed")
      .map((stdout): Streams => ({ stdout })),
  ]);
});
