import { assertEquals } from "@std/assert";
import {
  disconnected,
  follow,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { GLANCE, QUEUE } from "../../../lib/client/state/desk_frames.ts";
import {
  type ConversationPolicy,
  FOLLOW,
  TALK,
} from "../../../lib/client/state/conversation_policies.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import { belongingTo, message, welcome } from "../../support/clients/fake_peer.ts";

const INQUIRY: ClientFrame<"inquiry"> = { type: "inquiry", content: "may I?" };
const RESPOND: ClientFrame<"respond"> = { type: "respond", inquiry: 42, content: "yes" };
const ASKED: ServerFrame<"ok"> = { type: "ok", room: "?42", seq: 3, time: 9, inquiry: 42 };

function begin(policy: ConversationPolicy = TALK): Conversation {
  return receive(newConversation(policy), welcome()).conversation;
}

/** What is shown, a string each: `?42 bob: text` for an event. */
function shown({ lines }: Step): readonly string[] {
  return lines.map((line) =>
    line.kind === "event"
      ? `${line.event.room} ${line.event.from}: ${line.event.content}`
      : line.text
  );
}

const waiting = (inquiry: number, more: object = {}) => ({
  inquiry,
  room: `?${inquiry}`,
  user: 9,
  from: "ann",
  state: "open" as const,
  since: 5,
  last: 2,
  content: `question ${inquiry}`,
  ...more,
});

Deno.test("desk: an inquiry is followed from its question on, also when a cut comes before the event", () => {
  const asked = receive(begin(), { ...ASKED, position: 2 }, INQUIRY);
  assertEquals(shown(asked), ["Asked as ?42 · 2nd in the queue"]);
  assertEquals(asked.asks, []);
  const back = receive(disconnected(asked.conversation), welcome(belongingTo("?42")));
  const rooms = [{ room: "?42", seq: 2 }];
  assertEquals(back.asks, [{ frame: { type: "resume", epoch: "epoch-1", rooms } }]);
  const replayed = receive(back.conversation, message(3, { room: "?42", content: "may I?" }));
  assertEquals(shown(replayed), ["?42 bob: may I?"]);
});

Deno.test("desk: the inquiry of a question stored before the cut is resumed", () => {
  const { asks } = receive(begin(), { ...ASKED, dup: true }, INQUIRY);
  const rooms = [{ room: "?42", seq: 2 }];
  assertEquals(asks, [{ frame: { type: "resume", epoch: "epoch-1", rooms } }]);
});

Deno.test("desk: a further question in a followed inquiry moves no cursor", () => {
  const received = follow(begin(), "?42", 7);
  const { conversation, asks } = receive(received, { ...ASKED, dup: true }, INQUIRY);
  assertEquals([conversation.logs.get("?42")?.cursor, asks], [7, []]);
});

Deno.test("desk: a log of other rooms shows nothing of the desk", () => {
  const inquiry = { ...message(3, { room: "?42" }), type: "inquiry", inquiry: 42 } as const;
  const { conversation, lines, asks } = receive(begin(FOLLOW), inquiry);
  assertEquals([conversation.logs.size, lines, asks], [0, [], []]);
});

Deno.test("desk: an operator sees a question as a line of its room, once", () => {
  const event = { ...message(3, { room: "?42", content: "may I?" }) };
  const asked: ServerFrame<"inquiry"> = { ...event, type: "inquiry", inquiry: 42 };
  assertEquals(shown(receive(begin(), asked)), ["?42 bob: may I?"]);
  assertEquals(shown(receive(follow(begin(), "?42", 2), asked)), []);
});

Deno.test("desk: an answer is shown when it is stored, or as its room's event; a missing asker is reported", () => {
  assertEquals(shown(receive(begin(), ASKED, RESPOND)), ["?42 ada: yes"]);
  const received = follow(begin(), "?42", 2);
  assertEquals(shown(receive(received, { ...ASKED, asker_gone: true }, RESPOND)), [
    "Nobody will read the answer: the asker has gone and cannot come back",
  ]);
});

Deno.test("desk: the queue is listed, with who has answered before and whether there is more", () => {
  const queue = (inquiries: readonly ReturnType<typeof waiting>[], more: boolean) =>
    shown(receive(begin(), { type: "queue", inquiries, more }, QUEUE));
  assertEquals(queue([], false), ["No open inquiries"]);
  assertEquals(queue([waiting(1)], false), ["1 open inquiry", "?1 ann: question 1"]);
  assertEquals(queue([waiting(1), waiting(2, { state: "claimed", assignee: "bob" })], true), [
    "2 open inquiries, the oldest first",
    "?1 ann: question 1",
    "?2 ann: question 2",
    "?2 was answered by bob before",
    "… and more after them",
  ]);
});

Deno.test("desk: a glance at the queue shows only that there are open inquiries", () => {
  const glance = (...inquiries: readonly ReturnType<typeof waiting>[]) =>
    shown(receive(begin(), { type: "queue", inquiries, more: false }, GLANCE));
  assertEquals(glance(), []);
  assertEquals(glance(waiting(1)), ["There are open inquiries: /queue lists them"]);
});
