import { assertEquals } from "@std/assert";
import { completeWord } from "../../../lib/client/places/completion.ts";
import { folded } from "../../../lib/client/places/messages/folding.ts";
import { MessageHandles } from "../../../lib/client/places/messages/message_handles.ts";
import { Places } from "../../../lib/client/places/places.ts";
import type { EventLine } from "../../../lib/terminal/view_lines.ts";

const ADA = 7;

function line(room: string, more: { seq: number; from: string; content?: string }): EventLine {
  const { content = "x", ...rest } = more;
  const event = { type: "message" as const, room, user: 2, time: 1, content, ...rest };
  return { kind: "event", event };
}

function facts(): Parameters<typeof completeWord>[1] {
  const places = new Places();
  places.setRooms(["lobby", "ops", "@zoe"].map((room) => ({ room, last: 0 })));
  for (const [seq, from] of ["anna", "bob", "andy", "bob"].entries()) {
    places.add(line("lobby", { seq: seq + 1, from }), { isOwn: false });
  }
  places.add(line("ops", { seq: 1, from: "anton" }), { isOwn: false });
  const own = line("lobby", { seq: 9, from: "ann0" });
  places.add({ ...own, event: { ...own.event, user: ADA } }, { isOwn: true });
  return { places, current: "lobby", user: ADA };
}

Deno.test("completion: people by who spoke last, in this room first", () => {
  assertEquals(completeWord("An", facts()), ["andy: ", "anna: ", "anton: "]);
  assertEquals(completeWord("ask b", facts()), ["bob "]);
  assertEquals(completeWord("hi @z", facts()), ["@zoe "]);
  assertEquals([completeWord("", facts()), completeWord("hi ", facts())], [[], []]);
});

Deno.test("completion: rooms behind # and behind commands that take one", () => {
  assertEquals(completeWord("see #o", facts()), ["#ops "]);
  assertEquals(completeWord("/room #l", facts()), ["lobby "]);
  assertEquals(completeWord("/say o", facts()), ["ops "]);
  assertEquals(completeWord("/msg @a", facts()), ["andy ", "anna ", "anton "]);
});

Deno.test("folding: a long message shows its beginning and a handle, by which it opens whole", () => {
  const handles = new MessageHandles();
  const short = line("ops", { seq: 1, from: "bob", content: "a\n".repeat(11) });
  assertEquals(folded(short, handles), short);
  const log = Array.from({ length: 300 }, (_, n) => `line ${n}`).join("\n");
  const long = line("ops", { seq: 2, from: "bob", content: log });
  const shown = folded(long, handles);
  assertEquals(shown.event.content?.split("\n").length, 6);
  assertEquals(shown.more, "… 294 lines more · /open k1");
  assertEquals(handles.find("k1"), long);
  assertEquals([handles.find("k2"), handles.find("1")], [undefined, undefined]);
  const wide = folded(line("ops", { seq: 3, from: "bob", content: "😀".repeat(2_000) }), handles);
  assertEquals(wide.event.content?.isWellFormed(), true);
  assertEquals(wide.more, "… 3400 characters more · /open k2");
});
