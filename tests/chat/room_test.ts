import { assertEquals } from "@std/assert";
import type { Account } from "../../lib/chat/people/principal.ts";
import type { Batch } from "../../lib/chat/event_batch.ts";
import { Fanout } from "../../lib/chat/fanout.ts";
import { Room } from "../../lib/chat/room.ts";
import type { Subscriber } from "../../lib/chat/rooms/direct_audience.ts";
import { FakeMessages } from "../support/stores/fake_messages.ts";
import { EMPTY_ROOM } from "../support/stores/store_facts.ts";
import { userId } from "../../lib/store/records.ts";

const ADA: Account = { user: userId(1), name: "ada", role: "member" };

class Listener implements Subscriber {
  readonly user = userId(2);
  readonly seqs: number[] = [];
  readonly texts: string[] = [];
  deliver({ events }: Batch): boolean {
    for (const event of events) {
      if (event.type !== "message") continue;
      this.seqs.push(event.seq);
      this.texts.push(event.content ?? "");
    }
    return true;
  }
}

function newRoom(): { room: Room; messages: FakeMessages; listener: Listener } {
  const messages = new FakeMessages();
  const room = new Room(EMPTY_ROOM, { messages, fanout: new Fanout(queueMicrotask) });
  const listener = new Listener();
  room.subscribe(listener);
  return { room, messages, listener };
}

function post(room: Room, content: string): ReturnType<Room["post"]> {
  return room.post(ADA, { kind: "message", content });
}

/** Until everything that was started has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("room: no event is delivered before it is stored", async () => {
  const { room, messages, listener } = newRoom();
  messages.isHeld = true;
  const posted = post(room, "hello");
  await settled();
  assertEquals(listener.texts, []);
  messages.commit();
  await posted;
  await settled();
  assertEquals(listener.texts, ["hello"]);
});

Deno.test("room: two messages at once have one order for all subscribers", async () => {
  const { room, listener } = newRoom();
  const other = new Listener();
  room.subscribe(other);
  await Promise.all([post(room, "a"), post(room, "b"), post(room, "c")]);
  await settled();
  assertEquals(listener.seqs, [1, 2, 3]);
  assertEquals(other.texts, listener.texts);
});

Deno.test("room: events of another server are delivered first, in order, once", async () => {
  const { room, messages, listener } = newRoom();
  messages.writeOnOther("theirs 1");
  messages.writeOnOther("theirs 2");
  await post(room, "mine");
  await settled();
  assertEquals(listener.texts, ["theirs 1", "theirs 2", "mine"]);
  assertEquals(room.deliveredSeq, 3);
});

Deno.test("room: events are delivered and shown up to what is known to be stored, no further", async () => {
  const { room, messages } = newRoom();
  for (let n = 0; n < 3; n++) messages.writeOnOther("theirs");
  await room.log.noteStored(2);
  assertEquals(room.deliveredSeq, 2);
  assertEquals((await room.after(0, 10)).map((event) => event.seq), [1, 2]);
});

Deno.test("room: a user is here as long as one of their subscribers is", () => {
  const { room, listener } = newRoom();
  const second = new Listener();
  room.subscribe(second);
  room.unsubscribe(listener);
  assertEquals(room.isHere(userId(2)), true);
  room.unsubscribe(second);
  room.unsubscribe(second);
  assertEquals(room.isHere(userId(2)), false);
  assertEquals(room.isIdle, true);
});

Deno.test("room: a lease keeps it from being idle", () => {
  const { room, listener } = newRoom();
  room.unsubscribe(listener);
  {
    using _lease = room.lease();
    assertEquals(room.isIdle, false);
  }
  assertEquals(room.isIdle, true);
});

Deno.test("room: a text too long for a frame, from an older program, is delivered as its beginning", async () => {
  const { room, messages } = newRoom();
  messages.writeOnOther("\n".repeat(60_000));
  messages.writeOnOther("short");
  await room.log.noteStored(2);
  const [long, short] = await room.after(0, 10);
  assertEquals([long?.cut, short?.cut], [true, undefined]);
  assertEquals((long?.content?.length ?? 0) * 2 + 2, 60_000);
});
