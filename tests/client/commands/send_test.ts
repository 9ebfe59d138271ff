import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { send, type SendOptions } from "../../../lib/client/commands/send.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/client_parts.ts";
import { settle } from "../../support/fake_clock.ts";
import type { FakePeer, Frame } from "../../support/fake_peer.ts";

const OK = { type: "ok", room: "ops", seq: 58, time: 9 };

function options(more: Partial<SendOptions> = {}): SendOptions {
  const stdin = () => Promise.resolve(null);
  return { room: "ops", text: "hello", stdin, json: false, timeoutMs: 30_000, ...more };
}

function reading(bytes: Uint8Array): SendOptions["stdin"] {
  let isRead = false;
  return (into) => {
    if (isRead) return Promise.resolve(null);
    isRead = true;
    into.set(bytes);
    return Promise.resolve(bytes.length);
  };
}

/** Starts a send that is expected to fail; how it fails. */
function failing(world: FakeWorld, more: Partial<SendOptions> = {}): Promise<Failure> {
  return assertRejects(() => send(world.context, options(more)), Failure);
}

async function welcomed(world: FakeWorld): Promise<FakePeer> {
  const peer = await world.door.accept();
  await peer.hello();
  return peer;
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

Deno.test("send: a stored message prints nothing, and nothing is kept", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options());
  const peer = await welcomed(world);
  const { id: _, cid, ...message } = await peer.answer("message", OK);
  assertEquals(message, { type: "message", room: "ops", content: "hello" });
  assertEquals(String(cid).length, 26);
  await sending;
  assertEquals([world.output.out, world.output.err, kept(world)], ["", "", []]);
  peer.close();
});

Deno.test("send: --json prints the ok", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options({ json: true }));
  const peer = await welcomed(world);
  const { id } = await peer.answer("message", OK);
  await sending;
  assertEquals(JSON.parse(world.output.out), { ...OK, re: id });
  peer.close();
});

Deno.test("send: stdin is the message when there is no text", async () => {
  await using world = await fakeWorld();
  const stdin = reading(new TextEncoder().encode("one\r\ntwo\n"));
  const { text: _, ...rest } = options({ stdin });
  const sending = send(world.context, rest);
  const peer = await welcomed(world);
  assertEquals((await peer.answer("message", OK)).content, "one\ntwo");
  await sending;
  peer.close();
});

Deno.test("send: a text that cannot be sent is refused before anything is, and stdin is kept", async () => {
  await using world = await fakeWorld();
  const long = new TextEncoder().encode("x".repeat(70_000));
  for (const bytes of [Uint8Array.of(0x61, 0xff), Uint8Array.of(0x1b, 0x5b), long]) {
    const { text: _, ...rest } = options({ stdin: reading(bytes) });
    const error = await assertRejects(() => send(world.context, rest), Failure, "kept in");
    assertEquals(error.reason, "usage");
    const path = error.message.slice(error.message.indexOf("kept in ") + "kept in ".length);
    assertEquals(await Deno.readFile(path), bytes);
  }
  assertEquals(world.door.knocks, 0);
});

Deno.test("send: nothing is nothing to send", async () => {
  await using world = await fakeWorld();
  const { text: _, ...rest } = options();
  const empty = await assertRejects(() => send(world.context, rest), Failure, "empty");
  assertEquals(empty.reason, "usage");
  assertEquals((await failing(world, { text: "" })).reason, "usage");
  assertEquals((await failing(world, { text: "a\x07" })).reason, "usage");
});

Deno.test("send: a text longer than this server takes is refused here", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "x".repeat(33_000) });
  const peer = await welcomed(world);
  const error = await failed;
  assertEquals(error.reason, "usage");
  assertStringIncludes(error.message, "at most 32768 bytes");
  assertEquals(await peer.find(), undefined);
  peer.close();
});

Deno.test("send: out of reach keeps nothing", async () => {
  await using world = await fakeWorld();
  world.door.fault = new Failure("unreachable", "Cannot reach chat:1");
  assertEquals((await failing(world)).exitCode, 69);
  assertEquals(kept(world), []);
});

Deno.test("send: a refusal by the server is 1, and nothing is kept", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const peer = await welcomed(world);
  await peer.answer("message", { type: "error", code: "muted", message: "You are muted" });
  const error = await failed;
  assertEquals([error.exitCode, error.message], [1, "You are muted (muted)"]);
  assertEquals(kept(world), []);
  peer.close();
});

Deno.test("send: unavailable is 75, and the message is kept under its cid", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const peer = await welcomed(world);
  const unavailable = { type: "error", code: "unavailable", message: "later", retry: true };
  const { cid } = await peer.answer("message", unavailable);
  assertEquals((await failed).exitCode, 75);
  const owner = { server: "chat:1", epoch: "epoch-1", user: 7, name: "ada", room: "ops" };
  assertEquals(kept(world), [{ cid, ...owner, content: "hello", time: 1_000_000 }]);
  peer.close();
});

Deno.test("send: a cut before the answer is 75, and the next run settles that message first", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first" });
  const cut = await welcomed(world);
  const { cid } = await cut.next("message");
  cut.close();
  assertEquals((await failed).exitCode, 75);

  const sending = send(world.context, options({ text: "second" }));
  const peer = await welcomed(world);
  const earlier = await peer.answer("message", { ...OK, seq: 58, dup: true });
  assertEquals([earlier.cid, earlier.content], [cid, "first"]);
  assertEquals((await peer.answer("message", { ...OK, seq: 59 })).content, "second");
  await sending;
  assertEquals(kept(world), []);
  assertStringIncludes(world.output.err, "to #ops is stored (seq 58)");
  peer.close();
});

Deno.test("send: while an earlier message has no answer, the new one is kept behind it", async () => {
  await using world = await fakeWorld();
  for (const text of ["first", "second"]) {
    const failed = failing(world, { text });
    const peer = await welcomed(world);
    const { content } = await peer.next("message");
    assertEquals(content, "first");
    peer.close();
    assertEquals((await failed).exitCode, 75);
  }
  assertEquals(kept(world).map(({ content }) => content).sort(), ["first", "second"]);
});

Deno.test("send: an earlier message that is still unavailable holds the new one back", async () => {
  await using world = await fakeWorld();
  const unavailable = { type: "error", code: "unavailable", message: "later", retry: true };
  for (const text of ["first", "second"]) {
    const failed = failing(world, { text });
    const peer = await welcomed(world);
    assertEquals((await peer.answer("message", unavailable)).content, "first");
    assertEquals(await peer.find(), undefined);
    peer.close();
    assertEquals((await failed).exitCode, 75);
  }
  assertEquals(kept(world).length, 2);
});

Deno.test("send: an earlier message that is refused leaves its text in a file", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first" });
  (await welcomed(world).then(async (peer) => (await peer.next("message"), peer))).close();
  await failed;
  const sending = send(world.context, options({ text: "second" }));
  const peer = await welcomed(world);
  await peer.answer("message", { type: "error", code: "no_such_room", message: "gone" });
  await peer.answer("message", OK);
  await sending;
  const path = /its text is in (\S+)/.exec(world.output.err)?.[1];
  assert(path !== undefined, world.output.err);
  assertEquals(await Deno.readTextFile(path), "first");
  assertEquals(kept(world), []);
  peer.close();
});

Deno.test("send: a message of another user or epoch is told of, never sent", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first" });
  (await welcomed(world).then(async (peer) => (await peer.next("message"), peer))).close();
  await failed;
  for (
    const more of [{ epoch: "epoch-2" }, { you: { user: 8, name: "ada", role: "guest" as const } }]
  ) {
    const sending = send(world.context, options({ text: "second" }));
    const peer = await world.door.accept();
    await peer.hello(more);
    assertEquals((await peer.answer("message", OK)).content, "second");
    await sending;
    peer.close();
    assertStringIncludes(world.output.err, "will not be sent");
    assertEquals(kept(world).map(({ content }) => content), ["first"]);
  }
});

Deno.test("send: no answer in time is 75 when the message was sent, 124 when it was not", async () => {
  await using world = await fakeWorld();
  const sent = failing(world, { timeoutMs: 1_000 });
  const peer = await welcomed(world);
  await peer.next("message");
  await world.clock.advance(1_000);
  assertEquals((await sent).exitCode, 75);
  assertEquals(kept(world).length, 1);
  peer.close();

  const silent = failing(world, { timeoutMs: 1_000 });
  const other = await world.door.accept();
  await other.next("hello");
  await world.clock.advance(1_000);
  const error = await silent;
  assertEquals(error.exitCode, 124);
  assertStringIncludes(error.message, "within 1 s");
  other.close();
});

Deno.test("send: interrupted is 130; what was sent is kept", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const peer = await welcomed(world);
  await peer.next("message");
  world.stop.abort(new Failure("interrupted", "Interrupted"));
  const error = await failed;
  assertEquals(error.exitCode, 130);
  assertStringIncludes(error.message, "the message is kept");
  assertEquals(kept(world).length, 1);
  peer.close();

  await using other = await fakeWorld();
  const early = failing(other);
  const silent = await other.door.accept();
  await silent.next("hello");
  other.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals([(await early).exitCode, kept(other)], [130, []]);
  silent.close();
});

Deno.test("send: another name than the one asked for counts, and is told", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options());
  const peer = await world.door.accept();
  await peer.hello({ you: { user: 7, name: "ada2", role: "guest" } });
  await peer.answer("message", OK);
  await sending;
  assertEquals(world.output.err, "── ada is in use by somebody else just now: you are ada2\n");
  peer.close();
});

Deno.test("send: two runs at once do not settle each other's messages", async () => {
  await using world = await fakeWorld();
  const first = send(world.context, options({ text: "first" }));
  const one = await welcomed(world);
  const asked = await one.next("message");
  const second = send(world.context, options({ text: "second" }));
  const two = await welcomed(world);
  assertEquals((await two.answer("message", OK)).content, "second");
  await second;
  await settle();
  await one.send({ ...OK, re: asked.id });
  await first;
  assertEquals([world.output.err, kept(world)], ["", []]);
  one.close();
  two.close();
});
