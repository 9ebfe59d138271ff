// What another terminal of the same person joins or leaves, and what this one makes of it.

import { assert, assertEquals } from "@std/assert";
import {
  disconnected,
  follow,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { step } from "../../../lib/client/state/conversation_state.ts";
import {
  type ConversationPolicy,
  FOLLOW,
  TALK,
} from "../../../lib/client/state/conversation_policies.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import { belongingTo, message, welcome } from "../../support/clients/fake_peer.ts";

const OWN = { user: 7, from: "ada", time: 1 };

/** In #ops, which was entered, and hearing #dev. */
function inOps(policy: ConversationPolicy = TALK): Conversation {
  const begun = receive(newConversation(policy), welcome()).conversation;
  const received = follow(begun, "dev", 4);
  if (policy === FOLLOW) return received;
  return receive(received, room("ops", 0), { type: "join", room: "ops" }).conversation;
}

function room(name: string, last: number): ServerFrame<"room"> {
  return { type: "room", room: name, topic: "", first: 1, last, read: 0, count: 2 };
}

/** Takes a frame, and answers the request that it leads to by the next, and so on. */
function take(conversation: Conversation, ...frames: readonly ServerFrame[]): Step {
  let taken = step(conversation);
  let request: ClientFrame | undefined;
  for (const frame of frames) {
    const next = receive(taken.conversation, frame, request);
    request = next.asks[0]?.frame;
    taken = { ...next, lines: [...taken.lines, ...next.lines] };
  }
  return taken;
}

function texts({ lines }: Step): readonly string[] {
  return lines.map((line) => line.kind === "event" ? line.event.content ?? "" : line.text);
}

Deno.test("own presence: a room left in another terminal is left here, and the prompt turns to another", () => {
  const left = take(inOps(), { type: "left", room: "ops", ...OWN });
  assertEquals(texts(left), ["You left #ops in another terminal", "#dev"]);
  assertEquals(left.conversation.current, "dev");
  assertEquals([...left.conversation.logs.keys()], ["dev"]);
  const both = take(left.conversation, { type: "left", room: "dev", ...OWN });
  assertEquals([both.conversation.current, both.conversation.logs.size], [undefined, 0]);
});

Deno.test("own presence: a room joined in another terminal is followed here, and the current room stays", () => {
  const joined = receive(inOps(), { type: "joined", room: "new", ...OWN });
  assertEquals(joined.asks, [{ frame: { type: "join", room: "new" } }]);
  const received = take(
    inOps(),
    { type: "joined", room: "new", ...OWN },
    room("new", 8),
    message(9, { room: "new", content: "heard" }),
  );
  assertEquals(texts(received), [
    "You joined #new in another terminal; /join new speaks there",
    "heard",
  ]);
  assertEquals(received.conversation.current, "ops");
  assertEquals(received.conversation.logs.get("new")?.cursor, 9);
  // Entered by a word typed here, it is entered like any other.
  const entered = receive(received.conversation, room("new", 9), { type: "join", room: "new" });
  assertEquals(entered.conversation.current, "new");
});

Deno.test("own presence: without a current room, the one joined in another terminal becomes it", () => {
  const left = take(
    inOps(),
    { type: "left", room: "ops", ...OWN },
    { type: "left", room: "dev", ...OWN },
  );
  const joined = take(left.conversation, { type: "joined", room: "new", ...OWN }, room("new", 0));
  assertEquals(texts(joined), ["You joined #new in another terminal"]);
  assertEquals(joined.conversation.current, "new");
});

Deno.test("own presence: a question asked in another terminal is shown with its answer", () => {
  const page: ServerFrame<"page"> = {
    type: "page",
    room: "?3",
    events: [message(1, { room: "?3", content: "may I?" })],
    more_before: false,
    more_after: false,
  };
  const answer = {
    ...message(2, { room: "?3", content: "yes" }),
    type: "response" as const,
    to: 1,
  };
  const followed = take(inOps(), { type: "joined", room: "?3", ...OWN }, room("?3", 1), page);
  const answered = take(followed.conversation, answer);
  assertEquals([...texts(followed), ...texts(answered)], [
    "You asked ?3 in another terminal",
    "may I?",
    "yes",
  ]);
  assertEquals(answered.conversation.current, "ops");
});

Deno.test("own presence: joins and leaves of other terminals during a cut are followed after it", () => {
  const back = receive(
    disconnected(inOps()),
    welcome({ rooms: [{ room: "dev", first: 1, last: 4 }, { room: "new", first: 1, last: 30 }] }),
  );
  assertEquals(texts(back), [
    "You left #ops in another terminal",
    "You joined #new meanwhile; /join new speaks there",
    "#dev",
  ]);
  assertEquals(back.conversation.current, "dev");
  const [resume, older, ...others] = back.asks.map(({ frame }) => frame);
  assert(resume?.type === "resume");
  assertEquals(resume.rooms, [{ room: "dev", seq: 4 }, { room: "new", seq: 30 }]);
  assertEquals(older, { type: "history", room: "dev", before: 5, limit: 20 });
  assertEquals(others, []);
  const unchanged = receive(disconnected(inOps()), welcome(belongingTo("ops", "dev")));
  assertEquals(texts(unchanged), []);
});

Deno.test("own presence: a welcome without all rooms, or of another user, leaves no room", () => {
  const rooms = [{ room: "other", first: 1, last: 1 }];
  const more = receive(disconnected(inOps()), welcome({ rooms, more_rooms: true }));
  assertEquals([...more.conversation.logs.keys()], ["dev", "ops", "other"]);
  const you = { user: 8, name: "ada", role: "guest" } as const;
  const stranger = receive(disconnected(inOps()), welcome({ you }));
  assertEquals([...stranger.conversation.logs.keys()], ["dev", "ops"]);
});

Deno.test("own presence: a log follows its room further when a terminal leaves it", () => {
  const left = receive(inOps(FOLLOW), { type: "left", room: "dev", ...OWN });
  assertEquals(texts(left), []);
  assertEquals(left.asks, [{
    frame: { type: "resume", epoch: "epoch-1", rooms: [{ room: "dev", seq: 4 }] },
  }]);
  const others = receive(inOps(FOLLOW), { type: "joined", room: "new", ...OWN });
  assertEquals(others.asks, []);
});

Deno.test("own presence: a direct conversation that began during a cut is followed from the unread on", () => {
  const rooms = [
    { room: "ops", first: 1, last: 0 },
    { room: "dev", first: 1, last: 4 },
    { room: "@bob", kind: "direct", first: 1, last: 3, read: 1 },
  ];
  const back = receive(disconnected(inOps()), welcome({ rooms }));
  assertEquals(texts(back), ["A conversation with bob began meanwhile; /join @bob speaks there"]);
  assertEquals(back.asks.map(({ frame }) => frame.type === "resume" && frame.rooms.at(-1)), [
    { room: "@bob", seq: 1 },
  ]);
});
