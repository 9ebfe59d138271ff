// An operator's client: whose inquiry the prompt names, what claiming and giving back do to it, and who reads
// and types there.

import { assertEquals } from "@std/assert";
import { describeActivity, withoutTyping } from "../../../lib/client/state/activity.ts";
import { TALK } from "../../../lib/client/state/conversation_policies.ts";
import {
  disconnected,
  newConversation,
  receive,
} from "../../../lib/client/state/conversation_reducer.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { othersInquiryOf, promptNameOf } from "../../../lib/client/state/desk/inquiry_facts.ts";
import type { ClientFrame, ServerFrame } from "../../../lib/wire/frame.ts";
import { message } from "../../support/clients/fake_peer.ts";

const YOU = { user: 7, name: "ada", role: "operator" } as const;

function begin(): Conversation {
  return { ...newConversation(TALK), you: YOU };
}

/** A change of inquiry 42, which ann has asked. */
function change(
  seq: number,
  more: Partial<ServerFrame<"desk">> & Pick<ServerFrame<"desk">, "change">,
): ServerFrame<"desk"> {
  const event = message(seq, { room: "desk", content: "" });
  return { ...event, inquiry: 42, state: "open", ...more, type: "desk" };
}

const OPENED = change(1, { change: "opened", user: 5, from: "ann", content: "may I?", of: 1 });

function after(...frames: readonly ServerFrame[]): Conversation {
  return frames.reduce((conversation, frame) => receive(conversation, frame).conversation, begin());
}

function texts({ lines }: Step): readonly (string | undefined)[] {
  return lines.map((line) =>
    line.kind === "event" ? `${line.event.from}: ${line.event.content}` : line.text
  );
}

function work(
  conversation: Conversation,
  request: ClientFrame<"claim" | "release" | "resolve">,
): Step {
  const ok = { type: "ok", room: "desk", seq: 2, time: 9, inquiry: 42 } as const;
  return receive(conversation, ok, request);
}

Deno.test("desk work: what is claimed is the room in which one answers, named by number and asker", () => {
  const claimed = work(after(OPENED), { type: "claim", inquiry: 42 });
  assertEquals(texts(claimed), ["You work on ?42"]);
  const { conversation } = claimed;
  assertEquals(claimed.asks.map(({ frame }) => frame), [
    { type: "resume", epoch: undefined, rooms: [{ room: "?42", seq: 1 }] },
  ]);
  assertEquals(conversation.current, "?42");
  assertEquals([promptNameOf(conversation, "?42"), promptNameOf(conversation, "ops")], [
    "[42 ann]",
    undefined,
  ]);
  const resolved = work(conversation, { type: "resolve", inquiry: 42 });
  assertEquals([texts(resolved), resolved.conversation.current], [["You resolved ?42"], undefined]);
});

Deno.test("desk work: one's own inquiry is none to answer, nor is one of a user who is no operator", () => {
  const own = after({ ...OPENED, user: YOU.user, from: YOU.name });
  assertEquals(othersInquiryOf(own, "?42"), undefined);
  const other = after(OPENED);
  assertEquals(othersInquiryOf(other, "?42"), 42);
  assertEquals(othersInquiryOf({ ...other, you: { ...YOU, role: "member" } }, "?42"), undefined);
  assertEquals(othersInquiryOf(other, "ops"), undefined);
  // Nothing is known of who asked 43.
  assertEquals(othersInquiryOf(other, "?43"), undefined);
  const facts = new Map([["?43", { standing: "member" }]]);
  assertEquals(othersInquiryOf({ ...other, facts }, "?43"), 43);
  assertEquals(
    othersInquiryOf({ ...other, facts: new Map([["?43", { standing: "owner" }]]) }, "?43"),
    undefined,
  );
});

Deno.test("desk work: who works on an inquiry and whether it was seen follows from the desk", () => {
  const facts = (conversation: Conversation) => conversation.inquiries.get(42);
  const asked = after(OPENED);
  const open = { user: 5, from: "ann", state: "open", assignee: undefined, isSeen: false } as const;
  assertEquals(facts(asked), open);
  const seen = change(2, { change: "seen" });
  assertEquals(facts(after(OPENED, seen)), { ...open, isSeen: true });
  const claimed = change(3, { change: "claimed", state: "claimed", assignee: "bob" });
  assertEquals(facts(after(OPENED, seen, claimed)), {
    ...open,
    state: "claimed",
    assignee: "bob",
    isSeen: true,
  });
  const over = change(4, { change: "resolved", state: "resolved" });
  assertEquals(facts(after(OPENED, seen, claimed, over)), undefined);
});

Deno.test("desk work: another's answer is shown as it goes out, one's own is not shown twice", () => {
  const answer = change(2, { change: "answered", state: "claimed", of: 1, to: 2, content: "yes" });
  assertEquals(texts(receive(after(OPENED), answer)), ["bob: yes"]);
  const own = { ...answer, user: YOU.user, from: YOU.name };
  assertEquals(texts(receive(after(OPENED), own)), []);
});

Deno.test("activity: who reads and who types, until they write, are too old, or the connection is cut", () => {
  const reads = { type: "presence", room: "?42", user: 9, from: "bob", here: true } as const;
  const types = { type: "typing", room: "?42", user: 5, from: "ann" } as const;
  const active = after(OPENED, reads, types);
  const described = (conversation: Conversation) => describeActivity(conversation, "?42");
  assertEquals(described(active), ["bob reads it", "ann is typing"]);
  const both = after(OPENED, reads, types, { ...types, user: 9, from: "bob" });
  assertEquals(described(both), ["ann, bob are typing"]);
  assertEquals(described(after(OPENED, reads, { ...reads, here: false })), []);
  assertEquals(described(after({ ...reads, user: YOU.user }, { ...types, user: YOU.user })), []);
  assertEquals(described(disconnected(active)), []);
  const text = message(2, { room: "?42", user: 5, from: "ann" });
  const follows = { ...active, logs: new Map() };
  assertEquals(described(receive(follows, text).conversation), ["bob reads it"]);
  const again = { ...types };
  const later = receive(active, again).conversation;
  const { room, user } = types;
  assertEquals(described(withoutTyping(later, { room, user, sign: types })), described(active));
  assertEquals(described(withoutTyping(later, { room, user, sign: again })), ["bob reads it"]);
});
