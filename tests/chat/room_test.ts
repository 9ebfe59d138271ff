import { assertEquals } from "@std/assert";
import type { Account } from "../../lib/chat/principal.ts";
import type { Batch } from "../../lib/chat/batch.ts";
import { Fanout } from "../../lib/chat/fanout.ts";
import { Room, type Subscriber } from "../../lib/chat/room.ts";
import { FakeMessages } from "../support/fake_messages.ts";
import { roomId, userId } from "../../lib/store/repository.ts";

const ADA: Account = { user: userId(1), name: "ada", role: "member" };

class Ear implements Subscriber {
  readonly user = userId(2);
  readonly seqs: number[] = [];
  readonly texts: string[] = [];
  deliver({ events }: Batch): boolean {
    for (const event of events) {
      if (event.type !== "message") continue;
      this.seqs.push(event.seq);
      this.texts.push(event.content);
    }
    return true;
  }
}

function makeRoom(): { room: Room; messages: FakeMessages; ear: Ear } {
  const messages = new FakeMessages();
  const room = new Room(
    {
      id: roomId(1),
      name: "ops",
      kind: "public",
      topic: "",
      first: 1,
      last: 0,
      owner: undefined,
      members: 0,
    },
    { messages, fanout: new Fanout((work) => queueMicrotask(work)) },
  );
  const ear = new Ear();
  room.subscribe(ear);
  return { room, messages, ear };
}

function say(room: Room, content: string): ReturnType<Room["post"]> {
  return room.post(ADA, { kind: "message", content });
}

/** Until everything that was set off has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("room: nobody is told before the store has it", async () => {
  const { room, messages, ear } = makeRoom();
  messages.isHeld = true;
  const said = say(room, "hello");
  await settled();
  assertEquals(ear.texts, []);
  messages.commit();
  await said;
  await settled();
  assertEquals(ear.texts, ["hello"]);
});

Deno.test("room: two messages at once keep one order for everyone", async () => {
  const { room, ear } = makeRoom();
  const other = new Ear();
  room.subscribe(other);
  await Promise.all([say(room, "a"), say(room, "b"), say(room, "c")]);
  await settled();
  assertEquals(ear.seqs, [1, 2, 3]);
  assertEquals(other.texts, ear.texts);
});

Deno.test("room: what another server wrote is told first, in order, once", async () => {
  const { room, messages, ear } = makeRoom();
  messages.writeElsewhere("theirs 1");
  messages.writeElsewhere("theirs 2");
  await say(room, "mine");
  await settled();
  assertEquals(ear.texts, ["theirs 1", "theirs 2", "mine"]);
  assertEquals(room.deliveredSeq, 3);
});

Deno.test("room: what is learnt is told up to there and no further", async () => {
  const { room, messages } = makeRoom();
  for (let n = 0; n < 3; n++) messages.writeElsewhere("theirs");
  await room.log.noteStored(2);
  assertEquals(room.deliveredSeq, 2);
  assertEquals((await room.after(0, 10)).map((event) => event.seq), [1, 2]);
});

Deno.test("room: is here as long as one of a user's listeners is", () => {
  const { room, ear } = makeRoom();
  const second = new Ear();
  room.subscribe(second);
  room.unsubscribe(ear);
  assertEquals(room.isHere(userId(2)), true);
  room.unsubscribe(second);
  room.unsubscribe(second);
  assertEquals(room.isHere(userId(2)), false);
  assertEquals(room.isIdle, true);
});

Deno.test("room: a lease keeps it from being idle", () => {
  const { room, ear } = makeRoom();
  room.unsubscribe(ear);
  {
    using _lease = room.lease();
    assertEquals(room.isIdle, false);
  }
  assertEquals(room.isIdle, true);
});

Deno.test("room: a text too long for a frame, from an older program, is told as its beginning", async () => {
  const { room, messages } = makeRoom();
  messages.writeElsewhere("\n".repeat(60_000));
  messages.writeElsewhere("short");
  await room.log.noteStored(2);
  const [long, short] = await room.after(0, 10);
  assertEquals([long?.cut, short?.cut], [true, undefined]);
  assertEquals((long?.content.length ?? 0) * 2 + 2, 60_000);
});
