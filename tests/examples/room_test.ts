// A test of a part of `lib/chat/`: no server, no database, no time but the test's.

import { assertEquals } from "@std/assert";
import { Fanout } from "../../lib/chat/fanout.ts";
import { Room } from "../../lib/chat/room.ts";
import type { Subscriber } from "../../lib/chat/rooms/direct_audience.ts";
import { userId } from "../../lib/store/records.ts";
import { FakeMessages } from "../support/stores/fake_messages.ts";
import { EMPTY_ROOM } from "../support/stores/store_facts.ts";
import { until } from "../support/waiting.ts";

Deno.test("room: a subscriber receives what is posted", async () => {
  const fanout = new Fanout(queueMicrotask);
  const room = new Room(EMPTY_ROOM, { messages: new FakeMessages(), fanout });
  const texts: string[] = [];
  const subscriber: Subscriber = {
    user: userId(2),
    deliver: ({ events }) => {
      for (const event of events) if (event.type === "message") texts.push(event.content ?? "");
      return true;
    },
  };
  room.subscribe(subscriber);
  await room.post({ user: userId(1), name: "ada", role: "member" }, {
    kind: "message",
    content: "hello",
  });
  await until(() => texts.length > 0);
  assertEquals(texts, ["hello"]);
});
