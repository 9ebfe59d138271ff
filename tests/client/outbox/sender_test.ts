import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Line } from "../../../lib/terminal/view_lines.ts";
import { Outbox } from "../../../lib/client/outbox/outbox.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { Sender } from "../../../lib/client/outbox/sender.ts";
import { Session } from "../../../lib/client/link/session.ts";
import { guest } from "../../support/clients/client_parts.ts";
import { FakeClock } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, FakeServer } from "../../support/clients/fake_peer.ts";
import { until } from "../../support/waiting.ts";

const OWNER = { server: "chat:1", epoch: "epoch-1", user: 7, name: "ada" };

class Desk implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly server = new FakeServer();
  readonly directory = Deno.makeTempDirSync({ prefix: "parley-sender-" });
  readonly files = new PrivateFiles(`${this.directory}/outbox`);
  readonly lines: Line[] = [];
  readonly sender = new Sender({
    author: { server: "chat:1", name: "ada" },
    keptFor: "the next run",
    outbox: new Outbox(this.files),
    clock: this.clock,
    random: () => 0.5,
    show: (lines) => this.lines.push(...lines),
    changed: () => {},
  });

  get pending(): readonly string[] {
    return this.sender.pending.map(({ content }) => content);
  }

  get texts(): readonly string[] {
    return this.lines.map((line) => line.kind === "event" ? "" : line.text);
  }

  async connect(owner = OWNER): Promise<FakePeer> {
    const opening = Session.open({
      connect: this.server.connect,
      identity: guest(),
      clock: this.clock,
    });
    const peer = await this.server.accept();
    await peer.hello();
    const session = await opening;
    session.ended.then(() => this.sender.offline());
    this.sender.setOwner(owner);
    this.sender.online(session);
    return peer;
  }

  /** Resolves when every message has its answer, and its file is gone. */
  async untilSent(): Promise<void> {
    await until(() => this.pending.length === 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sender.finish(0);
    await Deno.remove(this.directory, { recursive: true });
  }
}

Deno.test("sender: messages go out one after the other, in the order typed", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  for (const text of ["one", "two", "three"]) desk.sender.send("ops", text);
  assertEquals(desk.pending, ["one", "two", "three"]);
  const printed = [];
  for (let seq = 1; seq <= 3; seq++) {
    printed.push((await peer.answer("message", { type: "ok", seq })).content);
  }
  assertEquals(printed, ["one", "two", "three"]);
  await desk.untilSent();
  peer.close();
});

Deno.test("sender: a message without an answer is sent again under its cid, before later ones", async () => {
  await using desk = new Desk();
  const first = await desk.connect();
  desk.sender.send("ops", "one");
  const { cid } = await first.next("message");
  first.close();
  desk.sender.send("ops", "two");
  const second = await desk.connect();
  const again = await second.answer("message", { type: "ok", seq: 1, dup: true });
  assertEquals([again.cid, again.content], [cid, "one"]);
  assertEquals((await second.answer("message", { type: "ok", seq: 2 })).content, "two");
  await desk.untilSent();
  second.close();
});

Deno.test("sender: unavailable is tried again when the server says", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.send("ops", "one");
  const later = {
    type: "error",
    code: "unavailable",
    message: "later",
    retry: true,
    after_ms: 900,
  };
  const { cid } = await peer.answer("message", later);
  await desk.clock.advance(900);
  assertEquals((await peer.answer("message", { type: "ok", seq: 1 })).cid, cid);
  await desk.untilSent();
  peer.close();
});

Deno.test("sender: a refusal is shown with its reason and its text, and the next message is sent", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.send("ops", "one");
  desk.sender.send("ops", "two");
  await peer.answer("message", { type: "error", code: "muted", message: "You are muted" });
  assertEquals((await peer.answer("message", { type: "ok", seq: 1 })).content, "two");
  assertStringIncludes(desk.texts[0] ?? "", "not sent: You are muted");
  assertStringIncludes(desk.texts[0] ?? "", "#ops: one");
  await desk.untilSent();
  peer.close();
});

Deno.test("sender: a message typed as another user is kept, not sent", async () => {
  await using desk = new Desk();
  const first = await desk.connect();
  desk.sender.send("ops", "one");
  await first.next("message");
  first.close();
  const second = await desk.connect({ ...OWNER, epoch: "epoch-2" });
  desk.sender.send("ops", "two");
  assertEquals((await second.answer("message", { type: "ok", seq: 1 })).content, "two");
  assertStringIncludes(desk.texts[0] ?? "", "kept in");
  assertEquals(
    (await new Outbox(desk.files).take(OWNER)).mine.map(({ content, release }) => {
      release();
      return content;
    }),
    ["one"],
  );
  await desk.untilSent();
  second.close();
});

Deno.test("sender: messages without an answer at the end are on the disk for the next run", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.send("ops", "one");
  desk.sender.send("ops", "two");
  await peer.next("message");
  const finishing = desk.sender.finish(2_000);
  await desk.clock.advance(2_000);
  await finishing;
  const { mine } = await new Outbox(desk.files).take(OWNER);
  assertEquals(mine.map(({ content }) => content), ["one", "two"]);
  for (const entry of mine) entry.release();
  peer.close();
});

Deno.test("sender: the end waits for answers that are on their way", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.send("ops", "one");
  const finishing = desk.sender.finish(2_000);
  await peer.answer("message", { type: "ok", seq: 1 });
  await finishing;
  assertEquals(desk.pending, []);
  await desk.untilSent();
  peer.close();
});

Deno.test("sender: questions and answers go their own way, in the order typed", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.ask("may I?");
  desk.sender.answer(42, { content: "yes", to: 3 });
  desk.sender.send("?42", "or rather");
  const { id: _, cid: __, ...asked } = await peer.answer("inquiry", { type: "ok", seq: 1 });
  assertEquals(asked, { type: "inquiry", content: "may I?" });
  const { id: ___, cid: ____, ...answered } = await peer.answer("respond", { type: "ok", seq: 2 });
  assertEquals(answered, { type: "respond", inquiry: 42, to: 3, content: "yes" });
  const refusal = { type: "error", code: "bad_field", field: "room", message: "no" };
  await peer.answer("message", refusal);
  await until(() => desk.texts.length > 0);
  assertStringIncludes(desk.texts[0] ?? "", "not sent: /answer 42 TEXT answers it · ");
  assertStringIncludes(desk.texts[0] ?? "", "?42: or rather");
  await desk.untilSent();
  peer.close();
});

Deno.test("sender: a refusal that may pass is shown once, and tried again in no hot loop", async () => {
  for (const code of ["storage_full", "rate_limited", "busy", "unavailable"]) {
    await using desk = new Desk();
    const peer = await desk.connect();
    desk.sender.send("ops", "one");
    const later = { type: "error", code, message: "later", retry: true, after_ms: 0 };
    const cids = new Set<string>();
    for (let tries = 0; tries < 4; tries++) {
      const wait = desk.clock.waits.length;
      cids.add((await peer.answer("message", later)).cid);
      await until(() => desk.clock.waits.length > wait);
      await desk.clock.advance(50 * 2 ** (tries + 1));
    }
    await peer.answer("message", { type: "ok", seq: 1 });
    await until(() => desk.pending.length === 0);
    assertEquals(cids.size, 1, "under one cid");
    assertEquals(desk.texts, ["Not sent yet, tried again by itself: later"]);
    peer.close();
  }
});

Deno.test("sender: a message at which the server fails is kept, and the next is sent", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.send("ops", "one");
  desk.sender.send("ops", "two");
  await peer.answer("message", { type: "error", code: "internal", message: "a fault" });
  assertEquals((await peer.answer("message", { type: "ok", seq: 1 })).content, "two");
  await until(() => desk.pending.length === 0);
  assertStringIncludes(desk.texts[0] ?? "", "not sent: a fault; it is kept for the next run");
  const { mine } = await new Outbox(desk.files).take(OWNER);
  assertEquals(mine.map(({ content }) => content), ["one"]);
  for (const entry of mine) entry.release();
  await desk.untilSent();
  peer.close();
});

Deno.test("sender: an answer that another operator's has come before is kept, shown, and sent anyway", async () => {
  await using desk = new Desk();
  const peer = await desk.connect();
  desk.sender.answer(42, { content: "No", to: 1 });
  const first = await peer.next("respond");
  const event = { type: "response", room: "?42", seq: 2, user: 9, from: "bob", time: 0, to: 1 };
  peer.send({
    type: "error",
    re: first.id,
    code: "answered_meanwhile",
    message: "bob has just answered this",
    event: { ...event, content: "Yes" },
  });
  await desk.untilSent();
  assertStringIncludes(desk.texts.at(-1) ?? "", "bob answered ?42 at ");
  assertStringIncludes(desk.texts.at(-1) ?? "", ": Yes · /answer! 42 sends yours all the same");
  assertEquals(desk.sender.answerAnyway(7), false);
  // In another epoch 42 is another inquiry.
  desk.sender.setOwner({ ...OWNER, epoch: "epoch-2" });
  assertEquals(desk.sender.answerAnyway(42), false);
  desk.sender.setOwner(OWNER);
  assertEquals(desk.sender.answerAnyway(42), true);
  const { type, inquiry, content, to, anyway, cid } = await peer.next("respond");
  assertEquals([type, inquiry, content, to, anyway], ["respond", 42, "No", 1, true]);
  assertEquals(cid === first.cid, false);
  assertEquals(desk.sender.refused, []);
});
