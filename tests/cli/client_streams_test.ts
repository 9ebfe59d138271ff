// Every command of the client with some kinds of stdin and stdout; with all kinds in
// tests/faults/streams_test.ts.

import { assertComplete, type Row, runRows } from "../faults/streams/rows.ts";
import { Scene, type Streams } from "../faults/streams/streams.ts";

Deno.test("streams: every command has a row", assertComplete);

Deno.test("streams: a stdin that cannot be read and a full stdout are 78 in one line", async () => {
  await using scene = await Scene.open();
  await runRows(scene, (row, at) => [chooseStreams(row, at)]);
});

/** What matters most to a row; for those that use neither stream, one or the other. */
function chooseStreams({ reads, prints }: Row, at: number): Streams {
  if (reads) return { stdin: at % 2 === 0 ? "directory" : "unreadable" };
  if (prints) return { stdout: at % 3 === 0 ? "gone" : "full" };
  return at % 2 === 0 ? { stdin: "closed" } : { stdout: "full" };
}
