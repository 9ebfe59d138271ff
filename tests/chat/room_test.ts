import { assertEquals, assertRejects } from "@std/assert";
import type { Identity } from "../../lib/chat/access.ts";
import { Fanout } from "../../lib/chat/fanout.ts";
import { type Listener, Room } from "../../lib/chat/room.ts";
import { FakeMessages } from "../support/fake_messages.ts";

const ADA: Identity = { user: 1, name: "ada", role: "member" };

class Ear implements Listener {
  readonly user = 2;
  readonly seqs: number[] = [];
  readonly texts: string[] = [];
  deliver(lines: Uint8Array): boolean {
    for (const line of new TextDecoder().decode(lines).trim().split("\n")) {
      const { seq, content } = JSON.parse(line);
      this.seqs.push(seq);
      this.texts.push(content);
    }
    return true;
  }
}

function makeRoom(): { room: Room; messages: FakeMessages; ear: Ear } {
  const messages = new FakeMessages();
  const room = new Room(
    {
      id: 1,
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

Deno.test("room: a poll that says the room has grown tells what is between", async () => {
  const { room, messages, ear } = makeRoom();
  for (let n = 0; n < 250; n++) messages.writeElsewhere(`theirs ${n}`);
  await room.noteStored(250);
  await settled();
  assertEquals(ear.seqs, Array.from({ length: 250 }, (_, n) => n + 1));
});

Deno.test("room: what is learnt is told up to there and no further", async () => {
  const { room, messages } = makeRoom();
  for (let n = 0; n < 3; n++) messages.writeElsewhere("theirs");
  await room.noteStored(2);
  assertEquals(room.deliveredSeq, 2);
  assertEquals((await room.after(0, 10)).map((event) => event.seq), [1, 2]);
});

Deno.test("room: a catch-up that fails leaves the room doubtful, and the next one makes it good", async () => {
  const { room, messages, ear } = makeRoom();
  messages.writeElsewhere("theirs");
  messages.failure = new Error("the database is away");
  await say(room, "mine");
  await settled();
  assertEquals(ear.texts, []);
  assertEquals(room.isBehind, true);
  await assertRejects(() => room.noteStored(2), Error, "away");
  messages.failure = undefined;
  await room.noteStored(2);
  await settled();
  assertEquals(ear.texts, ["theirs", "mine"]);
  assertEquals(room.isBehind, false);
});

Deno.test("room: messages said during a catch-up are told after it, in order", async () => {
  const { room, messages, ear } = makeRoom();
  messages.writeElsewhere("theirs");
  await Promise.all(["a", "b", "c", "d"].map((text) => say(room, text)));
  await settled();
  assertEquals(ear.seqs, [1, 2, 3, 4, 5]);
});

Deno.test("room: is here as long as one of a user's listeners is", () => {
  const { room, ear } = makeRoom();
  const second = new Ear();
  room.subscribe(second);
  room.unsubscribe(ear);
  assertEquals(room.isHere(2), true);
  room.unsubscribe(second);
  room.unsubscribe(second);
  assertEquals(room.isHere(2), false);
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
  await room.noteStored(2);
  const [long, short] = await room.after(0, 10);
  assertEquals([long?.cut, short?.cut], [true, undefined]);
  assertEquals((long?.content.length ?? 0) * 2 + 2, 60_000);
});

Deno.test("room: a hint is followed by what the store has, told in order, once", async () => {
  const { room, messages, ear } = makeRoom();
  for (let n = 1; n <= 250; n++) messages.writeElsewhere(`theirs ${n}`);
  room.hint(249);
  room.hint(250);
  room.hint(3);
  await settled();
  assertEquals(ear.seqs, Array.from({ length: 250 }, (_, index) => index + 1));
  assertEquals(messages.reads, 3);
});

Deno.test("room: a hint of what the store does not have changes nothing", async () => {
  const { room, messages, ear } = makeRoom();
  messages.writeElsewhere("theirs");
  room.hint(Number.MAX_SAFE_INTEGER);
  await settled();
  assertEquals([room.deliveredSeq, room.isBehind, ear.seqs], [1, false, [1]]);
  const reads = messages.reads;
  await say(room, "mine");
  await settled();
  assertEquals([messages.reads, ear.seqs], [reads, [1, 2]]);
});

Deno.test("room: a hint that comes while something is stored waits for its answer", async () => {
  const { room, messages, ear } = makeRoom();
  messages.isHeld = true;
  const said = say(room, "mine");
  await settled();
  messages.writeElsewhere("theirs");
  room.hint(1);
  await settled();
  assertEquals(ear.seqs, []);
  messages.commit();
  assertEquals(await said, { seq: 2, time: 1_002, dup: false });
  await settled();
  assertEquals(ear.texts, ["theirs", "mine"]);
});

Deno.test("room: a hint that cannot be followed leaves the room for the next round", async () => {
  const { room, messages, ear } = makeRoom();
  messages.writeElsewhere("theirs");
  messages.failure = new Error("out of reach");
  room.hint(1);
  await settled();
  assertEquals([room.isBehind, ear.seqs], [true, []]);
  messages.failure = undefined;
  await room.noteStored(1);
  await settled();
  assertEquals([room.isBehind, ear.texts], [false, ["theirs"]]);
});

Deno.test("room: after a hint in vain no other one is followed before the next round", async () => {
  const { room, messages, ear } = makeRoom();
  const hints = async () => {
    for (let n = 0; n < 1_000; n++) {
      room.hint(Number.MAX_SAFE_INTEGER - n);
      await Promise.resolve();
    }
    await settled();
  };
  await hints();
  assertEquals(messages.reads, 1);
  messages.writeElsewhere("theirs");
  await hints();
  assertEquals([messages.reads, ear.seqs], [1, []]);
  // The round asks the store itself; hints count again from then on.
  room.trustHints();
  room.hint(1);
  await settled();
  assertEquals(ear.seqs, [1]);
});
