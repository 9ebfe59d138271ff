import { assertEquals } from "@std/assert";
import { rooms } from "../../../lib/client/commands/rooms.ts";
import { fakeWorld } from "../../support/clients/client_parts.ts";

function room(name: string): object {
  return { room: name, topic: "talk\u001b[2J", members: 3, first: 1, last: 9, count: 3 };
}

Deno.test("rooms: all pages are printed, by name, and nothing of a topic acts on the terminal", async () => {
  await using world = await fakeWorld();
  const options = { isJoined: false, json: false, timeoutMs: 30_000 };
  const printing = rooms(world.context, options);
  const peer = await world.server.accept();
  await peer.hello();
  const first = { type: "rooms", rooms: [room("dev"), room("lobby")], more: true };
  assertEquals((await peer.answer("rooms", first)).after, undefined);
  const second = { type: "rooms", rooms: [room("ops")], more: false };
  assertEquals((await peer.answer("rooms", second)).after, "lobby");
  await printing;
  const { out } = world.output;
  assertEquals(out.trimEnd().split("\n").map((line) => line.split(/\W+/).filter(Boolean)[0]), [
    "dev",
    "lobby",
    "ops",
  ]);
  assertEquals(out.includes("\u001b"), false);
  peer.close();
});

Deno.test("rooms: --joined asks for one's own, and --json prints them as they came", async () => {
  await using world = await fakeWorld();
  const options = { isJoined: true, json: true, timeoutMs: 30_000 };
  const printing = rooms(world.context, options);
  const peer = await world.server.accept();
  await peer.hello();
  const reply = { type: "rooms", rooms: [room("ops")], more: false };
  assertEquals((await peer.answer("rooms", reply)).joined, true);
  await printing;
  assertEquals(JSON.parse(world.output.out), room("ops"));
  peer.close();
});
