import { assertEquals } from "@std/assert";
import { FoldedPresence } from "../../../lib/client/places/presence.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";

Deno.test("presence: joins and leaves of a few seconds are one line", async () => {
  const clock = new FakeClock();
  const texts: string[] = [];
  const over = new AbortController();
  const presence = new FoldedPresence({
    clock,
    signal: over.signal,
    show: (lines) => texts.push(...lines.map((line) => line.kind === "event" ? "" : line.text)),
  });
  const add = (from: string, change: "joined" | "left") =>
    presence.add({ room: "ops", from, change });
  add("ann", "joined");
  add("bob", "joined");
  add("cy", "left");
  // Who left and came back is where they were.
  add("eve", "left");
  add("eve", "joined");
  assertEquals(presence.has({ room: "ops", from: "bob" }), true);
  assertEquals(texts, []);
  await clock.advance(3_000);
  assertEquals(texts, ["ann, bob joined · cy left #ops"]);
  for (let n = 0; n < 9; n++) add(`u${n}`, "joined");
  await clock.advance(3_000);
  assertEquals(texts[1], "u0, u1, u2, u3, u4 and 4 others joined #ops");
  add("late", "joined");
  over.abort();
  await settle();
  assertEquals(texts.length, 2);
});
