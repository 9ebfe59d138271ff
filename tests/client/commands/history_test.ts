import { assertEquals, assertRejects } from "@std/assert";
import { history } from "../../../lib/client/commands/history.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { fakeWorld } from "../../support/client_parts.ts";
import { message } from "../../support/fake_peer.ts";

const OPTIONS = { room: "ops", limit: 2, json: true, timeoutMs: 30_000 };
const PAGE = {
  type: "page",
  room: "ops",
  events: [message(1), message(2, { content: "ü\x9b" })],
  more_before: false,
  more_after: false,
};

Deno.test("history: --json prints the events, and nothing else", async () => {
  await using world = await fakeWorld();
  const reading = history(world.context, { ...OPTIONS, before: 9 });
  const peer = await world.door.accept();
  await peer.hello();
  const { id: _, ...asked } = await peer.answer("history", PAGE);
  assertEquals(asked, { type: "history", room: "ops", limit: 2, before: 9 });
  await reading;
  const lines = world.output.out.split("\n").filter((line) => line !== "");
  assertEquals(lines.map((line) => JSON.parse(line)), PAGE.events);
  assertEquals(world.output.err, "");
  peer.close();
});

Deno.test("history: without an answer in time it is 124", async () => {
  await using world = await fakeWorld();
  const reading = assertRejects(() => history(world.context, OPTIONS), Failure, "within 30 s");
  const peer = await world.door.accept();
  await peer.hello();
  await peer.next("history");
  await world.clock.advance(30_000);
  assertEquals((await reading).exitCode, 124);
  peer.close();
});

Deno.test("history: a cut in the middle is an error, not a shorter history", async () => {
  await using world = await fakeWorld();
  const reading = assertRejects(() => history(world.context, OPTIONS), Failure);
  const peer = await world.door.accept();
  await peer.hello();
  await peer.next("history");
  peer.close();
  assertEquals((await reading).exitCode, 69);
});
