import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { tail, type TailOptions } from "../../../lib/client/commands/tail.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { OutputClosed } from "../../../lib/client/output/plain_and_json_views.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { until } from "../../support/waiting.ts";

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

function start(world: FakeWorld, more: Partial<TailOptions> = {}): Promise<unknown> {
  const following = tail(world.context, { room: "ops", history: 0, json: true, ...more });
  return following.catch((error) => error);
}

async function welcomed(world: FakeWorld): Promise<FakePeer> {
  const peer = await world.server.accept();
  await peer.hello();
  return peer;
}

function page(...seqs: readonly number[]): object {
  const events = seqs.map((seq) => message(seq));
  return { type: "page", room: "ops", events, more_before: true, more_after: false };
}

function recovered(missed: number, last: number): object {
  return { type: "resumed", rooms: [{ room: "ops", recovered: true, missed, last }] };
}

function seqs(world: FakeWorld): readonly number[] {
  return world.output.out.split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line).seq
  );
}

async function stop(
  world: FakeWorld,
  following: Promise<unknown>,
  ...peers: readonly FakePeer[]
): Promise<void> {
  world.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals((await following as Failure).exitCode, 130);
  assertEquals(await peers.at(-1)?.find(), undefined, "nothing else was asked for");
  for (const peer of peers) peer.close();
}

Deno.test("tail: it follows a room from its newest message on, without becoming a member", async () => {
  await using world = await fakeWorld();
  const following = start(world);
  const peer = await welcomed(world);
  assertEquals((await peer.answer("history", page(57))).limit, 1);
  const resume = await peer.answer("resume", recovered(0, 57));
  assertEquals([resume.epoch, resume.rooms], ["epoch-1", [{ room: "ops", seq: 57 }]]);
  await peer.send(message(58), message(59));
  await settle();
  assertEquals(seqs(world), [58, 59]);
  assertEquals(world.output.err, "");
  await stop(world, following, peer);
});

Deno.test("tail: history comes first, messages sent meanwhile next, none twice", async () => {
  await using world = await fakeWorld();
  const following = start(world, { history: 3 });
  const peer = await welcomed(world);
  await peer.answer("history", page(57));
  assertEquals((await peer.answer("history", page(55, 56, 57))).limit, 3);
  assertEquals((await peer.answer("resume", recovered(1, 58))).rooms, [{ room: "ops", seq: 57 }]);
  await peer.send(message(58), message(59));
  await settle();
  assertEquals(seqs(world), [55, 56, 57, 58, 59]);
  await stop(world, following, peer);
});

Deno.test("tail: --since reads what is too old to be replayed page by page, until it is live", async () => {
  await using world = await fakeWorld();
  const following = start(world, { since: 4 });
  const peer = await welcomed(world);
  await peer.answer("history", page(400));
  const gap = { room: "ops", recovered: false, missed: 396, last: 400, reason: "too_many" };
  assertEquals((await peer.answer("resume", { type: "resumed", rooms: [gap] })).rooms[0].seq, 4);
  await peer.send(message(401));
  for (const after of [4, 104, 204, 304]) {
    const to = Math.min(after + 100, 400);
    assertEquals((await peer.answer("history", page(...range(after + 1, to)))).after, after);
  }
  await peer.send(message(402));
  await settle();
  assertEquals(seqs(world), range(5, 402));
  await stop(world, following, peer);
});

Deno.test("tail: an empty room is followed from its first message", async () => {
  await using world = await fakeWorld();
  const following = start(world, { history: 10 });
  const peer = await welcomed(world);
  await peer.answer("history", page());
  await peer.answer("history", page());
  assertEquals((await peer.answer("resume", recovered(0, 0))).rooms[0].seq, 0);
  await peer.send(message(1));
  await settle();
  assertEquals(seqs(world), [1]);
  await stop(world, following, peer);
});

Deno.test("tail: after a restart it continues from its cursor, with a line on stderr", async () => {
  await using world = await fakeWorld();
  const following = start(world);
  const first = await welcomed(world);
  await first.answer("history", page(57));
  await first.answer("resume", recovered(0, 57));
  await first.send(message(58));
  await first.send({
    type: "bye",
    code: "restarting",
    message: "back soon",
    reconnect: true,
    after_ms: 2_000,
  });
  await settle();
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  for (let tries = 0; tries < 5; tries++) await world.clock.advance(10_000);
  world.server.fault = undefined;
  const attempts = world.server.attempts;
  while (world.server.attempts === attempts) await world.clock.advance(500);
  const second = await welcomed(world);
  assertEquals((await second.answer("resume", recovered(2, 60))).rooms, [{ room: "ops", seq: 58 }]);
  await second.send(message(59), message(60), message(61));
  await settle();
  assertEquals(seqs(world), [58, 59, 60, 61]);
  assertEquals(world.output.err.split("\n"), [
    "! back soon; trying again in 2 seconds",
    "! Cannot reach chat:1; trying again",
    "── Connected again",
    "── Missed meanwhile: 2 in #ops · nothing lost",
    "",
  ]);
  await stop(world, following, first, second);
});

Deno.test("tail: after a cut in the middle of the history no message is lost or doubled", async () => {
  await using world = await fakeWorld();
  const following = start(world, { history: 150 });
  const first = await welcomed(world);
  await first.answer("history", page(400));
  await first.answer("history", page(...range(301, 400)));
  assertEquals((await first.answer("history", page(...range(251, 350)))).after, 250);
  await first.next("history");
  first.close();
  await settle();
  await world.clock.advance(1_000);
  const second = await welcomed(world);
  await second.answer("history", page(400));
  assertEquals((await second.answer("resume", recovered(50, 400))).rooms[0].seq, 350);
  await second.send(...range(351, 401).map((seq) => message(seq)));
  await settle();
  assertEquals(seqs(world), range(251, 401));
  await stop(world, following, second);
});

Deno.test("tail: a missing room ends it with 1", async () => {
  await using world = await fakeWorld();
  const following = start(world);
  const peer = await welcomed(world);
  await peer.answer("history", {
    type: "error",
    code: "no_such_room",
    message: "There is no room ops",
  });
  const error = await following as Failure;
  assertEquals([error.exitCode, error.message], [1, "There is no room ops"]);
  peer.close();
});

Deno.test("tail: a room that can no longer be read ends it, too", async () => {
  await using world = await fakeWorld();
  const following = start(world);
  const first = await welcomed(world);
  await first.answer("history", page(57));
  await first.answer("resume", {
    type: "resumed",
    rooms: [{ room: "ops", error: "no_such_room" }],
  });
  assertEquals((await following as Failure).exitCode, 1);
  first.close();
});

Deno.test("tail: a failed first connection is 69", async () => {
  await using world = await fakeWorld();
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  assertEquals((await start(world) as Failure).exitCode, 69);
});

Deno.test("tail: when its reader has closed stdout it ends quietly", async () => {
  await using world = await fakeWorld();
  world.output.stdout = () => {
    throw new OutputClosed("closed");
  };
  const following = tail(world.context, { room: "ops", history: 0, json: false });
  const gone = assertRejects(() => following, OutputClosed);
  const peer = await welcomed(world);
  await peer.answer("history", page(57));
  await peer.answer("resume", recovered(0, 57));
  await peer.send(message(58));
  await gone;
  peer.close();
});

Deno.test("tail: lines about the connection do not mix with the data", async () => {
  await using world = await fakeWorld();
  const following = start(world, { json: false });
  const peer = await welcomed(world);
  await peer.answer("history", page(57));
  const gap = { room: "ops", recovered: false, missed: 90, last: 147, reason: "retention" };
  await peer.answer("resume", { type: "resumed", rooms: [gap] });
  await peer.answer("history", page(146, 147));
  await settle();
  assertEquals(world.output.out.split("\n").length, 3);
  assertStringIncludes(world.output.err, "#ops: messages 58–145 are missing");
  await stop(world, following, peer);
});

Deno.test("tail: a server that always says 0 is not asked in a hot loop", async () => {
  await using world = await fakeWorld();
  const following = start(world, { since: 57 });
  const peer = await welcomed(world);
  await peer.answer("history", page(57));
  let asks = 0;
  const refusing = (async () => {
    const limited = { type: "error", code: "rate_limited", message: "slowly", retry: true };
    for (let asked = await peer.find(); asked; asked = await peer.find()) {
      if (asked.type === "resume") asks++;
      await peer.send({ re: asked.id, ...limited, after_ms: 0 });
    }
  })();
  for (let second = 0; second < 6; second++) await world.clock.advance(1_000);
  assert(asks >= 2 && asks < 10, `${asks} asks`);
  await stop(world, following, peer);
  await refusing;
});

Deno.test("tail: a long backlog is paged at the server's pace, and not by running into every refusal", async () => {
  await using world = await fakeWorld();
  const following = start(world, { since: 0 });
  const peer = await welcomed(world);
  await peer.answer("history", page(3_000));
  const gap = { room: "ops", recovered: false, missed: 3_000, last: 3_000, reason: "too_many" };
  await peer.answer("resume", { type: "resumed", rooms: [gap] });
  let refusals = 0;
  let freeAt = 0;
  const serving = (async () => {
    for (let asked = await peer.find(); asked; asked = await peer.find()) {
      const now = world.clock.monotonic();
      const limited = { type: "error", code: "rate_limited", message: "slowly", retry: true };
      if (now < freeAt) {
        refusals++;
        await peer.send({ re: asked.id, ...limited, after_ms: freeAt - now });
      } else {
        freeAt = now + 500;
        const answer = page(...range(asked.after + 1, asked.after + 100));
        await peer.send({ re: asked.id, ...answer });
      }
    }
  })();
  for (let second = 0; second < 20; second++) await world.clock.advance(1_000);
  assertEquals(seqs(world).length, 3_000);
  assert(refusals < 15, `${refusals} refusals of 30 pages`);
  await stop(world, following, peer);
  await serving;
});

Deno.test("tail: a first connection that the server only postpones is waited for", async () => {
  await using world = await fakeWorld();
  const following = start(world);
  const busy = await world.server.accept();
  const refusal = { type: "error", code: "busy", message: "full", retry: true, after_ms: 700 };
  await busy.answer("hello", refusal);
  await until(() => world.output.err !== "");
  await world.clock.advance(1_000);
  const peer = await welcomed(world);
  await peer.answer("history", page(57));
  await peer.answer("resume", recovered(0, 57));
  assertEquals(world.output.err, "! full; trying again\n");
  await stop(world, following, peer);
  busy.close();
});

Deno.test("tail: a room that has yet to reach --since is followed, and shown behind it alone", async () => {
  await using world = await fakeWorld();
  const following = start(world, { since: 59 });
  const peer = await welcomed(world);
  await peer.answer("history", page(57));
  assertEquals((await peer.answer("resume", recovered(0, 57))).rooms[0].seq, 57);
  await peer.send(message(58), message(59), message(60));
  await settle();
  assertEquals([seqs(world), world.output.err], [[60], ""]);
  await stop(world, following, peer);
});
