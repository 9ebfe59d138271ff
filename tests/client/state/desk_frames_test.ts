import { assertEquals, assertMatch } from "@std/assert";
import {
  disconnected,
  follow,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { GLANCE, QUEUE } from "../../../lib/client/state/desk/desk_frames.ts";
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
  const { conversation, lines, asks } = receive(begin(FOLLOW), question("may I?"));
  assertEquals([conversation.logs.size, lines, asks], [0, [], []]);
});

Deno.test("desk: an operator sees a question as a line of its room, once", () => {
  const asked = question("may I?", {});
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

Deno.test("desk: the queue is listed, with who works on what and whether there is more", () => {
  const queue = (inquiries: readonly ReturnType<typeof waiting>[], more: boolean) =>
    shown(receive(begin(), { type: "queue", inquiries, more }, QUEUE));
  assertEquals(queue([], false), ["No open inquiries"]);
  assertEquals(queue([waiting(1)], false), [
    "1 open inquiry",
    "?1 ann: question 1",
    "?1: not seen yet",
  ]);
  const claimed = waiting(2, { state: "claimed", assignee: "bob" });
  assertEquals(queue([waiting(1, { seen: 5 }), claimed], true), [
    "2 open inquiries, the oldest first",
    "?1 ann: question 1",
    "?1: nobody works on it",
    "?2 ann: question 2",
    "?2: bob works on it",
    "… and more after them",
  ]);
});

Deno.test("desk: a glance at the queue shows only that there are open inquiries", () => {
  const glance = (...inquiries: readonly ReturnType<typeof waiting>[]) =>
    shown(receive(begin(), { type: "queue", inquiries, more: false }, GLANCE));
  assertEquals(glance(), []);
  assertEquals(glance(waiting(1)), ["There are open inquiries: /queue lists them"]);
});

const approval = { choices: ["approve", "deny"], expires: 1_795_374_000_000 };

/** The question 42 as an operator gets it. */
function question(content: string, more: object = approval): ServerFrame<"desk"> {
  const event = { ...message(1, { room: "desk", content }), inquiry: 42, of: 1 };
  return { ...event, type: "desk", change: "opened", state: "open", ...more };
}

function wholeness({ conversation }: Step): boolean | undefined {
  return conversation.questions.get(42)?.isWhole;
}

Deno.test("desk: a question with choices is shown with the commands that decide it", () => {
  const short = receive(begin(), question("run it?"));
  const [text, how = ""] = shown(short);
  assertEquals([text, wholeness(short)], ["?42 bob: run it?", true]);
  assertMatch(how, /^\/approve 42 or \/deny 42 decides it · closes at \d\d:\d\d$/);
  const colours = question("which?", { choices: ["red", "blue"], needs: 2 });
  assertEquals(
    shown(receive(begin(), colours)).at(-1),
    "/decide 42 red|blue decides it · needs 2 operators",
  );
  assertEquals(wholeness(receive(begin(), question("a text?", {}))), undefined);
});

Deno.test("desk: a question of 900 lines is folded, and counts as seen when it was opened", () => {
  const content = Array.from({ length: 900 }, (_, n) => `line ${n + 1}`).join("\n");
  const folded = receive(begin(), question(content));
  const [text = "", more, ...how] = shown(folded);
  assertEquals([text.split("\n").length, more, how.length], [
    10,
    "… 890 more lines · /open 42 shows all",
    1,
  ]);
  assertEquals(wholeness(folded), false);
  const event = { ...message(1, { room: "?42", content }), ...approval };
  const page: ServerFrame<"page"> = {
    type: "page",
    room: "?42",
    events: [event],
    more_before: false,
    more_after: false,
  };
  const opened = receive(folded.conversation, page, {
    type: "history",
    room: "?42",
    around: 1,
    limit: 1,
  });
  assertEquals([shown(opened), wholeness(opened)], [[`?42 bob: ${content}`], true]);
  // It stays so when the same question comes once more.
  assertEquals(wholeness(receive(opened.conversation, question(content))), true);
  const cut = receive(folded.conversation, { ...page, events: [{ ...event, cut: true }] }, {
    type: "history",
    room: "?42",
    around: 1,
  });
  assertEquals(wholeness(cut), false);
});

Deno.test("desk: one long line is folded, too, and so is what the queue has only the beginning of", () => {
  const long = receive(begin(), question("x".repeat(1_001)));
  assertEquals([shown(long)[1], wholeness(long)], ["… more · /open 42 shows all", false]);
  const entry = { ...waiting(42, approval), content: "x".repeat(1_000) };
  const queued = receive(begin(), { type: "queue", inquiries: [entry], more: false }, QUEUE);
  assertEquals([shown(queued)[2], wholeness(queued)], ["… more · /open 42 shows all", false]);
  const whole = { ...waiting(42, approval), content: "run it?" };
  const listed = receive(begin(), { type: "queue", inquiries: [whole], more: false }, QUEUE);
  assertEquals(wholeness(listed), true);
});

Deno.test("desk: a long question is folded in a followed room, too, and whole when it was asked for", () => {
  const event = { ...message(1, { room: "?42", content: "x\n".repeat(900) }), ...approval };
  const followed = receive(follow(begin(), "?42", 0), event);
  assertEquals(wholeness(followed), false);
  const page = { type: "page", room: "?42", events: [event], more_before: false } as const;
  const asked = { type: "history", room: "?42", around: 1, limit: 1 } as const;
  const opened = receive(followed.conversation, { ...page, more_after: false }, asked);
  assertEquals(wholeness(opened), true);
  const entered = { type: "history", room: "?42", limit: 20 } as const;
  const paged = receive(follow(begin(), "?42", 0), { ...page, more_after: false }, entered);
  assertEquals(wholeness(paged), false);
});

Deno.test("desk: a decision in a followed room is an event there", () => {
  const event = { ...message(1, { room: "?42", content: "run it?" }), ...approval };
  const followed = receive(follow(begin(), "?42", 0), event);
  assertEquals(wholeness(followed), true);
  const decide = { type: "decide", inquiry: 42, choice: "deny" } as const;
  const ok = { type: "ok", room: "?42", seq: 2, time: 9, inquiry: 42, state: "decided" } as const;
  assertEquals(shown(receive(followed.conversation, ok, decide)), []);
  assertEquals(shown(receive(begin(), ok, decide)), ["You decided ?42: deny"]);
  assertEquals(shown(receive(begin(), { ...ok, state: "pending" }, decide)), [
    'You chose "deny" for ?42: another operator must choose it, too',
  ]);
});

Deno.test("desk: a choice that comes too late names the decision before, and the question waits no longer", () => {
  const asked = receive(begin(), question("run it?")).conversation;
  assertEquals([...asked.waiting], [42]);
  const decide = { type: "decide", inquiry: 42, choice: "deny" } as const;
  const event = {
    ...message(2, { room: "?42", content: "" }),
    type: "decision",
    of: 1,
    choice: "approve",
    state: "decided",
  } as const;
  const refused: ServerFrame<"error"> = {
    type: "error",
    code: "already_decided",
    message: "…",
    event,
  };
  const late = receive(asked, refused, decide);
  assertMatch(shown(late)[0] ?? "", /^bob decided \?42 at \d\d:\d\d: approve$/);
  const decided = { ...question(""), content: "", change: "decided", state: "decided" } as const;
  assertEquals([...receive(asked, { ...decided, seq: 2 }).conversation.waiting], []);
  const again = receive(asked, { ...refused, event: { ...event, state: "pending" } }, decide);
  assertMatch(shown(again)[0] ?? "", /^You chose "approve" for \?42 at \d\d:\d\d: another/);
  assertEquals([...again.conversation.waiting], [42]);
});
