import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ask, type AskOptions } from "../../../lib/client/commands/ask.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, type Frame, message } from "../../support/clients/fake_peer.ts";
import { eventually, until } from "../../support/waiting.ts";

const OK = { type: "ok", room: "?42", inquiry: 42, seq: 3, time: 9, position: 2 };
const UNAVAILABLE = { type: "error", code: "unavailable", message: "later", retry: true };

function options(more: Partial<AskOptions> = {}): AskOptions {
  const stdin = () => Promise.resolve(null);
  return {
    text: "may I?",
    stdin,
    json: false,
    timeoutMs: 1_800_000,
    isWatched: false,
    ...more,
  };
}

/** Starts an ask that is expected to fail; how it fails. */
function failing(world: FakeWorld, more: Partial<AskOptions> = {}): Promise<Failure> {
  return assertRejects(() => ask(world.context, options(more)), Failure);
}

async function welcomed(world: FakeWorld): Promise<FakePeer> {
  const peer = await world.server.accept();
  await peer.hello();
  return peer;
}

/** The server behind a cut, when the client is back. */
async function welcomedBack(world: FakeWorld, cut: FakePeer): Promise<FakePeer> {
  cut.close();
  await settle();
  await world.clock.advance(1_000);
  return await welcomed(world);
}

function response(seq: number, content: string, more: object = {}): object {
  return { ...message(seq, { room: "?42", content }), type: "response", ...more };
}

function recovered(missed: number, last: number): object {
  return { type: "resumed", rooms: [{ room: "?42", recovered: true, missed, last }] };
}

/** Takes the question, and what hears the room from it on. */
async function takeQuestion(peer: FakePeer): Promise<Frame> {
  const asked = await peer.answer("inquiry", OK);
  await peer.answer("resume", recovered(0, 3));
  return asked;
}

function kept(world: FakeWorld): readonly Frame[] {
  const directory = `${world.directory}/state/outbox/chat%3A1`;
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) =>
      JSON.parse(Deno.readTextFileSync(`${directory}/${name}`))
    );
  } catch {
    return [];
  }
}

Deno.test("ask: an answer to another question of the inquiry is passed over, live and in a replay", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options({ json: true }));
  const peer = await welcomed(world);
  await takeQuestion(peer);
  await peer.send(response(4, "to another", { to: 2 }));
  const back = await welcomedBack(world, peer);
  await back.answer("resume", recovered(2, 6));
  await back.send(response(5, "to one more", { to: 1 }), response(6, "mine", { to: 3 }));
  await asking;
  const { seq, to, content } = JSON.parse(world.output.out);
  assertEquals([seq, to, content], [6, 3, "mine"]);
  back.close();
});

Deno.test("ask: the first answer after the question is printed, and nothing else", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const peer = await welcomed(world);
  const { id: _, cid, ...asked } = await peer.answer("inquiry", OK);
  assertEquals(asked, { type: "inquiry", content: "may I?" });
  assertEquals(String(cid).length, 26);
  const { rooms } = await peer.answer("resume", recovered(2, 5));
  assertEquals(rooms, [{ room: "?42", seq: 3 }]);
  await peer.send(
    message(4, { room: "?42", content: "soon?" }),
    response(5, "yes,\nit is"),
    response(6, "no"),
  );
  await asking;
  assertEquals([world.output.out, world.output.err, kept(world)], ["yes,\nit is\n", "", []]);
  peer.close();
});

Deno.test("ask: on a terminal each row of an answer begins with a bar", async () => {
  await using world = await fakeWorld();
  world.output.columns = 20;
  const asking = ask(world.context, options());
  const peer = await welcomed(world);
  const { id: _, cid, ...asked } = await peer.answer("inquiry", OK);
  assertEquals(asked, { type: "inquiry", content: "may I?" });
  assertEquals(String(cid).length, 26);
  const { rooms } = await peer.answer("resume", recovered(2, 5));
  assertEquals(rooms, [{ room: "?42", seq: 3 }]);
  await peer.send(
    message(4, { room: "?42", content: "soon?" }),
    response(5, "yes,\nit is"),
    response(6, "no"),
  );
  await asking;
  assertEquals([world.output.out, world.output.err, kept(world)], ["│ yes,\n│ it is\n", "", []]);
  peer.close();
});

Deno.test("ask: a response before the question is no answer to it", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options({ json: true }));
  const peer = await welcomed(world);
  await peer.answer("inquiry", OK);
  // The server was put back to an earlier state: the room's log is read from its beginning.
  await peer.answer("resume", {
    type: "resumed",
    rooms: [{ room: "?42", recovered: false, missed: 0, last: 2, reason: "epoch" }],
  });
  const events = [response(1, "old"), response(2, "older")];
  await peer.answer("history", {
    type: "page",
    room: "?42",
    events,
    more_before: false,
    more_after: false,
  });
  const later = [
    message(3, { room: "?42" }),
    response(4, "new", { room: "?7" }),
    response(4, "new"),
  ];
  await peer.send(...later);
  await asking;
  assertEquals(JSON.parse(world.output.out), response(4, "new"));
  peer.close();
});

Deno.test("ask: nothing in an answer acts on a terminal", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const peer = await welcomed(world);
  await takeQuestion(peer);
  await peer.send(response(4, "a\x1b[2Jb\n\u202ec\td"));
  await asking;
  assertEquals(world.output.out, "a␛[2Jb\n\ufffdc\td\n");
  peer.close();
});

Deno.test("ask: a person sees position and name once; a pipe does not", async () => {
  for (const isWatched of [true, false]) {
    await using world = await fakeWorld();
    const asking = ask(world.context, options({ isWatched }));
    const first = await world.server.accept();
    const you = { user: 7, name: "ada2", role: "guest" } as const;
    await first.hello({ you });
    await takeQuestion(first);
    await settle();
    first.close();
    await settle();
    await world.clock.advance(1_000);
    const again = await world.server.accept();
    await again.hello({ you });
    await again.answer("resume", recovered(1, 4));
    await again.send(response(4, "yes"));
    await asking;
    again.close();
    const notices = world.output.err.split("\n").filter((line) => line.startsWith("──"));
    assertEquals(
      notices,
      isWatched
        ? [
          "── The name ada is taken: you are ada2",
          "── Asked as ?42 · 2nd in the queue",
        ]
        : [],
    );
    assertStringIncludes(world.output.err, "! The server has closed the connection; trying again");
  }
});

Deno.test("ask: a question without its ok is asked again under its cid, and waited for", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const first = await welcomed(world);
  const { cid } = await first.next("inquiry");
  const second = await welcomedBack(world, first);
  const again = await second.answer("inquiry", { ...OK, dup: true });
  assertEquals([again.cid, again.content], [cid, "may I?"]);
  await second.answer("resume", recovered(1, 4));
  await second.send(response(4, "yes"));
  await asking;
  assertEquals([world.output.out, kept(world)], ["yes\n", []]);
  second.close();
});

Deno.test("ask: a store that cannot answer is asked again when the server says", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const peer = await welcomed(world);
  const { cid } = await peer.answer("inquiry", { ...UNAVAILABLE, after_ms: 700 });
  await settle();
  await world.clock.advance(700);
  assertEquals((await peer.answer("inquiry", UNAVAILABLE)).cid, cid);
  await settle();
  // Not at once, when the server does not say.
  assertEquals(world.clock.waits.at(-1), 1_000);
  await world.clock.advance(1_000);
  assertEquals((await takeQuestion(peer)).cid, cid);
  await peer.send(response(4, "yes"));
  await asking;
  peer.close();
});

Deno.test("ask: after a cut during the wait to ask again, the question is asked", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const first = await welcomed(world);
  const { cid } = await first.answer("inquiry", { ...UNAVAILABLE, after_ms: 60_000 });
  await settle();
  const second = await welcomedBack(world, first);
  assertEquals((await takeQuestion(second)).cid, cid);
  await second.send(response(4, "yes"));
  await asking;
  second.close();
});

Deno.test("ask: after a cut it goes on from its cursor, and prints the answer once", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const first = await welcomed(world);
  await takeQuestion(first);
  await first.send(message(4, { room: "?42" }));
  await settle();
  const second = await welcomedBack(world, first);
  const resume = await second.answer("resume", recovered(1, 5));
  assertEquals(resume.rooms, [{ room: "?42", seq: 4 }]);
  await second.send(response(5, "yes"), response(5, "yes"));
  await asking;
  assertEquals(world.output.out, "yes\n");
  second.close();
});

Deno.test("ask: messages of an earlier run come first; while they have no answer the question waits", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first?" });
  const cut = await welcomed(world);
  const { cid } = await cut.next("inquiry");
  world.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals((await failed).exitCode, 130);
  cut.close();

  await using next = await fakeWorld();
  const context = { ...next.context, state: world.context.state };
  const asking = ask(context, options({ isWatched: true }));
  const peer = await welcomed(next);
  assertEquals((await peer.answer("inquiry", UNAVAILABLE)).cid, cid);
  await until(() => next.output.err !== "");
  await settle();
  assertEquals(next.clock.waits.at(-1), 1_000);
  await next.clock.advance(1_000);
  assertEquals((await peer.answer("inquiry", { ...OK, seq: 1 })).cid, cid);
  const { content } = await takeQuestion(peer);
  assertEquals(content, "may I?");
  await peer.send(response(4, "yes"));
  await asking;
  assertEquals([next.output.out, kept(world)], ["yes\n", []]);
  assertStringIncludes(next.output.err, "is stored as ?42 (message 1)");
  peer.close();
});

Deno.test("ask: as another user or in another epoch the question is kept, never sent", async () => {
  for (
    const more of [{ epoch: "epoch-2" }, { you: { user: 8, name: "ada", role: "guest" as const } }]
  ) {
    await using world = await fakeWorld();
    const failed = failing(world);
    const first = await welcomed(world);
    await first.next("inquiry");
    first.close();
    await settle();
    await world.clock.advance(1_000);
    const second = await world.server.accept();
    await second.hello(more);
    const error = await failed;
    assertEquals(error.exitCode, 75);
    assertStringIncludes(error.message, "kept in");
    assertEquals(await second.find(), undefined);
    assertEquals(kept(world).map(({ content }) => content), ["may I?"]);
    second.close();
  }
});

Deno.test("ask: an inquiry that is gone or another user's is not waited for", async () => {
  const gone = [{ room: "?42", error: "no_such_inquiry" }];
  for (
    const [more, rooms] of [
      [{ epoch: "epoch-2" }, undefined],
      [{ you: { user: 8, name: "ada", role: "guest" as const } }, undefined],
      [{}, gone],
    ] as const
  ) {
    await using world = await fakeWorld();
    const failed = failing(world);
    const first = await welcomed(world);
    await takeQuestion(first);
    await settle();
    first.close();
    await settle();
    await world.clock.advance(1_000);
    const second = await world.server.accept();
    await second.hello(more);
    if (rooms !== undefined) await second.answer("resume", { type: "resumed", rooms });
    const error = await failed;
    assertEquals(error.exitCode, 1);
    assertStringIncludes(error.message, "?42");
    assertEquals(await second.find(), undefined);
    second.close();
  }
});

Deno.test("ask: a refusal is 1, and nothing is kept", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const peer = await welcomed(world);
  await peer.answer("inquiry", { type: "error", code: "muted", message: "You are muted" });
  const { exitCode, message } = await failed;
  assertEquals([exitCode, message], [1, "You are muted"]);
  assertEquals(kept(world), []);
  peer.close();
});

Deno.test("ask: out of reach at first is 69, and nothing is kept", async () => {
  await using world = await fakeWorld();
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  assertEquals((await failing(world)).exitCode, 69);
  assertEquals(kept(world), []);
});

/** How far a question got before the waiting was over. */
const STAGES = [
  { reached: "no hello", play: (peer: FakePeer) => peer.next("hello") },
  {
    reached: "no ok",
    play: async (peer: FakePeer) => {
      await peer.hello();
      await peer.next("inquiry");
    },
  },
  {
    reached: "stored",
    play: async (peer: FakePeer) => {
      await peer.hello();
      await takeQuestion(peer);
    },
  },
] as const;

/** Asks, comes so far, and is ended so. */
async function endedAt(
  { play }: (typeof STAGES)[number],
  end: (world: FakeWorld) => unknown,
): Promise<{ error: Failure; kept: readonly Frame[] }> {
  await using world = await fakeWorld();
  const failed = failing(world, { timeoutMs: 10_000 });
  const peer = await world.server.accept();
  await play(peer);
  await settle();
  await end(world);
  const error = await failed;
  peer.close();
  return { error, kept: kept(world) };
}

Deno.test("ask: no answer in time is 124, or 75 when it is not known whether one was asked", async () => {
  const ends = STAGES.map((stage) => endedAt(stage, (world) => world.clock.advance(10_000)));
  const [silent, unknown, stored] = await Promise.all(ends);
  assertEquals(
    [silent, unknown, stored].map((end) => [end?.error.exitCode, end?.kept.length]),
    [[124, 0], [75, 1], [124, 0]],
  );
  assertEquals(silent?.error.message, "No answer within 10 s; nothing was asked");
  assertStringIncludes(unknown?.error.message ?? "", "the next run sends it first");
  assertEquals(
    stored?.error.message,
    "No answer within 10 s: the question is kept as ?42; look later with history '?42' or tail '?42'",
  );
});

Deno.test("ask: interrupted is 130, and the question stays", async () => {
  const interruption = new Failure("interrupted", "Interrupted");
  const ends = STAGES.map((stage) => endedAt(stage, ({ stop }) => stop.abort(interruption)));
  const [silent, unknown, stored] = await Promise.all(ends);
  assertEquals(
    [silent, unknown, stored].map((end) => [end?.error.exitCode, end?.kept.length]),
    [[130, 0], [130, 1], [130, 0]],
  );
  assertEquals(silent?.error.message, "Interrupted");
  assertStringIncludes(unknown?.error.message ?? "", "the next run sends it first");
  assertStringIncludes(stored?.error.message ?? "", "history '?42'");
});

const BUSY = { type: "error", code: "busy", message: "At most 10 sessions", retry: true };

Deno.test("ask: a busy server is waited for with the question kept, and asked under its cid", async () => {
  await using world = await fakeWorld();
  const asking = ask(world.context, options());
  const busy = await world.server.accept();
  await busy.answer("hello", { ...BUSY, after_ms: 700 });
  await until(() => kept(world).length === 1);
  // From now on the time passes that the server has asked for.
  await until(() => world.clock.waits.some((ms) => ms >= 700 && ms < 1_000));
  // A file that gets its name while it is read counts as none.
  const [unclaimed] = await eventually(() => kept(world), ({ length }) => length === 1);
  assertEquals([unclaimed?.kind, unclaimed?.user], ["inquiry", undefined]);
  await world.clock.advance(1_000);
  const peer = await welcomed(world);
  assertEquals((await takeQuestion(peer)).cid, unclaimed?.cid);
  await peer.send(response(4, "yes"));
  await asking;
  assertEquals([world.output.out, kept(world)], ["yes\n", []]);
  busy.close();
  peer.close();
});

Deno.test("ask: busy all the time is 75 and the question is kept; interrupted, nothing is", async () => {
  for (const how of ["late", "interrupted"]) {
    await using world = await fakeWorld();
    const failed = failing(world, { timeoutMs: 3_000 });
    const busy = await world.server.accept();
    await busy.answer("hello", { ...BUSY, after_ms: 20_000 });
    await until(() => kept(world).length === 1);
    if (how === "late") await world.clock.advance(3_000);
    else world.stop.abort(new Failure("interrupted", "Interrupted"));
    const { exitCode, message } = await failed;
    assertEquals([exitCode, kept(world).length], how === "late" ? [75, 1] : [130, 0]);
    assertEquals(message.match(/kept/g)?.length ?? 0, how === "late" ? 1 : 0, message);
    busy.close();
  }
});

Deno.test("ask: a hello or a question at which the server fails keeps the question", async () => {
  await using world = await fakeWorld();
  const early = failing(world);
  const first = await world.server.accept();
  await first.answer("hello", UNAVAILABLE);
  assertEquals((await early).exitCode, 75);
  assertEquals(kept(world).map(({ user }) => user), [undefined]);
  first.close();

  await using other = await fakeWorld();
  const failed = failing(other);
  const peer = await welcomed(other);
  const { cid } = await peer.answer("inquiry", { type: "error", code: "internal", message: "no" });
  assertEquals((await failed).exitCode, 75);
  assertEquals(kept(other).map((entry) => entry.cid), [cid]);
  peer.close();
});
