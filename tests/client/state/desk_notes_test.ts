import { assertEquals } from "@std/assert";
import { newConversation, receive } from "../../../lib/client/state/conversation_reducer.ts";
import { concerns } from "../../../lib/client/places/calls.ts";
import { logFrom } from "../../../lib/client/state/room_log.ts";
import { TALK } from "../../../lib/client/state/conversation_policies.ts";
import type { Conversation } from "../../../lib/client/state/conversation_state.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";

const you = { user: 7, name: "olga", role: "operator" } as const;
const OPERATOR: Conversation = { ...newConversation(TALK), you };

function note(seq: number, kind: "message" | "draft", user = 9): ServerFrame<"note"> {
  const logged = { room: "?42!", seq, user, from: "bot", time: 0, content: "Yes" };
  return { type: "note", inquiry: 42, kind, ...logged };
}

Deno.test("desk notes: a draft is shown with how it is sent, a note as it is, an own one not", () => {
  const noted = receive(OPERATOR, note(1, "message"));
  assertEquals(noted.lines.map((line) => line.kind === "event" ? line.event.type : line.text), [
    "message",
  ]);
  const drafted = receive(noted.conversation, note(2, "draft"));
  assertEquals(drafted.lines.map((line) => line.kind === "event" ? line.event.type : line.text), [
    "draft",
    "/use 42 sends it",
  ]);
  assertEquals([...drafted.conversation.drafts], [[42, 2]]);
  assertEquals(receive(OPERATOR, note(3, "draft", you.user)).lines, []);
});

Deno.test("desk notes: the latest draft of a page is the one that is sent", () => {
  const { conversation } = receive(OPERATOR, note(9, "draft"));
  const drafts = [2, 5].map((seq) => {
    const { kind: _, inquiry: _inquiry, ...event } = note(seq, "draft");
    return { ...event, type: "draft" as const };
  });
  const page = { type: "page", room: "?42!", more_before: false, more_after: false } as const;
  const request = { type: "history", room: "?42!", limit: 20 } as const;
  const read = (
    events: typeof drafts,
    before = OPERATOR,
  ) => [...receive(before, { ...page, events }, request).conversation.drafts];
  assertEquals(read(drafts), [[42, 5]]);
  assertEquals(read(drafts, conversation), [[42, 9]]);
});

Deno.test("desk notes: a draft that was deleted is not the one that is sent", () => {
  const page = { type: "page", room: "?42!", more_before: false, more_after: false } as const;
  const request = { type: "history", room: "?42!", limit: 20 } as const;
  const { kind: _, inquiry: _inquiry, ...event } = note(2, "draft");
  const read = (deleted: number | undefined, before = OPERATOR) => {
    const events = [{ ...event, type: "draft" as const, content: undefined, deleted }];
    return [...receive(before, { ...page, events }, request).conversation.drafts];
  };
  assertEquals(read(undefined), [[42, 2]]);
  assertEquals(read(3), []);
  const { conversation } = receive(OPERATOR, note(2, "draft"));
  assertEquals(read(3, conversation), []);
  const { content: __, ...remove } = { ...event, type: "delete" as const, seq: 3, of: 2 };
  const followed = { ...conversation, logs: new Map([["?42!", logFrom(2)]]) };
  assertEquals([...receive(followed, remove).conversation.drafts], []);
  assertEquals([...receive(followed, { ...remove, of: 1 }).conversation.drafts], [[42, 2]]);
});

Deno.test("desk notes: an alarm is an event of its inquiry, which calls the operator", () => {
  const logged = {
    room: "desk",
    user: 9,
    from: "ann",
    time: 0,
    inquiry: 42,
    state: "open",
  } as const;
  const alarms = (["unseen", "unanswered"] as const).map((change, at) =>
    receive({ ...OPERATOR, desk: logFrom(at) }, { type: "desk", seq: at + 1, ...logged, change })
  );
  for (const { lines } of alarms) {
    const [line] = lines;
    assertEquals(line?.kind === "event" && line.event.room, "?42");
    assertEquals(line?.kind === "event" && concerns(line, { you }), true);
  }
});
