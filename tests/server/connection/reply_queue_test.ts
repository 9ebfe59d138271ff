import { assertEquals } from "@std/assert";
import { ReplyQueue } from "../../../lib/server/connection/reply_queue.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";

function createQueue(): { queue: ReplyQueue; sent: (string | undefined)[] } {
  const sent: (string | undefined)[] = [];
  const queue = new ReplyQueue({
    send: (frame) => sent.push((frame as ServerFrame<"ok">).room),
  });
  return { queue, sent };
}

const ok = (room: string): ServerFrame => ({ type: "ok", room });

Deno.test("replies: leave in the order of the requests, whichever is ready first", () => {
  const { queue, sent } = createQueue();
  const [first, second, third] = [queue.open(), queue.open(), queue.open()];
  second.fill(ok("2"));
  assertEquals(sent, []);
  first.fill(ok("1"));
  assertEquals(sent, ["1", "2"]);
  third.fill(undefined);
  assertEquals(sent, ["1", "2"]);
  assertEquals(queue.unanswered, 0);
});

Deno.test("replies: each wait resolves when fewer requests than its count are unanswered", async () => {
  const { queue } = createQueue();
  const slots = [queue.open(), queue.open(), queue.open()];
  const woken: number[] = [];
  const waits = [1, 3].map((count) => queue.whenBelow(count)?.then(() => woken.push(count)));
  slots[0]?.fill(ok("1"));
  await waits[1];
  assertEquals(woken, [3]);
  slots[1]?.fill(ok("2"));
  slots[2]?.fill(ok("3"));
  await waits[0];
  assertEquals(woken, [3, 1]);
  assertEquals(queue.whenBelow(1), undefined);
});

Deno.test("replies: thousands pass without the queue growing", () => {
  const { queue, sent } = createQueue();
  let last = queue.open();
  for (let n = 0; n < 5_000; n++) {
    const next = queue.open();
    last.fill(ok(String(n)));
    last = next;
  }
  assertEquals(queue.unanswered, 1);
  assertEquals(sent.length, 5_000);
  assertEquals(sent[4_999], "4999");
});
