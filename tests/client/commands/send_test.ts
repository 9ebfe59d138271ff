import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { send, type SendOptions } from "../../../lib/client/commands/send.ts";
import { outboxOf } from "../../../lib/client/context.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { KeptIdentity } from "../../../lib/client/files/identity.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import type { FakePeer, Frame } from "../../support/clients/fake_peer.ts";
import { until } from "../../support/waiting.ts";

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
  const peer = await world.server.accept();
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
  assertEquals(world.server.attempts, 0);
});

Deno.test("send: an empty text is not sent", async () => {
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
  world.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  assertEquals((await failing(world)).exitCode, 69);
  assertEquals(kept(world), []);
});

Deno.test("send: a refusal by the server is 1, and nothing is kept", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const peer = await welcomed(world);
  await peer.answer("message", { type: "error", code: "muted", message: "You are muted" });
  const error = await failed;
  assertEquals([error.exitCode, error.message], [1, "You are muted"]);
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

Deno.test("send: a cut before the answer is 75, and the next run sends that message first", async () => {
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
  assertStringIncludes(world.output.err, "to #ops is stored (message 58)");
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

Deno.test("send: a message of another user or epoch is named, never sent", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first" });
  (await welcomed(world).then(async (peer) => (await peer.next("message"), peer))).close();
  await failed;
  for (
    const more of [{ epoch: "epoch-2" }, { you: { user: 8, name: "ada", role: "guest" as const } }]
  ) {
    const sending = send(world.context, options({ text: "second" }));
    const peer = await world.server.accept();
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
  const other = await world.server.accept();
  await other.next("hello");
  await world.clock.advance(1_000);
  const error = await silent;
  assertEquals(error.exitCode, 124);
  assertStringIncludes(error.message, "within 1 s");
  other.close();
});

Deno.test("send: interrupted is 130; a message that was sent is kept", async () => {
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
  const silent = await other.server.accept();
  await silent.next("hello");
  other.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals([(await early).exitCode, kept(other)], [130, []]);
  silent.close();
});

Deno.test("send: another name than the requested one is shown, and counts", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options());
  const peer = await world.server.accept();
  await peer.hello({ you: { user: 7, name: "ada2", role: "guest" } });
  await peer.answer("message", OK);
  await sending;
  assertEquals(world.output.err, "── The name ada is taken: you are ada2\n");
  peer.close();
});

Deno.test("send: two runs at once do not send each other's messages", async () => {
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

const BUSY = { type: "error", code: "busy", message: "At most 10 sessions", retry: true };

/** Waits until a send waits to come back; how long it does. */
async function postponed({ clock }: FakeWorld): Promise<number> {
  const others = [1_000, 10_000, 15_000, 30_000];
  const find = () => clock.waits.find((ms) => !others.includes(ms));
  await until(() => find() !== undefined);
  return find() ?? 0;
}

Deno.test("send: a hello refused as busy is sent again after the requested time, and the message is stored", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options());
  const busy = await world.server.accept();
  await busy.answer("hello", { ...BUSY, after_ms: 700 });
  assertEquals(await postponed(world), 700 + 75);
  await world.clock.advance(774);
  assertEquals(world.server.attempts, 1);
  await world.clock.advance(1);
  const peer = await welcomed(world);
  const { cid } = await peer.next("message");
  const owner = { server: "chat:1", epoch: "epoch-1", user: 7, name: "ada", room: "ops" };
  assertEquals(kept(world), [{ cid, ...owner, content: "hello", time: 1_000_000 }]);
  await peer.send({ ...OK, re: 2 });
  await sending;
  assertEquals([world.output.err, kept(world)], ["", []]);
  busy.close();
  peer.close();
});

Deno.test("send: a server with too many connections is tried again", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options());
  const away = await world.server.accept();
  const bye = { type: "bye", code: "too_many", message: "full", reconnect: true, after_ms: 0 };
  await away.next("hello");
  await away.send(bye);
  away.close();
  assertEquals(await postponed(world), 75, "its own wait holds");
  await world.clock.advance(100);
  const peer = await welcomed(world);
  await peer.answer("message", OK);
  await sending;
  peer.close();
});

Deno.test("send: busy all the time is 75, and the next run stores the kept message, once", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first", timeoutMs: 1_000 });
  const busy = await world.server.accept();
  await busy.answer("hello", { ...BUSY, after_ms: 950 });
  await postponed(world);
  await world.clock.advance(1_000);
  const error = await failed;
  assertEquals(error.exitCode, 75);
  assertStringIncludes(error.message, "At most 10 sessions");
  assertStringIncludes(error.message, "is kept");
  const [unclaimed] = kept(world);
  assertEquals([unclaimed?.content, unclaimed?.name, unclaimed?.user], ["first", "ada", undefined]);
  busy.close();

  const sending = send(world.context, options({ text: "second" }));
  const peer = await welcomed(world);
  const earlier = await peer.next("message");
  assertEquals([earlier.content, earlier.cid], ["first", unclaimed?.cid]);
  assertEquals(
    kept(world).find(({ cid }) => cid === earlier.cid)?.user,
    7,
    "owned when it is sent",
  );
  await peer.send({ ...OK, re: earlier.id });
  assertEquals((await peer.answer("message", OK)).content, "second");
  await sending;
  assertEquals(kept(world), []);
  peer.close();
});

Deno.test("send: a message kept under another name is named, never sent", async () => {
  await using world = await fakeWorld();
  const failed = failing(world, { text: "first", timeoutMs: 1_000 });
  const busy = await world.server.accept();
  await busy.answer("hello", { ...BUSY, after_ms: 5_000 });
  assertEquals((await failed).exitCode, 75, "longer than the time: not waited for");
  busy.close();
  const tokens = new PrivateFiles(`${world.directory}/tokens`);
  const identity = new KeptIdentity(tokens, { server: "chat:1", name: "bob", unkept: "fails" });
  const sending = send({ ...world.context, identity }, options({ text: "second" }));
  const peer = await world.server.accept();
  await peer.hello({ you: { user: 8, name: "bob", role: "guest" } });
  assertEquals((await peer.answer("message", OK)).content, "second");
  await sending;
  assertStringIncludes(world.output.err, "will not be sent");
  assertEquals(kept(world).map(({ content }) => content), ["first"]);
  peer.close();
});

Deno.test("send: interrupted while the server is busy, nothing was sent and nothing is kept", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const busy = await world.server.accept();
  await busy.answer("hello", { ...BUSY, after_ms: 900 });
  await postponed(world);
  world.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals([(await failed).exitCode, kept(world)], [130, []]);
  busy.close();
});

Deno.test("send: refused for good after it was busy, nothing is kept", async () => {
  await using world = await fakeWorld();
  const failed = failing(world);
  const busy = await world.server.accept();
  await busy.answer("hello", BUSY);
  await postponed(world);
  await world.clock.advance(200);
  const peer = await world.server.accept();
  await peer.answer("hello", { type: "error", code: "banned", message: "no" });
  assertEquals([(await failed).exitCode, kept(world)], [77, []]);
  busy.close();
  peer.close();
});

Deno.test("send: a hello that fails for now keeps the text", async () => {
  for (const code of ["unavailable", "storage_full", "internal"]) {
    await using world = await fakeWorld();
    const failed = failing(world);
    const peer = await world.server.accept();
    await peer.answer("hello", { type: "error", code, message: "later", retry: true });
    assertEquals((await failed).exitCode, 75, code);
    assertEquals(kept(world).map(({ content }) => content), ["hello"]);
    peer.close();
  }
});

Deno.test("send: a rate-limited message waits exactly as long as the server says", async () => {
  await using world = await fakeWorld();
  const sending = send(world.context, options());
  const peer = await welcomed(world);
  const limited = { type: "error", code: "rate_limited", message: "slowly", retry: true };
  const { cid } = await peer.answer("message", { ...limited, after_ms: 480 });
  await until(() => world.clock.waits.includes(480));
  await world.clock.advance(480);
  assertEquals((await peer.answer("message", OK)).cid, cid);
  await sending;
  assertEquals(kept(world), []);
  peer.close();
});

Deno.test("send: a message that may succeed later is kept, whatever the code", async () => {
  for (const code of ["storage_full", "internal", "rate_limited", "busy"]) {
    await using world = await fakeWorld();
    const stdin = reading(new TextEncoder().encode("from a pipe\n"));
    const { text: _, ...rest } = options({ stdin, timeoutMs: 1_000 });
    const failed = assertRejects(() => send(world.context, rest), Failure);
    const peer = await welcomed(world);
    const later = { type: "error", code, message: "later", retry: true, after_ms: 60_000 };
    const { cid } = await peer.answer("message", later);
    assertEquals((await failed).exitCode, 75, code);
    assertEquals(kept(world).map((entry) => [entry.cid, entry.content]), [[cid, "from a pipe"]]);
    peer.close();
  }
});

Deno.test("send: a message refused for good has its own exit code, and a pipe's text is in a file", async () => {
  const codes = { too_long: 1, bad_text: 1, forbidden: 77, no_such_room: 1 };
  for (const [code, exit] of Object.entries(codes)) {
    await using world = await fakeWorld();
    const stdin = reading(new TextEncoder().encode("from a pipe\n"));
    const { text: _, ...rest } = options({ stdin });
    const failed = assertRejects(() => send(world.context, rest), Failure);
    const peer = await welcomed(world);
    await peer.answer("message", { type: "error", code, message: "no" });
    const error = await failed;
    assertEquals([error.exitCode, kept(world)], [exit, []], code);
    const path = /kept in (\S+)$/.exec(error.message)?.[1] ?? "";
    assertEquals(await Deno.readTextFile(path), "from a pipe\n");
    peer.close();
  }
});

/** Leaves a message in the outbox, as a run that was cut. */
async function leave(world: FakeWorld, text: string): Promise<void> {
  const failed = failing(world, { text });
  const peer = await welcomed(world);
  await peer.next("message");
  peer.close();
  await failed;
}

Deno.test("send: a kept message above the server's frames is set aside and named, and blocks nothing", async () => {
  await using world = await fakeWorld();
  await leave(world, "x".repeat(5_000));
  const sending = send(world.context, options({ text: "second" }));
  const peer = await world.server.accept();
  await peer.hello({ limits: { content: 32_768, frame: 4_096 } });
  assertEquals((await peer.answer("message", OK)).content, "second");
  await sending;
  assertEquals(kept(world), []);
  const path = /its text is in (\S+)/.exec(world.output.err)?.[1] ?? "";
  assertEquals(await Deno.readTextFile(path), "x".repeat(5_000));
  peer.close();
});

Deno.test("send: frame_too_large without an id is the refusal of the oldest request", async () => {
  await using world = await fakeWorld();
  await leave(world, "first");
  const failed = failing(world, { text: "second" });
  const peer = await welcomed(world);
  await peer.next("message");
  await peer.send({ type: "error", code: "frame_too_large", message: "too large" });
  peer.close();
  assertEquals((await failed).exitCode, 75, "the connection has ended");
  assertStringIncludes(world.output.err, "its text is in");
  assertEquals(kept(world).map(({ content }) => content), ["second"]);
});

Deno.test("send: a kept message at which the server fails stays kept and holds up no other", async () => {
  await using world = await fakeWorld();
  await leave(world, "first");
  const sending = send(world.context, options({ text: "second" }));
  const peer = await welcomed(world);
  await peer.answer("message", { type: "error", code: "internal", message: "a fault" });
  assertEquals((await peer.answer("message", OK)).content, "second");
  await sending;
  assertStringIncludes(world.output.err, "is still without an answer: a fault");
  assertEquals(kept(world).map(({ content }) => content), ["first"]);
  peer.close();
});

Deno.test("send: a file in the outbox under another name is named and never sent", async () => {
  await using world = await fakeWorld();
  await leave(world, "first");
  const directory = `${world.directory}/state/outbox/chat%3A1`;
  const [{ name = "" } = {}] = [...Deno.readDirSync(directory)];
  await Deno.copyFile(`${directory}/${name}`, `${directory}/copy.json`);
  const sending = send(world.context, options({ text: "second" }));
  const peer = await welcomed(world);
  assertEquals((await peer.answer("message", OK)).content, "first");
  assertEquals((await peer.answer("message", OK)).content, "second");
  await sending;
  assertStringIncludes(world.output.err, "copy.json has another name than its message");
  assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["copy.json"]);
  peer.close();
});

Deno.test("send: a lock that a stopped client holds costs no more than the time, and is named", async () => {
  await using world = await fakeWorld();
  const tokens = new PrivateFiles(`${world.directory}/tokens/${encodeURIComponent("chat:1")}`);
  using _lock = await tokens.lock("ada.json");
  const failed = failing(world, { timeoutMs: 1_000 });
  const peer = await world.server.accept();
  await until(() => world.context.identity.waitsFor !== undefined);
  await world.clock.advance(1_000);
  const error = await failed;
  assertEquals([error.exitCode, kept(world)], [124, []]);
  assertStringIncludes(error.message, `Another client holds ${tokens.lockPathOf("ada.json")}`);
  peer.close();

  const interrupted = failing(world);
  const other = await world.server.accept();
  await until(() => world.context.identity.waitsFor !== undefined);
  world.stop.abort(new Failure("interrupted", "Interrupted"));
  assertEquals((await interrupted).exitCode, 130);
  other.close();
});

Deno.test("send: any number of kept messages is sent, within the limit of open files", async () => {
  await using world = await fakeWorld();
  const outbox = outboxOf(world.context);
  const owner = { server: "chat:1", epoch: "epoch-1", user: 7, name: "ada", room: "ops" };
  for (let i = 100; i < 330; i++) {
    (await outbox.keep({ ...owner, cid: `01JDW${i}`, content: `text ${i}`, time: i })).release();
  }
  const { mine } = await outbox.take(owner);
  assertEquals(mine.length, 100);
  for (const entry of mine) entry.release();
  const sending = send(world.context, options({ text: "last" }));
  const peer = await welcomed(world);
  const printed: string[] = [];
  for (let i = 100; i <= 330; i++) {
    const { id, content } = await peer.next("message");
    printed.push(content);
    const fault = { type: "error", code: "internal", message: "a fault" };
    await peer.send({ ...(i === 150 ? fault : OK), re: id });
  }
  await sending;
  const texts = Array.from({ length: 230 }, (_, i) => `text ${100 + i}`);
  assertEquals(printed, [...texts, "last"]);
  assertEquals(kept(world).map(({ content }) => content), ["text 150"]);
  peer.close();
});
