import { assertEquals } from "@std/assert";
import { Fanout } from "../../../lib/chat/fanout.ts";
import { DeskWatchers } from "../../../lib/chat/desk/desk_watchers.ts";
import { Principal } from "../../../lib/chat/people/principal.ts";
import { type InquiryRecord, roomId, type RoomRecord, userId } from "../../../lib/store/records.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";

const ANN = { id: userId(1), name: "ann", role: "guest" } as const;

function waiting(id: number, askedSeq: number): InquiryRecord {
  const room = { id: roomId(id), name: `?${id}` } as RoomRecord;
  const askedContent = `question ${askedSeq}`;
  const asked = { waitingSince: 7, askedSeq, askedContent } as const;
  const fresh = {
    assignee: undefined,
    terms: undefined,
    state: "open",
    outcomeSeq: undefined,
    seen: undefined,
    snoozedUntil: undefined,
  } as const;
  return { id, room, asker: ANN, ...asked, ...fresh };
}

/** Operators over a list of waiting inquiries, and what one of them gets. */
function newDeskWatchers(): {
  watchers: DeskWatchers;
  queue: InquiryRecord[];
  notices: () => readonly string[];
} {
  const queue: InquiryRecord[] = [];
  const turns: (() => void)[] = [];
  const store = { waiting: () => Promise.resolve(queue) };
  const watchers = new DeskWatchers(store, new Fanout((work) => turns.push(work)));
  const received: ServerFrame[] = [];
  const operator = new Principal({ user: userId(2), name: "olga", role: "operator" });
  watchers.add(operator, { deliver: ({ events }) => received.push(...events) > 0 });
  const notices = () => {
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn();
    return received.map((frame) =>
      frame.type === "inquiry" ? `${frame.inquiry} ${frame.room} ${frame.content}` : frame.type
    );
  };
  return { watchers, queue, notices };
}

Deno.test("desk watchers: a poll notifies of each question once, the oldest first", async () => {
  const { watchers, queue, notices } = newDeskWatchers();
  queue.push(waiting(2, 1), waiting(1, 3));
  await watchers.poll();
  await watchers.poll();
  assertEquals(notices(), ["1 ?1 question 3", "2 ?2 question 1"]);
  queue[1] = waiting(1, 4);
  await watchers.poll();
  assertEquals(notices().slice(2), ["1 ?1 question 4"]);
});

Deno.test("desk watchers: a question asked here is not notified of again by a poll", async () => {
  const { watchers, queue, notices } = newDeskWatchers();
  const event = { room: "?1", seq: 3, user: 1, from: "ann", time: 7, content: "asked here" };
  watchers.notify(1, { type: "message", ...event });
  queue.push(waiting(1, 3));
  await watchers.poll();
  assertEquals(notices(), ["1 ?1 asked here"]);
});

Deno.test("desk watchers: an answer to an older question does not make a poll repeat the latest", async () => {
  const { watchers, queue, notices } = newDeskWatchers();
  queue.push(waiting(1, 3));
  await watchers.poll();
  watchers.noteAnswered(1, 2);
  await watchers.poll();
  assertEquals(notices().length, 1);
  watchers.noteAnswered(1, 3);
  await watchers.poll();
  assertEquals(notices().length, 2);
});

Deno.test("desk watchers: an inquiry that waits no more and is asked again is notified of again", async () => {
  const { watchers, queue, notices } = newDeskWatchers();
  queue.push(waiting(1, 3));
  await watchers.poll();
  queue.length = 0;
  await watchers.poll();
  queue.push(waiting(1, 3));
  await watchers.poll();
  assertEquals(notices().length, 2);
});

Deno.test("desk watchers: a question that was changed is notified of again, once for each change", async () => {
  const { watchers, queue, notices } = newDeskWatchers();
  queue.push(waiting(1, 3));
  await watchers.poll();
  const edited = { ...waiting(1, 3), askedContent: "edited", askedEdited: 5 };
  queue[0] = edited;
  await watchers.poll();
  await watchers.poll();
  assertEquals(notices(), ["1 ?1 question 3", "1 ?1 edited"]);
  watchers.notifyOf({ ...edited, askedContent: "", askedDeleted: 6 });
  queue[0] = { ...edited, askedContent: "", askedDeleted: 6 };
  await watchers.poll();
  assertEquals(notices().slice(2), ["1 ?1 undefined"]);
});
