import { assertEquals, assertRejects } from "@std/assert";
import { history } from "../../../lib/client/commands/history.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { until } from "../../support/waiting.ts";

const OPTIONS = { room: "ops", limit: 2, json: true, timeoutMs: 30_000, isWatched: false };
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
  const peer = await world.server.accept();
  await peer.hello();
  const { id: _, ...asked } = await peer.answer("history", PAGE);
  assertEquals(asked, { type: "history", room: "ops", limit: 2, before: 9 });
  await reading;
  const lines = world.output.out.split("\n").filter((line) => line !== "");
  assertEquals(lines.map((line) => JSON.parse(line)), PAGE.events);
  assertEquals(world.output.err, "");
  peer.close();
});

Deno.test("history: a message is shown as it is now, once, and a change of an older one, too", async () => {
  await using world = await fakeWorld();
  const reading = history(world.context, { ...OPTIONS, limit: 6, json: false });
  const peer = await world.server.accept();
  await peer.hello();
  const { content: _text, ...deleted } = message(2, { deleted: 5 });
  await peer.answer("history", {
    ...PAGE,
    events: [
      message(1, { content: "db4, too", edited: 4 }),
      deleted,
      { ...message(3), type: "edit", of: 1, content: undefined },
      { ...message(4), type: "edit", of: 1, content: "db4, too" },
      { ...deleted, type: "delete", seq: 5, of: 2, deleted: undefined },
      { ...message(6), type: "edit", of: 0, content: "long ago" },
    ],
  });
  await reading;
  const texts = world.output.out.split("\n").map((line) => line.replace(/^.*bob/, "bob"));
  assertEquals(texts, ["bob ~ db4, too", "bob (deleted)", "bob ~ long ago", ""]);
  peer.close();
});

Deno.test("history: without an answer in time it is 124", async () => {
  await using world = await fakeWorld();
  const reading = assertRejects(() => history(world.context, OPTIONS), Failure, "within 30 s");
  const peer = await world.server.accept();
  await peer.hello();
  await peer.next("history");
  await world.clock.advance(30_000);
  assertEquals((await reading).exitCode, 124);
  peer.close();
});

Deno.test("history: a cut in the middle is an error, not a shorter history", async () => {
  await using world = await fakeWorld();
  const reading = assertRejects(() => history(world.context, OPTIONS), Failure);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.next("history");
  peer.close();
  assertEquals((await reading).exitCode, 69);
});

const LAST = { ...PAGE, events: [message(299), message(300)], more_before: true };

function range(from: number, to: number): readonly object[] {
  return Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
}

/** Starts reading 300 messages; the first answer has only the newest two. */
async function readLong(
  world: FakeWorld,
): Promise<{ readonly reading: Promise<number>; readonly peer: FakePeer }> {
  const reading = history(world.context, { ...OPTIONS, limit: 300 });
  reading.catch(() => {});
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("history", LAST);
  return { reading, peer };
}

const page = (from: number, to: number) => ({
  ...PAGE,
  events: range(from, to),
  more_before: from > 1,
  more_after: to < 300,
});

Deno.test("history: the time-out is for silence, not for a long answer", async () => {
  await using world = await fakeWorld();
  const { reading, peer } = await readLong(world);
  for (let from = 1; from <= 300; from += 100) {
    await peer.next("history").then(async ({ id }) => {
      await world.clock.advance(29_000);
      await peer.send({ re: id, ...page(from, from + 99) });
    });
  }
  await reading;
  assertEquals(world.output.out.split("\n").length, 301);
  assertEquals(world.output.err, "");
  peer.close();
});

Deno.test("history: missing newest messages are named, and the others were printed", async () => {
  for (const how of ["cut", "silent", "limited", "refused"]) {
    await using world = await fakeWorld();
    const { reading, peer } = await readLong(world);
    await peer.answer("history", page(1, 100));
    const failed = assertRejects(() => reading, Failure, "messages 101–300 are missing from what");
    const { id } = await peer.next("history");
    const error = { type: "error", re: id, message: "no", retry: true, after_ms: 60_000 };
    if (how === "cut") peer.close();
    else if (how === "limited") await peer.send({ ...error, code: "rate_limited" });
    else if (how === "refused") await peer.send({ ...error, code: "unavailable" });
    if (how === "limited" || how === "silent") await world.clock.advance(30_000);
    const expected = { cut: 69, silent: 124, limited: 75, refused: 75 }[how];
    assertEquals((await failed).exitCode, expected, how);
    assertEquals(world.output.out.split("\n").length, 101);
    peer.close();
  }
});

Deno.test("history: messages that the server leaves out are named, and the exit code is not 0", async () => {
  await using world = await fakeWorld();
  const { reading, peer } = await readLong(world);
  await peer.answer("history", page(1, 100));
  await peer.answer("history", page(103, 200));
  await peer.answer("history", page(201, 300));
  const error = await assertRejects(() => reading, Failure, "2 messages are missing");
  assertEquals(error.exitCode, 1);
  assertEquals(world.output.err, "! #ops: messages 101–102 are missing\n");
  peer.close();
});

Deno.test("history: busy is waited out, and is 75 when it lasts", async () => {
  await using world = await fakeWorld();
  const reading = assertRejects(() => history(world.context, OPTIONS), Failure, "full");
  const peer = await world.server.accept();
  const busy = { type: "error", code: "busy", message: "full", retry: true, after_ms: 20_000 };
  await peer.answer("hello", busy);
  await until(() => world.clock.waits.includes(20_075));
  await world.clock.advance(20_075);
  const again = await world.server.accept();
  await again.answer("hello", busy);
  assertEquals((await reading).exitCode, 75);
  peer.close();
  again.close();
});

Deno.test("history: a person sees the progress, a pipe does not", async () => {
  for (const isWatched of [true, false]) {
    await using world = await fakeWorld();
    const reading = history(world.context, { ...OPTIONS, limit: 300, isWatched });
    const peer = await world.server.accept();
    await peer.hello();
    await peer.answer("history", LAST);
    for (let from = 1; from <= 300; from += 100) {
      const { id } = await peer.next("history");
      await world.clock.advance(1_000);
      await peer.send({ re: id, ...page(from, from + 99) });
    }
    await reading;
    const shown = "\r100 of 300 messages (33 %)\r200 of 300 messages (66 %)";
    assertEquals(world.output.err.startsWith(shown), isWatched, world.output.err);
    assertEquals(/^$|\r {27}\r$/.test(world.output.err), true, JSON.stringify(world.output.err));
    peer.close();
  }
});
