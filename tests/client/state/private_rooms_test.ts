// What a client makes of private rooms, direct conversations and topics.

import { assertEquals } from "@std/assert";
import { newConversation, receive } from "../../../lib/client/state/conversation_reducer.ts";
import type { Conversation, Step } from "../../../lib/client/state/conversation_state.ts";
import { FOLLOW, TALK } from "../../../lib/client/state/conversation_policies.ts";
import {
  JsonView,
  type Output,
  PlainView,
} from "../../../lib/client/output/plain_and_json_views.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";
import { message, welcome } from "../../support/clients/fake_peer.ts";

function begun(policy = TALK): Conversation {
  return receive(newConversation(policy), welcome()).conversation;
}

function texts({ lines }: Step): readonly string[] {
  return lines.map((line) => line.kind === "event" ? line.event.content ?? "" : line.text);
}

const TOPIC: ServerFrame<"topic"> = {
  ...message(3, { room: "ops", content: "" }),
  type: "topic",
  topic: "on call: bob",
};

/** What a view writes to stdout. */
function written(view: (output: Output) => PlainView | JsonView, step: Step): string {
  let text = "";
  view({
    stdout: (part) => void (text += part),
    stderr: () => {},
    whenRoom: () => undefined,
    columnsOf: () => undefined,
  }).show(step.lines);
  return text;
}

Deno.test("private rooms: who is added reads by whom, to which room, and how to enter it", () => {
  const added = receive(begun(), { type: "added", room: "secret", from: "ann", time: 1 });
  assertEquals(texts(added), ["ann added you to #secret: /join secret enters it"]);
  assertEquals(added.asks, []);
});

Deno.test("private rooms: a room that is entered or listed says that it is private", () => {
  const room = { room: "secret", kind: "private", topic: "plans", first: 1, last: 0, count: 2 };
  const entered = receive(begun(), { type: "room", ...room, read: 0 });
  assertEquals(texts(entered)[0], "#secret · private · 2 members · plans");
  const listed = receive(begun(), {
    type: "rooms",
    rooms: [{ ...room, joined: true }],
    more: false,
  });
  assertEquals(texts(listed), ["#secret · private · 2 members · joined · plans"]);
  const open = receive(begun(), { type: "room", ...room, kind: "public", read: 0 });
  assertEquals(texts(open)[0], "#secret · 2 members · plans");
});

Deno.test("direct conversations: one that begins is shown and followed, but not in a log of other rooms", () => {
  const first = message(1, { room: "@bob", content: "psst" });
  const talking = receive(begun(), first);
  assertEquals(texts(talking), ["psst"]);
  assertEquals(talking.conversation.logs.get("@bob")?.cursor, 1);
  assertEquals(receive(begun(FOLLOW), first).conversation.logs.size, 0);
});

Deno.test("topics: a topic is an event of the room's log, in lines and as JSON", () => {
  const opened = receive(begun(), message(2, { room: "ops", content: "x" })).conversation;
  const set = receive(opened, TOPIC);
  assertEquals(set.conversation.logs.get("ops")?.cursor, 3);
  const line = written((output) => new PlainView(output), set);
  assertEquals(/ set the topic: on call: bob\n$/.test(line), true, line);
  const json = JSON.parse(written((output) => new JsonView(output), set));
  assertEquals([json.type, json.room, json.topic], ["topic", "ops", "on call: bob"]);
});
