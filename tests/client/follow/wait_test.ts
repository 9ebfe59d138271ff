import { assertEquals, assertStringIncludes } from "@std/assert";
import { Failure } from "../../../lib/client/exit.ts";
import { PatternMatcher } from "../../../lib/client/follow/pattern_matcher.ts";
import { wait, type WaitOptions } from "../../../lib/client/follow/wait.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";

/** Waits as the command does, but on a machine that is never too slow. @returns how it ended */
function start(world: FakeWorld, more: Partial<WaitOptions> = {}): Promise<unknown> {
  const options = {
    room: "ops",
    pattern: "^text 7",
    timeoutMs: 60_000,
    json: true,
    patternClock: new FakeClock(),
    ...more,
  };
  return wait(world.context, options).then(() => "found", (error) => error);
}

/** The next connection, followed from a seq on. */
async function followed(world: FakeWorld, seq: number): Promise<FakePeer> {
  const peer = await world.server.accept();
  await peer.hello();
  const events = [message(57)];
  const page = { type: "page", room: "ops", events, more_before: true, more_after: false };
  await peer.answer("history", page);
  const rooms = [{ room: "ops", recovered: true, missed: 57 - seq, last: 57 }];
  const resume = await peer.answer("resume", { type: "resumed", rooms });
  assertEquals(resume.rooms, [{ room: "ops", seq }]);
  return peer;
}

Deno.test("wait: the first message behind now that matches is printed, and no earlier one", async () => {
  await using world = await fakeWorld();
  const waiting = start(world, { pattern: "^text 5[79]|^text 60" });
  const peer = await followed(world, 57);
  await peer.send(message(58), message(59), message(60));
  assertEquals(await waiting, "found");
  const printed = world.output.out.trimEnd().split("\n").map((line) => JSON.parse(line).seq);
  assertEquals([printed, world.output.err], [[59], ""]);
  peer.close();
});

Deno.test("wait: behind --since older messages count, and those up to it never", async () => {
  await using world = await fakeWorld();
  const waiting = start(world, { since: 55, pattern: "^text 5[5-9]", json: false, showsSeq: true });
  const peer = await followed(world, 55);
  await peer.send(message(56), message(57));
  assertEquals(await waiting, "found");
  assertStringIncludes(world.output.out, "56 ");
  assertEquals(world.output.out.split("\n").length, 2);
  peer.close();
});

Deno.test("wait: a cut and a restart miss nothing, and the search goes on behind the last message", async () => {
  await using world = await fakeWorld();
  const waiting = start(world, { pattern: "^text 60$" });
  const first = await followed(world, 57);
  await first.send(message(58));
  await settle();
  first.close();
  await world.clock.advance(60_000 / 10);
  const second = await world.server.accept();
  await second.hello();
  const rooms = [{ room: "ops", recovered: true, missed: 2, last: 60 }];
  const resume = await second.answer("resume", { type: "resumed", rooms });
  assertEquals(resume.rooms, [{ room: "ops", seq: 58 }]);
  await second.send(message(59), message(60));
  assertEquals(await waiting, "found");
  second.close();
});

Deno.test("wait: 124 when nothing has matched in time, 130 when it is interrupted", async () => {
  await using world = await fakeWorld();
  const late = start(world);
  const peer = await followed(world, 57);
  await peer.send(message(58));
  await settle();
  await world.clock.advance(60_000);
  const { exitCode, message: why } = await late as Failure;
  assertEquals([exitCode, why], [124, "No message has matched within 1 min"]);
  peer.close();

  await using other = await fakeWorld();
  const waiting = start(other);
  const second = await followed(other, 57);
  other.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals((await waiting as Failure).exitCode, 130);
  second.close();
});

Deno.test("wait: a deleted text and a topic match nothing, an edited text does", async () => {
  await using world = await fakeWorld();
  const waiting = start(world, { pattern: "" });
  const peer = await followed(world, 57);
  const { content: _, ...deleted } = message(58, { deleted: 60 });
  const topic = { ...message(59), type: "topic", content: "", topic: "text" };
  await peer.send(deleted, topic, { ...message(60), type: "edit", of: 57, content: "better" });
  assertEquals(await waiting, "found");
  assertEquals(JSON.parse(world.output.out).seq, 60);
  peer.close();
});

Deno.test("wait: a room that has yet to reach --since is followed, and nothing up to it matches", async () => {
  await using world = await fakeWorld();
  const waiting = start(world, { since: 59, pattern: "^text" });
  const peer = await followed(world, 57);
  await peer.send(message(58), message(59), message(60));
  assertEquals(await waiting, "found");
  assertEquals(JSON.parse(world.output.out).seq, 60);
  peer.close();
});

Deno.test("wait: a room that starts over after a restore matches nothing from before", async () => {
  await using world = await fakeWorld();
  const waiting = start(world, { pattern: "^text" });
  const peer = await world.server.accept();
  await peer.hello();
  const more = { room: "ops", more_before: true, more_after: false };
  await peer.answer("history", { type: "page", ...more, events: [message(57)] });
  const gap = { room: "ops", recovered: false, missed: 0, last: 3, reason: "epoch" };
  await peer.answer("resume", { type: "resumed", rooms: [gap] });
  await peer.answer("history", { type: "page", ...more, events: [1, 2, 3].map((n) => message(n)) });
  await peer.send(message(4));
  await settle();
  assertEquals(world.output.out, "");
  world.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals((await waiting as Failure).exitCode, 130);
  peer.close();
});

Deno.test("pattern: it is tried in its own thread, one text after the other", async () => {
  using matcher = new PatternMatcher("^.(?i:OK)$", new FakeClock());
  assertEquals(await matcher.matches("\u{1f600}ok"), true);
  assertEquals(await matcher.matches("not ok"), false);
});

Deno.test("pattern: one that takes too long for a text is 64, and nothing waits for its end", async () => {
  const clock = new FakeClock();
  using matcher = new PatternMatcher("^(a+)+$", clock);
  assertEquals(await matcher.matches("aa"), true);
  // Tried to its end it takes some seconds of its own thread.
  const trying = matcher.matches(`${"a".repeat(29)}b`).catch((error) => error);
  await clock.advance(2_000);
  const { exitCode, message: why } = await trying;
  assertEquals([exitCode, why], [
    64,
    "--match cannot be tried on a message: it takes longer than 2 s",
  ]);
});
