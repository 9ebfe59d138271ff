// The room `desk` in an operator's client: followed from a list on, once; what waits; what was seen.

import { assertEquals } from "@std/assert";
import {
  disconnected,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import { TALK } from "../../../lib/client/state/conversation_policies.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { othersInquiryOf } from "../../../lib/client/state/desk/inquiry_facts.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";
import { welcome } from "../../support/clients/fake_peer.ts";

const YOU = { user: 7, name: "ada", role: "operator" } as const;

function begin(): Conversation {
  return receive(newConversation(TALK), welcome({ you: YOU })).conversation;
}

function change(
  seq: number,
  more: Partial<ServerFrame<"desk">> = {},
): ServerFrame<"desk"> {
  const event = { type: "desk", room: "desk", seq, user: 9, from: "bob", time: seq } as const;
  return { ...event, content: "", inquiry: 42, state: "open", change: "opened", of: 1, ...more };
}

/** After a list that has the desk up to 4. */
function followed(): Conversation {
  return receive(begin(), { type: "queue", inquiries: [], more: false, desk: 4 }).conversation;
}

function shown({ lines }: Step): readonly string[] {
  return lines.map((line) => line.kind === "event" ? line.event.content ?? "" : line.text);
}

Deno.test("desk log: it is followed from the first list on, and resumed from its cursor", () => {
  const list = { type: "queue", inquiries: [], more: false, desk: 4 } as const;
  const first = receive(begin(), list);
  const resume = (seq: number) => ({
    frame: { type: "resume" as const, epoch: "epoch-1", rooms: [{ room: "desk", seq }] },
  });
  assertEquals(first.asks, [resume(4)]);
  assertEquals(receive(first.conversation, list).asks, []);
  const later = receive(first.conversation, change(5, { content: "may I?" })).conversation;
  assertEquals(receive(disconnected(later), welcome({ you: YOU })).asks, [resume(5)]);
});

Deno.test("desk log: a question is shown once, and nobody is told by that alone that it was seen", () => {
  const asked = receive(followed(), change(5, { content: "may I?" }));
  assertEquals([shown(asked), asked.asks], [["may I?"], []]);
  const again = receive(asked.conversation, change(5, { content: "may I?" }));
  assertEquals([again.lines, again.asks], [[], []]);
  const further = receive(asked.conversation, change(6, { change: "asked", content: "please" }));
  assertEquals([shown(further), further.asks], [["please"], []]);
});

Deno.test("desk log: what others work on is shown, one's own work and answers are not", () => {
  const claimed = change(5, { change: "claimed", state: "claimed", assignee: "bob" });
  assertEquals(shown(receive(followed(), claimed)), ["bob works on ?42"]);
  assertEquals(shown(receive(followed(), { ...claimed, user: 7 })), []);
  assertEquals(shown(receive(followed(), change(5, { change: "answered" }))), []);
});

Deno.test("desk log: how a question with choices ends is shown, but for one's own decision", () => {
  const decided = change(5, { change: "decided", state: "decided", choice: "approve" });
  assertEquals(shown(receive(followed(), decided)), ["bob decided ?42: approve"]);
  assertEquals(shown(receive(followed(), { ...decided, user: 7 })), []);
  assertEquals(shown(receive(followed(), { ...decided, state: "pending" })), [
    'bob chose "approve" for ?42: another operator must choose it, too',
  ]);
  const withdrawn = change(5, { change: "withdrawn", state: "withdrawn" });
  assertEquals(shown(receive(followed(), withdrawn)), ["bob withdrew the question of ?42"]);
  const expired = change(5, { change: "expired", state: "expired" });
  assertEquals(shown(receive(followed(), expired)), [
    "The time for ?42 is over: it is closed without a decision",
  ]);
});

Deno.test("desk log: which inquiries wait follows from the changes", () => {
  const cases: readonly (readonly [Partial<ServerFrame<"desk">>, boolean])[] = [
    [{ change: "claimed", state: "claimed" }, true],
    [{ change: "answered", state: "claimed", of: 1 }, false],
    [{ change: "answered", state: "claimed", of: 0 }, true],
    [{ change: "decided", state: "pending" }, true],
    [{ change: "decided", state: "decided" }, false],
    [{ change: "snoozed", until: 99 }, false],
    [{ change: "resolved", state: "resolved" }, false],
    [{ change: "withdrawn", state: "withdrawn" }, false],
    [{ change: "expired", state: "expired" }, false],
  ];
  const asked = receive(followed(), change(5, { content: "may I?" })).conversation;
  for (const [more, waits] of cases) {
    const { conversation } = receive(asked, change(6, more));
    assertEquals(conversation.waiting.has(42), waits, JSON.stringify(more));
    const back = receive(conversation, change(7, { change: "reopened", of: undefined }));
    assertEquals(back.conversation.waiting.has(42), true);
  }
});

Deno.test("desk log: after a gap its newest events are read, and a former operator follows it no more", () => {
  const room = { room: "desk", recovered: false, missed: 900, last: 904 } as const;
  const rooms = [{ ...room, reason: "too_many" as const }];
  const gap = receive(followed(), { type: "resumed", rooms });
  const history = { type: "history" as const, room: "desk", limit: 20 };
  assertEquals(gap.asks, [{ frame: history }]);
  const events = [change(904, { content: "the last" })];
  const page = {
    type: "page",
    room: "desk",
    events,
    more_before: true,
    more_after: false,
  } as const;
  const read = receive(gap.conversation, page, history);
  assertEquals([shown(read), read.conversation.desk?.cursor], [["the last"], 904]);
  const gone = {
    type: "resumed",
    rooms: [{ room: "desk", error: "no_such_room" as const }],
  } as const;
  const asked = receive(followed(), change(5, { content: "may I?" })).conversation;
  const former = receive(asked, gone);
  assertEquals([former.conversation.desk, former.lines], [undefined, []]);
  assertEquals(former.conversation.waiting.size, 0);
});

Deno.test("desk log: in another epoch nothing holds that was shown of an inquiry", () => {
  const terms = { choices: ["approve", "deny"], content: "may I?" };
  const draft = { type: "note", room: "?42!", inquiry: 42, kind: "draft", content: "Yes" } as const;
  const standing = { type: "standing", room: "?42", by: "bob", time: 0 } as const;
  const shownBefore = [
    change(5, terms),
    { ...draft, seq: 1, user: 9, from: "bob", time: 0 },
    { ...standing, user: YOU.user, from: YOU.name, standing: "member" },
    { type: "typing", room: "?42", user: 9, from: "bob" },
  ] as const;
  const before = shownBefore.reduce<Conversation>(
    (conversation, frame) => receive(conversation, frame).conversation,
    { ...followed(), current: "?42" },
  );
  const known = ({ waiting, asked, drafts, questions, inquiries, activity }: Conversation) =>
    [waiting, asked, drafts, questions, inquiries, activity].map(({ size }) => size);
  assertEquals([known(before), othersInquiryOf(before, "?42")], [[1, 1, 1, 1, 1, 1], 42]);
  const same = receive(before, welcome({ you: YOU })).conversation;
  assertEquals([known(same), othersInquiryOf(same, "?42")], [[1, 1, 1, 1, 1, 1], 42]);
  const other = receive(before, welcome({ you: YOU, epoch: "epoch-2" })).conversation;
  assertEquals([known(other), othersInquiryOf(other, "?42")], [[0, 0, 0, 0, 0, 0], undefined]);
});
