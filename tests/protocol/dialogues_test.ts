// Every dialogue of the page, replayed frame by frame against a server with its default limits.

import { assert, assertRejects } from "@std/assert";
import { startTestServer } from "../support/server.ts";
import { parseDialogues, playDialogue } from "./dialogue.ts";

const page = Deno.readTextFileSync(new URL("../../docs/protocol.md", import.meta.url));
const dialogues = parseDialogues(page);

for (const [at, dialogue] of dialogues.entries()) {
  Deno.test(`protocol: dialogue ${at + 1}, under "${dialogue.heading}", happens so`, async () => {
    await using server = await startTestServer();
    await playDialogue(dialogue, server);
  });
}

Deno.test("protocol: dialogues are found in the page", () => {
  assert(dialogues.length >= 10);
});

/** What differs from the server in one value, one field, one frame, or one name. */
const WRONG: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ["another value", ['A> {"type":"ping","id":1}', 'A< {"type":"pong","re":2,"time":…}']],
  ["a field too few", ['A> {"type":"ping","id":1}', 'A< {"type":"pong","re":1}']],
  ["a field too many", ['A> {"type":"ping","id":1}', 'A< {"type":"pong","x":…,…}']],
  ["a frame too few", ['A> {"type":"ping"}', 'A> {"type":"ping"}', 'A< {"type":"pong",…}']],
  ["an end that does not come", ['A> {"type":"ping"}', "A< (end)"]],
  ["a name for two values", ['A> {"type":"ping","id":1}', 'A< {"type":"<x>","re":<x>,"time":…}']],
];

for (const [what, lines] of WRONG) {
  Deno.test(`protocol: a dialogue with ${what} would be noticed`, async () => {
    await using server = await startTestServer();
    const [dialogue] = parseDialogues(["```dialogue", ...lines, "```"].join("\n"));
    assert(dialogue !== undefined);
    await assertRejects(() => playDialogue(dialogue, server), Error);
  });
}
