import { assert, assertEquals } from "@std/assert";
import type { Batch } from "../../lib/chat/event_batch.ts";
import { Audience, Fanout, type Member } from "../../lib/chat/fanout.ts";
import type { ServerFrame } from "../../lib/wire/frame.ts";

/** Turns of the event loop, run one by one by the test. */
function turns(): { schedule: (work: () => void) => void; run: () => boolean } {
  const queue: (() => void)[] = [];
  return {
    schedule: (work) => queue.push(work),
    run: () => queue.shift()?.() === undefined && queue.length >= 0,
  };
}

/** An event with a text. */
function event(content: string): ServerFrame {
  return { type: "message", room: "ops", seq: 1, user: 1, from: "ada", time: 0, content };
}

/** A member that reads lines, as version 1 does. */
class LineMember implements Member {
  readonly texts: string[] = [];
  readonly chunks: Uint8Array[] = [];

  deliver(batch: Batch): boolean {
    const lines = batch.lines();
    this.chunks.push(lines);
    for (const line of new TextDecoder().decode(lines).trimEnd().split("\n")) {
      this.texts.push(JSON.parse(line).content);
    }
    return true;
  }
}

/** A member that reads frames, as the legacy dialect does. */
class FrameMember implements Member {
  readonly events: ServerFrame[] = [];

  deliver({ events }: Batch): boolean {
    this.events.push(...events);
    return false;
  }
}

Deno.test("fanout: all that is published in one turn reaches everyone as the same bytes", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule));
  const [ada, bob] = [new LineMember(), new LineMember()];
  audience.add(ada);
  audience.add(bob);
  audience.publish(event("1"));
  audience.publish(event("2"));
  assertEquals(ada.texts, []);
  run();
  assertEquals(ada.texts, ["1", "2"]);
  assert(ada.chunks[0] === bob.chunks[0]);
});

Deno.test("fanout: an event goes to those who were members when it was published", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule));
  const [ada, bob] = [new LineMember(), new LineMember()];
  audience.add(ada);
  audience.publish(event("before"));
  audience.add(bob);
  audience.publish(event("both"));
  audience.delete(ada);
  audience.publish(event("after"));
  for (let turn = 0; turn < 3; turn++) run();
  assertEquals(ada.texts, ["before", "both"]);
  assertEquals(bob.texts, ["both", "after"]);
});

Deno.test("fanout: a turn starts at most so many writes, and the order of a room holds over turns", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule, { writesPerTurn: 10 }));
  const members = Array.from({ length: 25 }, () => new LineMember());
  for (const member of members) audience.add(member);
  audience.publish(event("1"));
  run();
  audience.publish(event("2"));
  assertEquals(members.filter(({ texts }) => texts.length === 1).length, 10);
  for (let turn = 0; turn < 5; turn++) run();
  assertEquals(members.map(({ texts }) => texts), members.map(() => ["1", "2"]));
});

Deno.test("fanout: what is published while a room waits for its turn goes out in the same write", () => {
  const { schedule, run } = turns();
  const fanout = new Fanout(schedule, { writesPerTurn: 10 });
  const [crowded, quiet] = [new Audience(fanout), new Audience(fanout)];
  for (let n = 0; n < 30; n++) crowded.add(new LineMember());
  const ada = new LineMember();
  quiet.add(ada);
  crowded.publish(event("much"));
  for (const text of ["1", "2", "3"]) {
    quiet.publish(event(text));
    run();
  }
  assertEquals(ada.chunks.length, 0);
  run();
  assertEquals([ada.texts, ada.chunks.length], [["1", "2", "3"], 1]);
});

Deno.test("fanout: a waiting delivery has a largest size", () => {
  const { schedule, run } = turns();
  const fanout = new Fanout(schedule);
  const audience = new Audience(fanout);
  const ada = new LineMember();
  audience.add(ada);
  const text = "x".repeat(1_000);
  for (let n = 0; n < 200; n++) audience.publish(event(text));
  while (ada.texts.length < 200) run();
  assert(ada.chunks.length > 1);
  assert(ada.chunks.every((chunk) => chunk.length <= 65 * 1024));
  assertEquals(ada.texts, Array.from({ length: 200 }, () => text));
});

Deno.test("fanout: without members nothing is kept", () => {
  let scheduled = 0;
  const audience = new Audience(new Fanout(() => scheduled++));
  audience.publish(event("unheard"));
  assertEquals(scheduled, 0);
  const ada = new LineMember();
  audience.add(ada);
  assertEquals([scheduled, ada.texts], [0, []]);
});

Deno.test("fanout: a member that leaves during a delivery does not affect the others", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule));
  const bob = new LineMember();
  const ada: Member = {
    deliver(): boolean {
      audience.delete(ada);
      return true;
    },
  };
  audience.add(ada);
  audience.add(bob);
  audience.publish(event("1"));
  run();
  assertEquals(bob.texts, ["1"]);
  assertEquals(audience.size, 1);
});

Deno.test("fanout: members that want lines share one encoding, those that want frames the frames", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule));
  const [ada, bob, eve] = [new LineMember(), new LineMember(), new FrameMember()];
  for (const member of [ada, eve, bob]) audience.add(member);
  const published = [event("1"), event("2")];
  for (const one of published) audience.publish(one);
  run();
  assertEquals(ada.texts, ["1", "2"]);
  assert(ada.chunks[0] === bob.chunks[0]);
  assert(eve.events.every((one, at) => one === published[at]));
  assertEquals(eve.events.length, 2);
});

Deno.test("fanout: where no member wants lines nothing is encoded", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule));
  const eve = new FrameMember();
  audience.add(eve);
  const unencodable = { ...event("1"), toJSON: () => assert(false, "encoded") };
  audience.publish(unencodable);
  run();
  assertEquals(eve.events, [unencodable]);
});

Deno.test("fanout: what is published while a member is served goes into another batch, in order", () => {
  const { schedule, run } = turns();
  const audience = new Audience(new Fanout(schedule));
  const bob = new LineMember();
  let isFirst = true;
  audience.add({
    deliver: () => {
      if (isFirst) audience.publish(event("2"));
      isFirst = false;
      return false;
    },
  });
  audience.add(bob);
  audience.publish(event("1"));
  run();
  run();
  assertEquals([bob.texts, bob.chunks.length], [["1", "2"], 2]);
});
