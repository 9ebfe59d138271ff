// What the conversation says of itself, and that nothing depends on how its frames are cut into reads.

import { assert, assertEquals } from "@std/assert";
import { ConversationLoop } from "../../lib/client/conversation_loop.ts";
import { TALK } from "../../lib/client/state/conversation_policies.ts";
import type { Conversation } from "../../lib/client/state/conversation_state.ts";
import { fakeWorld } from "../support/clients/client_parts.ts";
import {
  belongingTo,
  type FakePeer,
  type Frame,
  message,
  welcome,
} from "../support/clients/fake_peer.ts";
import { Person } from "../support/clients/person.ts";
import { FakeClock, settle } from "../support/fakes/fake_clock.ts";
import { until } from "../support/waiting.ts";

Deno.test("conversation loop: whatever changes the conversation says so, with the changed one in place", () => {
  let seen: Conversation | undefined;
  const loop: ConversationLoop = new ConversationLoop({
    policy: TALK,
    view: { show: () => {} },
    clock: new FakeClock(),
    random: () => 0,
    changed: () => seen = loop.conversation,
  });
  const sign = { type: "typing", room: "ops", user: 9, from: "bob" } as const;
  const changes: Readonly<Record<string, () => void>> = {
    receive: () => loop.receive(welcome(belongingTo("lobby", "ops"))),
    follow: () => loop.follow(new Map([["lobby", 3], ["ops", 4]])),
    enter: () => loop.enter("ops"),
    typing: () => loop.receive(sign),
    forgetTyping: () => loop.forgetTyping(sign),
    unfollow: () => loop.unfollow("lobby"),
    offline: () => loop.offline(),
  };
  for (const [name, change] of Object.entries(changes)) {
    const before = loop.conversation;
    change();
    assert(loop.conversation !== before, name);
    assert(seen === loop.conversation, name);
  }
});

/** How the server's bytes reach the client. */
type Delivery = "together" | "a frame a turn" | "in pieces";

/** In pieces of so many bytes. */
const PIECE_BYTES = 7;

const ROOM = { type: "room", topic: "", first: 1, read: 0, count: 2 };

/** What the server sends for a request: the reply, and what happens after it. */
function answers({ type, id, room }: Frame): readonly object[] {
  const re = { re: id };
  const lines = (name: string, ...seqs: readonly number[]) =>
    seqs.map((seq) => message(seq, { room: name }));
  if (type === "hello") {
    const rooms = [
      { room: "ops", first: 1, last: 4, read: 2, unread: 2 },
      { room: "old", first: 1, last: 9, read: 4, unread: 5, mentions: 1 },
    ];
    // Another terminal of the person has read something since.
    return [{ ...welcome({ rooms }), ...re }, { type: "read", room: "ops", seq: 3 }];
  }
  if (type === "resume") {
    const ops = { room: "ops", recovered: true, missed: 0, last: 4 };
    const resumed = { type: "resumed", rooms: [ops, { room: "old", error: "no_such_room" }] };
    return [{ ...resumed, ...re }, ...lines("ops", 5, 6)];
  }
  if (type === "join" && room === "lobby") {
    return [{ ...ROOM, ...re, room, last: 3 }, message(4, { room, content: "ada: look" })];
  }
  if (type === "join") return [{ ...ROOM, ...re, room, last: 9 }, ...lines("old", 10)];
  if (type === "history") {
    const events = room === "lobby" ? lines("lobby", 2, 3) : lines(room, 1, 2, 3, 4);
    return [{ type: "page", ...re, room, events, more_before: false, more_after: false }];
  }
  if (type === "leave") {
    return [...lines(room, 7), { type: "ok", ...re, room }, ...lines("lobby", 5)];
  }
  if (type === "message") return [{ type: "ok", ...re, room, seq: 6, time: 1 }];
  return [{ type: "ok", ...re }];
}

/** A server that sends its answers as told. */
class DeliveringServer {
  /** The requests, without their numbers. */
  readonly asked: Frame[] = [];
  readonly #peer: FakePeer;
  readonly #delivery: Delivery;
  #waiting: object[] = [];
  #sending: Promise<void> = Promise.resolve();

  constructor(peer: FakePeer, delivery: Delivery) {
    this.#peer = peer;
    this.#delivery = delivery;
  }

  /** Answers until the client has ended. */
  async serve(): Promise<void> {
    for (let frame = await this.#peer.find(); frame; frame = await this.#peer.find()) {
      const { id: _id, cid: _cid, ...request } = frame;
      this.asked.push(request);
      this.#waiting.push(...answers(frame));
      this.#sending = this.#sending.then(() => this.#send());
    }
  }

  /** Resolves when so many requests have come in all, and the client has all answers. */
  async whenAsked(count: number): Promise<void> {
    // Files of the client are read and written meanwhile.
    await until(() => this.asked.length >= count);
    await settle();
    await this.#sending;
    await settle();
  }

  async #send(): Promise<void> {
    await settle();
    const frames = this.#waiting.splice(0);
    if (this.#delivery !== "a frame a turn") return await this.#peer.send(...frames);
    for (const frame of frames) {
      await this.#peer.send(frame);
      await settle();
    }
  }
}

/** What a person enters, and how many requests have been sent by then. */
const STEPS: readonly (readonly [line: string, count: number])[] = [
  ["", 4],
  ["/join old", 6],
  ["/room ops", 7],
  ["hello ops", 8],
  ["/leave", 9],
  ["/room lobby", 9],
  ["/ids", 9],
];

/** What a person sees at each step, and what the server was asked. */
async function play(delivery: Delivery): Promise<object> {
  await using world = await fakeWorld();
  world.server.readBytes = delivery === "in pieces" ? PIECE_BYTES : Infinity;
  const person = new Person(world);
  const peer = await world.server.accept();
  const server = new DeliveringServer(peer, delivery);
  const serving = server.serve();
  const steps: object[] = [];
  for (const [line, count] of STEPS) {
    person.type(line);
    await server.whenAsked(count);
    steps.push({
      line: person.line,
      status: person.status,
      rings: [...person.rings],
      texts: person.texts.slice(),
    });
  }
  person.leave("end");
  await person.over;
  await serving;
  peer.close();
  return { steps, asked: server.asked };
}

Deno.test("conversation loop: what is shown and asked is the same however the frames are cut into reads", async () => {
  const together = await play("together");
  assertEquals(await play("a frame a turn"), together);
  assertEquals(await play("in pieces"), together);
});
