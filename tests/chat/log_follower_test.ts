import { assertEquals, assertRejects } from "@std/assert";
import { LogFollower } from "../../lib/chat/log_follower.ts";
import { type Appended, roomId, userId } from "../../lib/store/records.ts";
import type { RoomEvent } from "../../lib/wire/event.ts";
import { FakeMessages } from "../support/stores/fake_messages.ts";

/** A follower of a log in memory, and all that it has delivered. */
class Followed {
  readonly messages = new FakeMessages();
  readonly events: RoomEvent[] = [];
  readonly stored: number[] = [];
  readonly log: LogFollower;

  constructor(last = 0) {
    this.log = new LogFollower({
      room: { id: roomId(1), name: "ops" },
      last,
      messages: this.messages,
      deliver: (event) => this.events.push(event),
      onStored: (seq) => this.stored.push(seq),
    });
  }

  get seqs(): readonly number[] {
    return this.events.map(({ seq }) => seq);
  }

  get texts(): readonly string[] {
    return this.events.map(({ content = "" }) => content);
  }

  post(content: string, cid?: string): Promise<Appended> {
    const body = { kind: "message", content } as const;
    return this.log.post({
      room: roomId(1),
      user: userId(1),
      from: "ada",
      guest: false,
      body,
      cid,
    });
  }

  writeOnOther(count: number): void {
    for (let n = 0; n < count; n++) this.messages.writeOnOther(`theirs ${n}`);
  }
}

/** Until everything that was started has happened. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function upTo(seq: number): readonly number[] {
  return Array.from({ length: seq }, (_, n) => n + 1);
}

Deno.test("log follower: own commits are delivered in order, without a read", async () => {
  const own = new Followed();
  const answers = await Promise.all(["a", "b", "c"].map((text) => own.post(text)));
  assertEquals(answers.map((answer) => "seq" in answer && answer.seq), [1, 2, 3]);
  assertEquals([own.texts, own.stored, own.messages.reads], [["a", "b", "c"], [1, 2, 3], 0]);
  assertEquals(own.log.isIdle, true);
});

Deno.test("log follower: nothing is delivered before its commit, and the answer comes first", async () => {
  const followed = new Followed();
  followed.messages.isHeld = true;
  const order: string[] = [];
  const answer = followed.post("a").then(() => order.push(`answered, ${followed.texts.length}`));
  await settled();
  assertEquals([followed.texts, followed.log.isStoring, followed.log.isIdle], [[], true, false]);
  followed.messages.commit();
  await answer;
  // Handed over in the same turn: what a delivery writes is written in a later one.
  assertEquals([order, followed.texts], [["answered, 1"], ["a"]]);
});

Deno.test("log follower: after a gap the store is read, and all are delivered in order, once", async () => {
  const followed = new Followed();
  followed.writeOnOther(2);
  await followed.post("mine");
  assertEquals(followed.seqs, []);
  await settled();
  assertEquals(followed.texts, ["theirs 0", "theirs 1", "mine"]);
  assertEquals([followed.log.deliveredSeq, followed.messages.reads], [3, 1]);
});

Deno.test("log follower: what is posted during a catch-up is delivered after it, in order, once", async () => {
  const followed = new Followed();
  followed.writeOnOther(1);
  const gate = Promise.withResolvers<void>();
  followed.messages.readGate = gate.promise;
  await followed.post("a");
  await followed.post("b");
  await settled();
  assertEquals(followed.seqs, []);
  gate.resolve();
  await settled();
  assertEquals(followed.texts, ["theirs 0", "a", "b"]);
});

Deno.test("log follower: an event that a catch-up reads before its answer comes is delivered once", async () => {
  const followed = new Followed();
  const gate = Promise.withResolvers<void>();
  followed.messages.readGate = gate.promise;
  const posted = followed.post("mine");
  const caughtUp = followed.log.noteStored(1);
  await posted;
  gate.resolve();
  await caughtUp;
  assertEquals(followed.texts, ["mine"]);
});

Deno.test("log follower: a log is read in pages, up to what is stored and no further", async () => {
  const followed = new Followed();
  followed.writeOnOther(260);
  await followed.log.noteStored(250);
  assertEquals(followed.seqs, upTo(250));
  assertEquals([followed.messages.reads, followed.log.storedSeq], [3, 250]);
});

Deno.test("log follower: what was there when it began counts as delivered", async () => {
  const followed = new Followed(3);
  followed.writeOnOther(4);
  assertEquals([followed.log.deliveredSeq, followed.log.isBehind], [3, false]);
  await followed.log.noteStored(4);
  assertEquals(followed.seqs, [4]);
});

Deno.test("log follower: catch-ups at the same time share their reads", async () => {
  const followed = new Followed();
  followed.writeOnOther(50);
  const gate = Promise.withResolvers<void>();
  followed.messages.readGate = gate.promise;
  const both = [
    followed.log.noteStored(20),
    followed.log.noteStored(50),
    followed.log.noteStored(5),
  ];
  followed.log.hint(40);
  gate.resolve();
  await Promise.all(both);
  assertEquals(followed.seqs, upTo(50));
  // The first read was under way with what was known then; one more has the rest.
  assertEquals(followed.messages.reads, 2);
});

Deno.test("log follower: hints are followed to the highest, each event once", async () => {
  const followed = new Followed();
  followed.writeOnOther(250);
  for (const seq of [249, 250, 3, 250]) followed.log.hint(seq);
  await settled();
  assertEquals([followed.seqs, followed.messages.reads], [upTo(250), 3]);
  followed.log.hint(250);
  await settled();
  assertEquals(followed.messages.reads, 3);
});

Deno.test("log follower: a hint above what the store has delivers what there is and leaves it not behind", async () => {
  const followed = new Followed();
  followed.writeOnOther(1);
  followed.log.hint(Number.MAX_SAFE_INTEGER);
  await settled();
  assertEquals([followed.seqs, followed.log.storedSeq, followed.log.isBehind], [[1], 0, false]);
  const { reads } = followed.messages;
  await followed.post("mine");
  await settled();
  assertEquals([followed.seqs, followed.messages.reads], [[1, 2], reads]);
});

Deno.test("log follower: after a wrong hint none is followed until hints are trusted again", async () => {
  const followed = new Followed();
  const mislead = async () => {
    for (let n = 0; n < 100; n++) {
      followed.log.hint(Number.MAX_SAFE_INTEGER - n);
      await Promise.resolve();
    }
    await settled();
  };
  await mislead();
  assertEquals(followed.messages.reads, 1);
  followed.writeOnOther(1);
  await mislead();
  assertEquals([followed.messages.reads, followed.seqs], [1, []]);
  followed.log.trustHints();
  followed.log.hint(1);
  await settled();
  assertEquals(followed.seqs, [1]);
});

Deno.test("log follower: while an event is stored, its answer comes before any hint is followed", async () => {
  const followed = new Followed();
  followed.messages.isHeld = true;
  const posted = followed.post("mine");
  followed.writeOnOther(1);
  followed.log.hint(1);
  await settled();
  assertEquals([followed.seqs, followed.messages.reads], [[], 0]);
  followed.messages.commit();
  assertEquals(await posted, { seq: 2, time: 1_002, dup: false });
  await settled();
  assertEquals(followed.texts, ["theirs 0", "mine"]);
});

Deno.test("log follower: a hint that came while an event was refused is followed then", async () => {
  const followed = new Followed();
  followed.messages.isHeld = true;
  const posted = followed.post("mine");
  followed.writeOnOther(1);
  followed.log.hint(1);
  followed.messages.refusal = "storage_full";
  followed.messages.commit();
  assertEquals(await posted, { refused: "storage_full" });
  await settled();
  assertEquals([followed.seqs, followed.log.isBehind], [[1], false]);
});

Deno.test("log follower: a resend is answered and not delivered again", async () => {
  const followed = new Followed();
  await followed.post("once", "c-1");
  assertEquals(await followed.post("once", "c-1"), { seq: 1, time: 1_001, dup: true });
  await settled();
  assertEquals([followed.seqs, followed.stored, followed.messages.reads], [[1], [1], 0]);
});

Deno.test("log follower: a resend of an event whose answer was lost delivers it from the log", async () => {
  const followed = new Followed();
  followed.messages.losesAnswers = true;
  assertEquals(await followed.post("lost", "c-1"), { refused: "unavailable" });
  await settled();
  assertEquals([followed.seqs, followed.log.isBehind, followed.messages.reads], [[], true, 0]);
  followed.messages.losesAnswers = false;
  assertEquals(await followed.post("lost", "c-1"), { seq: 1, time: 1_001, dup: true });
  await settled();
  assertEquals(followed.seqs, [1]);
});

Deno.test("log follower: an unknown commit leaves it behind until the store has been asked", async () => {
  const followed = new Followed();
  followed.messages.losesAnswers = true;
  await followed.post("lost");
  assertEquals(followed.log.isBehind, true);
  await followed.log.noteStored(1);
  assertEquals([followed.texts, followed.log.isBehind], [["lost"], false]);
});

Deno.test("log follower: a read that fails leaves it behind, and the next one makes it good", async () => {
  const followed = new Followed();
  followed.writeOnOther(1);
  followed.messages.failure = new Error("the database is away");
  await followed.post("mine");
  await settled();
  assertEquals([followed.seqs, followed.log.isBehind, followed.log.isIdle], [[], true, true]);
  await assertRejects(() => followed.log.noteStored(2), Error, "away");
  assertEquals(followed.log.isBehind, true);
  followed.messages.failure = undefined;
  await followed.log.noteStored(2);
  assertEquals([followed.texts, followed.log.isBehind], [["theirs 0", "mine"], false]);
});

Deno.test("log follower: an unknown commit during a catch-up leaves it behind after it", async () => {
  const followed = new Followed();
  followed.writeOnOther(1);
  const gate = Promise.withResolvers<void>();
  followed.messages.readGate = gate.promise;
  const caughtUp = followed.log.noteStored(1);
  followed.messages.losesAnswers = true;
  await followed.post("lost");
  gate.resolve();
  await caughtUp;
  assertEquals([followed.seqs, followed.log.isBehind], [[1], true]);
});

Deno.test("log follower: a hint whose read fails leaves it behind", async () => {
  const followed = new Followed();
  followed.writeOnOther(1);
  followed.messages.failure = new Error("the database is away");
  followed.log.hint(1);
  await settled();
  assertEquals(followed.log.isBehind, true);
  followed.messages.failure = undefined;
  await followed.log.noteStored(1);
  assertEquals([followed.seqs, followed.log.isBehind], [[1], false]);
});

Deno.test("log follower: a store that lacks an event that it should have is an error, not an endless loop", async () => {
  const followed = new Followed();
  await assertRejects(() => followed.log.noteStored(1), Error, "Room 1 lacks 1");
  assertEquals([followed.messages.reads, followed.log.isBehind], [1, true]);
});

Deno.test("log follower: what is stored just as a catch-up ends is delivered, in whichever turn that is", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const followed = new Followed();
    followed.writeOnOther(1);
    const first = followed.log.noteStored(1);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    followed.writeOnOther(1);
    await followed.log.noteStored(2);
    assertEquals(followed.seqs, [1, 2], `after ${turns} turns`);
    await first;
  }
});
