import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  disconnected,
  follow,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import { resumeRequests } from "../../../lib/client/state/resumption.ts";
import type { Ask, Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { formatClock, formatDay } from "../../../lib/terminal/layout.ts";
import type { Line } from "../../../lib/terminal/view_lines.ts";
import {
  type ConversationPolicy,
  FOLLOW,
  TALK,
} from "../../../lib/client/state/conversation_policies.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import { belongingTo, message, welcome } from "../../support/clients/fake_peer.ts";

/** Feeds frames to a conversation, as the wire would. */
class Player {
  conversation: Conversation;
  lines: Line[] = [];
  asks: Ask[] = [];

  constructor(policy: ConversationPolicy, ...rooms: readonly (readonly [string, number])[]) {
    this.conversation = newConversation(policy);
    this.take(welcome());
    for (const [room, cursor] of rooms) {
      this.conversation = follow(this.conversation, room, cursor);
    }
  }

  take(frame: ServerFrame, request?: ClientFrame): this {
    const step: Step = receive(this.conversation, frame, request);
    this.conversation = step.conversation;
    this.lines.push(...step.lines);
    this.asks.push(...step.asks);
    return this;
  }

  /** Answers the request asked for last. */
  answer(frame: ServerFrame): this {
    const ask = this.asks.pop();
    assert(ask !== undefined, "nothing was asked");
    return this.take(frame, ask.frame);
  }

  cut(): this {
    this.conversation = disconnected(this.conversation);
    return this;
  }

  get seqs(): readonly number[] {
    return this.lines.flatMap((line) => line.kind === "event" ? [line.event.seq] : []);
  }

  get texts(): readonly string[] {
    return this.lines.flatMap((line) => line.kind === "event" ? [] : [line.text]);
  }
}

const join: ClientFrame = { type: "join", room: "ops" };

function room(last: number, more: Partial<ServerFrame<"room">> = {}): ServerFrame<"room"> {
  return { type: "room", room: "ops", topic: "", first: 1, last, read: 0, count: 3, ...more };
}

function page(
  seqs: readonly number[],
  more: Partial<ServerFrame<"page">> = {},
): ServerFrame<"page"> {
  const events = seqs.map((seq) => message(seq));
  return { type: "page", room: "ops", events, more_before: false, more_after: false, ...more };
}

function resumed(...rooms: ServerFrame<"resumed">["rooms"]): ServerFrame<"resumed"> {
  return { type: "resumed", rooms };
}

Deno.test("conversation: entering a room shows its newest page, then what comes", () => {
  const player = new Player(TALK).take(room(3), join).take(message(4));
  assertEquals(player.seqs, []);
  assertEquals(player.asks.at(-1)?.frame, { type: "history", room: "ops", limit: 20 });
  player.answer(page([2, 3])).take(message(5));
  assertEquals(player.seqs, [2, 3, 4, 5]);
  assertEquals(player.conversation.current, "ops");
  assertEquals(player.texts, ["#ops · 3 members"]);
});

Deno.test("conversation: an empty room says so and asks for nothing", () => {
  const player = new Player(TALK).take(room(0, { count: 1, topic: "all things ops" }), join);
  assertEquals(player.texts, ["#ops · 1 member · all things ops", "No messages yet"]);
  assertEquals(player.asks, []);
  assertEquals(player.take(message(1)).seqs, [1]);
});

Deno.test("conversation: entering a followed room only makes it the current one", () => {
  const player = new Player(TALK).take(room(3), join).answer(page([2, 3]));
  player.take(room(3), join);
  assertEquals(player.asks, []);
  assertEquals(player.seqs, [2, 3]);
});

Deno.test("conversation: entering a followed room for the first time shows its older messages", () => {
  const player = new Player(TALK, ["ops", 57]).take(message(58)).take(room(58), join);
  assertEquals(player.asks.at(-1)?.frame, { type: "history", room: "ops", before: 58, limit: 20 });
  player.answer(page([56, 57], { more_before: true }));
  assertEquals(player.seqs, [58, 56, 57]);
  assertEquals(player.conversation.logs.get("ops")?.oldest, 56);
});

Deno.test("conversation: a gap between live events is paged", () => {
  const player = new Player(FOLLOW, ["ops", 10]).take(message(13));
  assertEquals(player.asks.at(-1)?.frame, { type: "history", room: "ops", after: 10, limit: 100 });
  player.answer(page([11, 12]));
  assertEquals(player.seqs, [11, 12, 13]);
});

Deno.test("conversation: duplicates are removed", () => {
  const player = new Player(FOLLOW, ["ops", 10]);
  player.take(message(11)).take(message(11)).take(message(10)).take(message(12));
  assertEquals(player.seqs, [11, 12]);
});

Deno.test("conversation: after a cut every room is resumed from its cursor", () => {
  const player = new Player(FOLLOW, ["ops", 10], ["dev", 3]).take(message(11)).cut();
  player.take(welcome());
  const rooms = [{ room: "ops", seq: 11 }, { room: "dev", seq: 3 }];
  assertEquals(player.asks, [{ frame: { type: "resume", epoch: "epoch-1", rooms } }]);
});

Deno.test("conversation: rooms are resumed in portions of fifty", () => {
  const rooms = Array.from({ length: 450 }, (_, i) => [`r${i}`, i] as const);
  const asks = resumeRequests(new Player(FOLLOW, ...rooms).conversation);
  const named = asks.map(({ frame }) => frame.type === "resume" ? frame.rooms.length : 0);
  assertEquals(named, [...Array(9).fill(50)]);
});

Deno.test("conversation: missed messages are counted, and come once", () => {
  const player = new Player(TALK, ["ops", 10], ["dev", 3]).cut();
  player.take(welcome(belongingTo("ops", "dev")));
  player.answer(resumed(
    { room: "ops", recovered: true, missed: 2, last: 12 },
    { room: "dev", recovered: true, missed: 0, last: 3 },
  )).take(message(11)).take(message(12)).take(message(13));
  assertEquals(player.seqs, [11, 12, 13]);
  assertEquals(player.texts, ["Missed meanwhile: 2 in #ops · nothing lost"]);
});

Deno.test("conversation: a log reads all of a long gap, page by page, live events after it", () => {
  const player = new Player(FOLLOW, ["ops", 10]).cut().take(welcome());
  player.answer(
    resumed({ room: "ops", recovered: false, missed: 4, last: 14, reason: "too_many" }),
  );
  player.take(message(15)).answer(page([11, 12], { more_after: true }));
  assertEquals(player.asks.at(-1)?.frame, { type: "history", room: "ops", after: 12, limit: 100 });
  player.answer(page([13, 14])).take(message(16));
  assertEquals(player.seqs, [11, 12, 13, 14, 15, 16]);
  assertEquals(player.texts, ["4 missed in #ops; reading them page by page"]);
});

Deno.test("conversation: a person sees the newest of a long gap, and how to see the rest", () => {
  const player = new Player(TALK).take(room(3), join).answer(page([3])).cut()
    .take(welcome(belongingTo("ops")));
  player.answer(
    resumed({ room: "ops", recovered: false, missed: 997, last: 1_000, reason: "too_many" }),
  );
  assertEquals(player.asks.at(-1)?.frame, { type: "history", room: "ops", limit: 20 });
  player.answer(page([999, 1_000], { more_before: true })).take(message(1_001));
  assertEquals(player.seqs, [3, 999, 1_000, 1_001]);
  assertStringIncludes(
    player.texts.at(-1) ?? "",
    "997 missed in #ops; the newest follow, /history",
  );
  assertEquals(player.conversation.logs.get("ops")?.oldest, 999);
});

Deno.test("conversation: messages that are no longer kept are named by their seq", () => {
  const player = new Player(FOLLOW, ["ops", 10]).cut().take(welcome());
  player.answer(
    resumed({ room: "ops", recovered: false, missed: 90, last: 100, reason: "retention" }),
  );
  player.answer(page([99, 100]));
  assertEquals(player.seqs, [99, 100]);
  assertEquals(player.texts.at(-1), "#ops: messages 11–98 are missing");
});

Deno.test("conversation: a room that can no longer be read is dropped, with a line", () => {
  const player = new Player(TALK, ["ops", 10]).take(room(10), join).cut()
    .take(welcome(belongingTo("ops")));
  player.asks = player.asks.filter(({ frame }) => frame.type === "resume");
  player.answer(resumed({ room: "ops", error: "no_such_room" }));
  assertEquals(player.conversation.logs.size, 0);
  assertEquals(player.conversation.current, undefined);
  assertStringIncludes(player.texts.at(-1) ?? "", "There is no room #ops");
});

Deno.test("conversation: another epoch drops the cursors, shows that, and enters the rooms again", () => {
  const player = new Player(TALK, ["dev", 7]).take(room(3), join).answer(page([3])).cut();
  player.take(welcome({ epoch: "epoch-2" }));
  assertStringIncludes(player.texts.at(-1) ?? "", "starting over");
  assertEquals(player.asks.map(({ frame }) => frame), [
    { type: "join", room: "dev" },
    { type: "join", room: "ops" },
  ]);
  assertEquals(player.conversation.logs.size, 0);
});

Deno.test("conversation: a log follows another epoch from its beginning", () => {
  const player = new Player(FOLLOW, ["ops", 700]).cut().take(welcome({ epoch: "epoch-2" }));
  const rooms = [{ room: "ops", seq: 0 }];
  assertEquals(player.asks, [{ frame: { type: "resume", epoch: "epoch-2", rooms } }]);
});

Deno.test("conversation: a cursor beyond the server's last starts the room afresh", () => {
  const player = new Player(FOLLOW, ["ops", 700]).cut().take(welcome());
  player.answer(resumed({ room: "ops", recovered: false, missed: 0, last: 2, reason: "epoch" }));
  player.answer(page([1, 2])).take(message(3));
  assertEquals(player.seqs, [1, 2, 3]);
});

Deno.test("conversation: a page refused for now is asked again when the server says", () => {
  const player = new Player(FOLLOW, ["ops", 10]).take(message(13));
  const asked = player.asks.at(-1)?.frame;
  const limited = { code: "rate_limited", message: "slowly", retry: true, after_ms: 700 } as const;
  player.answer({ type: "error", ...limited });
  assertEquals(player.asks, [{ frame: asked as ClientFrame, afterMs: 700 }]);
  assertEquals(player.texts, []);
});

Deno.test("conversation: a page refused for good leaves a gap that is shown, and live events follow", () => {
  const player = new Player(FOLLOW, ["ops", 10]).take(message(13));
  player.answer({ type: "error", code: "forbidden", message: "not for you" });
  assertEquals(player.seqs, [13]);
  assertEquals(player.texts, ["not for you", "#ops: messages 11–12 are missing"]);
  assertEquals(player.take(message(14)).seqs, [13, 14]);
});

Deno.test("conversation: older messages stand between two lines of their own", () => {
  const player = new Player(TALK).take(room(50), join).answer(page([50]));
  player.take(page([48, 49], { more_before: true }), { type: "history", room: "ops", before: 50 });
  const { time } = message(48);
  assertEquals(player.texts.slice(1), [
    `#ops: 2 earlier messages, from ${formatDay(time)} ${formatClock(time)}`,
    "end of the older messages; /history shows more",
  ]);
  assertEquals(player.seqs, [50, 48, 49]);
});

Deno.test("conversation: a refused join names the commands that help", () => {
  const player = new Player(TALK);
  const refused = { type: "error", code: "no_such_room", message: "There is no room ops" } as const;
  player.take(refused, join).take(refused, { type: "join", room: "@bob" });
  assertEquals(player.texts, [
    "There is no room #ops: /create ops creates it, /rooms lists all",
    "Nothing was written between you and bob yet",
  ]);
  assertEquals(player.conversation.current, "@bob");
  assertEquals(player.take(message(1, { room: "@bob" })).seqs, [1]);
});

Deno.test("conversation: a join refused for now is asked again when the server says", () => {
  const limited = { code: "rate_limited", message: "slowly", retry: true, after_ms: 100 } as const;
  const player = new Player(TALK).take({ type: "error", ...limited }, join);
  assertEquals([player.asks, player.texts], [[{ frame: join, afterMs: 100 }], []]);
});

Deno.test("conversation: leaving enters the room entered before, else one that is followed", () => {
  const player = new Player(TALK, ["lobby", 2]).take(room(0), join);
  player.take({ type: "ok" }, { type: "leave", room: "ops" });
  const older = { type: "history", room: "lobby", before: 3, limit: 20 } as const;
  assertEquals(player.asks.at(-1)?.frame, older);
  assertEquals(player.conversation.current, "lobby");
  assertEquals(player.texts.slice(-2), ["You left #ops", "#lobby"]);
});

Deno.test("conversation: leaving turns to no inquiry, nor to a room entered earlier than another", () => {
  const player = new Player(TALK);
  for (const name of ["dev", "lobby", "dev", "ops"]) {
    player.take(room(0, { room: name }), { type: "join", room: name });
  }
  player.conversation = follow(player.conversation, "?1", 2);
  player.take({ type: "ok", room: "ops" }, { type: "leave", room: "ops" });
  assertEquals(player.conversation.current, "dev");
  player.take({ type: "ok", room: "dev" }, { type: "leave", room: "dev" });
  assertEquals(player.conversation.current, "lobby");
  player.take({ type: "ok", room: "lobby" }, { type: "leave", room: "lobby" });
  assertEquals(player.conversation.current, undefined);
  assertEquals([...player.conversation.logs.keys()], ["?1"]);
});

Deno.test("conversation: a room is left whose name was typed in other capitals", () => {
  const player = new Player(TALK, ["lobby", 2]).take(room(0), join);
  player.take({ type: "ok", room: "ops" }, { type: "leave", room: "OPS" });
  assertEquals(player.conversation.current, "lobby");
  assertEquals(player.texts.slice(-2), ["You left #ops", "#lobby"]);
});

Deno.test("conversation: lists go on page by page", () => {
  const player = new Player(TALK);
  const rooms = [{
    room: "dev",
    first: 1,
    last: 2,
    count: 2,
    joined: true,
    unread: 3,
    topic: "code",
  }];
  player.take({ type: "rooms", rooms, more: true }, { type: "rooms" });
  assertEquals(player.texts, ["#dev · 2 members · joined · 3 unread · code"]);
  assertEquals(player.asks.at(-1)?.frame, { type: "rooms", after: "dev" });
  const members = [
    { user: 1, name: "ann", role: "member", here: true },
    { user: 2, name: "bob", role: "guest", here: true },
    { user: 3, name: "cy", role: "operator", here: false },
  ] as const;
  const who: ClientFrame = { type: "members", room: "ops" };
  player.take({ type: "members", room: "ops", members, more: true }, who);
  assertEquals(player.texts.slice(1), ["#ops here: ann, bob (guest)", "#ops away: cy (operator)"]);
  assertEquals(player.asks.at(-1)?.frame, { type: "members", room: "ops", after: "cy" });
});

Deno.test("conversation: a person sees joins and leaves, a log does not", () => {
  const came = { type: "joined", room: "ops", user: 9, from: "bob", time: 1 } as const;
  assertEquals(new Player(FOLLOW, ["ops", 1]).take(came).lines, []);
  const person = new Player(TALK, ["ops", 1]).take(came).take({ ...came, type: "left" });
  assertEquals(person.texts, ["bob joined #ops", "bob left #ops"]);
});

Deno.test("conversation: a direct conversation that begins is shown", () => {
  const player = new Player(TALK).take(message(1, { room: "@bob" }));
  assertEquals(player.seqs, [1]);
  assertEquals(new Player(FOLLOW, ["ops", 1]).take(message(1, { room: "@bob" })).seqs, []);
});

Deno.test("conversation: another name than before is shown", () => {
  const player = new Player(TALK).cut();
  player.take(welcome({ you: { user: 7, name: "ada2", role: "guest" } }));
  assertStringIncludes(player.texts[0] ?? "", "You are ada2 now");
});
