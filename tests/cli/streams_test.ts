// Every command of both programs with some kinds of stdin and stdout; with all kinds in
// tests/faults/streams_test.ts.

import { describeClient } from "../../lib/config/client_commands.ts";
import { CLIENT_ROWS } from "../faults/streams/client_rows.ts";
import { ClientScene } from "../faults/streams/client_scene.ts";
import { type Streams, streamsOf } from "../faults/streams/kinds.ts";
import { assertComplete, type Row, runRows } from "../faults/streams/rows.ts";
import { describeServer, SERVER_ROWS } from "../faults/streams/server_rows.ts";
import { ServerScene } from "../faults/streams/server_scene.ts";

Deno.test("streams: every command of the client has a row", () => {
  assertComplete(describeClient(), CLIENT_ROWS);
});

Deno.test("streams: every command of the server has a row", () => {
  assertComplete(describeServer(), SERVER_ROWS);
});

Deno.test("streams: a stdin that cannot be read and a full stdout are 78 in one line", async () => {
  await using scene = await ClientScene.open();
  await runRows(scene, (row, at) => [chooseStreams(row, at)]);
});

Deno.test("streams: the server's commands, too, end as they must", async () => {
  await using scene = await ServerScene.open();
  await runRows(scene, (row, at) => [chooseStreams(row, at)]);
});

/** What matters most to a row; for those that use neither stream, one or the other. */
function chooseStreams({ reads, prints }: Row, at: number): Streams {
  if (reads) return streamsOf({ stdin: at % 2 === 0 ? "directory" : "unreadable" });
  if (prints) return streamsOf({ stdout: at % 3 === 0 ? "gone" : "full" });
  return streamsOf(at % 2 === 0 ? { stdin: "closed" } : { stdout: "full" });
}
