// A test of a part of `lib/chat/`: no server, no database, no time but the test's.

import { assertEquals } from "@std/assert";
import { Fanout } from "../../lib/chat/fanout.ts";
import { Room, type Subscriber } from "../../lib/chat/room.ts";
import { roomId, userId } from "../../lib/store/records.ts";
import { FakeMessages } from "../support/stores/fake_messages.ts";
import { until } from "../support/waiting.ts";

Deno.test("room: a subscriber is delivered what is posted", async () => {
  const room = new Room(
    {
      ...{ id: roomId(1), name: "ops", kind: "public", topic: "" },
      ...{ first: 1, last: 0, owner: undefined, members: 0 },
    },
    { messages: new FakeMessages(), fanout: new Fanout((work) => queueMicrotask(work)) },
  );
  const texts: string[] = [];
  const subscriber: Subscriber = {
    user: userId(2),
    deliver: ({ events }) => {
      for (const event of events) if (event.type === "message") texts.push(event.content);
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
