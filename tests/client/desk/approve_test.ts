// `approve` against a server that is played by the test: what is asked again, withdrawn and reported when
// connections and time end.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { approve } from "../../../lib/client/desk/decision_question.ts";
import { APPROVAL } from "../../../lib/config/desk/desk_commands.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, message, welcome } from "../../support/clients/fake_peer.ts";

/** Shorter than a silence of the server that the client would take for its end. */
const WAITS_MS = 20_000;
const OK = { type: "ok", room: "?43", inquiry: 43, seq: 1, time: 9, operators: 2 };
const DECISION = {
  ...message(2, { room: "?43", content: "go" }),
  type: "decision",
  of: 1,
  choice: "approve",
  state: "decided",
};
const CLOSED = { ...DECISION, type: "closed", choice: undefined, state: "withdrawn" };

/** Starts an approval that waits for 20 s. */
function start(world: FakeWorld): Promise<void> {
  return approve(world.context, {
    text: "go?",
    stdin: () => Promise.resolve(null),
    choices: APPROVAL,
    needs: 1,
    key: "k",
    waits: true,
    json: false,
    timeoutMs: WAITS_MS,
  });
}

async function welcomed(world: FakeWorld, more: object = {}): Promise<FakePeer> {
  const peer = await world.server.accept();
  await peer.hello({ features: ["decisions"], ...more });
  return peer;
}

/** The server takes the question, and the room is followed. */
async function takeQuestion(peer: FakePeer, missed = 0): Promise<Record<string, unknown>> {
  const asked = await peer.answer("inquiry", OK);
  await peer.answer("resume", {
    type: "resumed",
    rooms: [{ room: "?43", recovered: true, missed, last: 1 + missed }],
  });
  return asked;
}

async function reasonOf(approval: Promise<void>): Promise<[string, string]> {
  const { reason, message } = await assertRejects(() => approval, Failure);
  return [reason, message];
}

Deno.test("approve: only the decision of its own question in its own room ends it", async () => {
  await using world = await fakeWorld();
  const approval = start(world);
  const peer = await welcomed(world);
  const { choices, cid, expires_ms, needs } = await takeQuestion(peer);
  assertEquals([choices, cid, expires_ms, needs], [[...APPROVAL], "k", WAITS_MS, 1]);
  await peer.send(
    { ...DECISION, room: "?44" },
    { ...DECISION, seq: 2, of: 7 },
    { ...DECISION, seq: 3, state: "pending" },
    { ...message(4, { room: "?43", content: "approve" }), type: "response", to: 1 },
    { ...DECISION, seq: 5, choice: "deny", content: "no" },
  );
  assertEquals(await reasonOf(approval), ["rejected", 'bob decided "deny": no']);
});

Deno.test("approve: a question without a reply is asked again under the same cid, for the time that is left", async () => {
  await using world = await fakeWorld();
  const approval = start(world);
  const first = await welcomed(world);
  await first.next("inquiry");
  await world.clock.advance(4_000);
  first.close();
  await settle();
  await world.clock.advance(1_000);
  const second = await welcomed(world);
  const unavailable = { type: "error", code: "unavailable", message: "later", retry: true };
  await second.answer("inquiry", unavailable);
  await settle();
  await world.clock.advance(1_000);
  const { cid, expires_ms } = await takeQuestion(second, 1);
  assertEquals([cid, expires_ms], ["k", WAITS_MS - 6_000]);
  await second.send(DECISION);
  await approval;
});

Deno.test("approve: when its time is over it withdraws, and what was decided just before counts", async () => {
  for (const [reply, reason] of [[undefined, "timeout"], [DECISION, "done"]] as const) {
    await using world = await fakeWorld();
    const approval = start(world);
    const peer = await welcomed(world);
    await takeQuestion(peer);
    await settle();
    await world.clock.advance(WAITS_MS);
    if (reply !== undefined) {
      await peer.answer("withdraw", {
        type: "error",
        code: "already_decided",
        message: "",
        event: reply,
      });
      await approval;
      continue;
    }
    await peer.answer("withdraw", { ...OK, seq: 2, state: "withdrawn" });
    const status = { inquiry: 43, room: "?43", seq: 1, from: "ada", content: "go?" };
    await peer.answer("question", {
      type: "question",
      ...status,
      state: "withdrawn",
      event: CLOSED,
    });
    assertEquals((await reasonOf(approval))[0], reason);
  }
});

Deno.test("approve: a withdrawal that the server refuses for now is requested again", async () => {
  await using world = await fakeWorld();
  const approval = start(world);
  const peer = await welcomed(world);
  await takeQuestion(peer);
  await settle();
  await world.clock.advance(WAITS_MS);
  const busy = { type: "error", code: "busy", message: "", retry: true, after_ms: 500 };
  await peer.answer("withdraw", busy);
  await settle();
  await world.clock.advance(500);
  await peer.answer("withdraw", { ...OK, seq: 2, state: "withdrawn" });
  await peer.answer("question", {
    ...{ type: "question", inquiry: 43, room: "?43", seq: 1, from: "ada", content: "go?" },
    state: "withdrawn",
    event: CLOSED,
  });
  assertEquals((await reasonOf(approval))[0], "timeout");
});

Deno.test("approve: it is not known what became of it when the server refuses the withdrawal to the end", async () => {
  await using world = await fakeWorld();
  const approval = start(world);
  const peer = await welcomed(world);
  await takeQuestion(peer);
  await settle();
  await world.clock.advance(WAITS_MS);
  await peer.answer("withdraw", { type: "error", code: "busy", message: "", after_ms: 60_000 });
  const reason = reasonOf(approval);
  await world.clock.advance(3_000);
  assertEquals((await reason)[0], "tryAgain");
});

Deno.test("approve: it is not known what became of it when the time ends without a connection", async () => {
  await using world = await fakeWorld();
  const approval = start(world);
  const peer = await welcomed(world);
  await takeQuestion(peer);
  const ended = reasonOf(approval);
  world.server.fault = new Failure("unreachable", "Nothing listens there");
  peer.close();
  await settle();
  await world.clock.advance(WAITS_MS);
  const [reason, text] = await ended;
  assertEquals(reason, "tryAgain");
  assertStringIncludes(text, "look later with decision 43");
});

Deno.test("approve: another user, other messages or an older server end it, never as approved", async () => {
  const others = [{ epoch: "epoch-2" }, { you: { user: 8, name: "ada2", role: "guest" } }];
  for (const other of others) {
    await using world = await fakeWorld();
    const approval = start(world);
    const peer = await welcomed(world);
    await takeQuestion(peer);
    const ended = reasonOf(approval);
    peer.close();
    await settle();
    await world.clock.advance(1_000);
    await welcomed(world, other);
    assertEquals((await ended)[0], "tryAgain");
  }
  await using world = await fakeWorld();
  const approval = start(world);
  const peer = await world.server.accept();
  await peer.answer("hello", welcome({ features: ["desk"] }));
  assertEquals((await reasonOf(approval))[0], "protocol");
});

Deno.test("approve: a refusal for good ends it with the server's words", async () => {
  await using world = await fakeWorld();
  const approval = start(world);
  const peer = await welcomed(world);
  const message = "At most 3 inquiries of yours may wait";
  await peer.answer("inquiry", { type: "error", code: "forbidden", message });
  assertEquals(await reasonOf(approval), ["denied", message]);
});
