// Every command of both programs with every kind of stdin and stdout that a script may give it.

import { ClientScene } from "./streams/client_scene.ts";
import { ALL_STREAMS } from "./streams/kinds.ts";
import { runRows } from "./streams/rows.ts";
import { ServerScene } from "./streams/server_scene.ts";

Deno.test("streams: every command of the client ends as it must, whatever its stdin and stdout are", async () => {
  await using scene = await ClientScene.open();
  await runRows(scene, ({ interruptAt, prints }) =>
    // Without a line to be seen there is no moment to interrupt it.
    ALL_STREAMS.filter(({ stdout }) =>
      !prints || interruptAt === undefined || stdout !== "closed"
    ));
});

Deno.test("streams: every command of the server ends as it must, whatever its stdin and stdout are", async () => {
  await using scene = await ServerScene.open();
  await runRows(scene, () => ALL_STREAMS);
});
