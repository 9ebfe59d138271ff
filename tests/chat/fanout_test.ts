import { assert, assertEquals } from "@std/assert";
import { Audience, Fanout, type Member } from "../../lib/chat/fanout.ts";

/** A turn of the event loop whenever the test says so. */
function turns(): { soon: (work: () => void) => void; run: () => boolean } {
  const queue: (() => void)[] = [];
  return {
    soon: (work) => queue.push(work),
    run: () => queue.shift()?.() === undefined && queue.length >= 0,
  };
}

class Recorder implements Member {
  heard = "";
  chunks: Uint8Array[] = [];
  deliver(lines: Uint8Array): boolean {
    this.chunks.push(lines);
    this.heard += new TextDecoder().decode(lines);
    return true;
  }
}

Deno.test("fanout: all that is said in one turn reaches everyone as the same bytes", () => {
  const { soon, run } = turns();
  const audience = new Audience(new Fanout(soon));
  const [ada, bob] = [new Recorder(), new Recorder()];
  audience.add(ada);
  audience.add(bob);
  audience.publish("1\n");
  audience.publish("2\n");
  assertEquals(ada.heard, "");
  run();
  assertEquals(ada.heard, "1\n2\n");
  assert(ada.chunks[0] === bob.chunks[0]);
});

Deno.test("fanout: who comes hears what is said after, who goes what was said before", () => {
  const { soon, run } = turns();
  const audience = new Audience(new Fanout(soon));
  const [ada, bob] = [new Recorder(), new Recorder()];
  audience.add(ada);
  audience.publish("before\n");
  audience.add(bob);
  audience.publish("both\n");
  audience.delete(ada);
  audience.publish("after\n");
  for (let turn = 0; turn < 3; turn++) run();
  assertEquals(ada.heard, "before\nboth\n");
  assertEquals(bob.heard, "both\nafter\n");
});

Deno.test("fanout: a turn starts at most so many writes, and the order of a room holds over turns", () => {
  const { soon, run } = turns();
  const audience = new Audience(new Fanout(soon, { writesPerTurn: 10 }));
  const members = Array.from({ length: 25 }, () => new Recorder());
  for (const member of members) audience.add(member);
  audience.publish("1\n");
  run();
  audience.publish("2\n");
  assertEquals(members.filter((member) => member.heard === "1\n").length, 10);
  for (let turn = 0; turn < 5; turn++) run();
  assertEquals(members.map((member) => member.heard), members.map(() => "1\n2\n"));
});

Deno.test("fanout: what is said while a room waits for its turn goes out in the same write", () => {
  const { soon, run } = turns();
  const fanout = new Fanout(soon, { writesPerTurn: 10 });
  const [crowded, quiet] = [new Audience(fanout), new Audience(fanout)];
  for (let n = 0; n < 30; n++) crowded.add(new Recorder());
  const ada = new Recorder();
  quiet.add(ada);
  crowded.publish("much\n");
  for (const line of ["1\n", "2\n", "3\n"]) {
    quiet.publish(line);
    run();
  }
  assertEquals(ada.chunks.length, 0);
  run();
  assertEquals([ada.heard, ada.chunks.length], ["1\n2\n3\n", 1]);
});

Deno.test("fanout: what waits never grows without end", () => {
  const { soon, run } = turns();
  const fanout = new Fanout(soon);
  const audience = new Audience(fanout);
  const ada = new Recorder();
  audience.add(ada);
  const line = "x".repeat(1023) + "\n";
  for (let n = 0; n < 200; n++) audience.publish(line);
  while (ada.heard.length < 200 * 1024) run();
  assert(ada.chunks.length > 1);
  assert(ada.chunks.every((chunk) => chunk.length <= 65 * 1024));
  assertEquals(ada.heard, line.repeat(200));
});

Deno.test("fanout: with nobody there, nothing is kept", () => {
  let scheduled = 0;
  const audience = new Audience(new Fanout(() => scheduled++));
  audience.publish("unheard\n");
  assertEquals(scheduled, 0);
  const ada = new Recorder();
  audience.add(ada);
  assertEquals([scheduled, ada.heard], [0, ""]);
});

Deno.test("fanout: leaving during a delivery changes nobody else's", () => {
  const { soon, run } = turns();
  const audience = new Audience(new Fanout(soon));
  const bob = new Recorder();
  const ada: Member = {
    deliver(): boolean {
      audience.delete(ada);
      return true;
    },
  };
  audience.add(ada);
  audience.add(bob);
  audience.publish("1\n");
  run();
  assertEquals(bob.heard, "1\n");
  assertEquals(audience.size, 1);
});
