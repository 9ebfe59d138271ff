import { assertEquals } from "@std/assert";
import { formatRow } from "../../../lib/terminal/layout.ts";
import { mentions } from "../../../lib/client/places/mentions.ts";
import { describeEntry } from "../../../lib/client/places/place_entry.ts";
import { Places } from "../../../lib/client/places/places.ts";
import type { EventLine } from "../../../lib/terminal/view_lines.ts";
import { layOutStatus } from "../../../lib/client/places/status_row.ts";

const ADA = 7;

function line(room: string, seq: number, more: { user?: number; isCall?: true } = {}): EventLine {
  const { user = 2, ...call } = more;
  const event = { type: "message", room, seq, user, from: "bob", time: 1, content: `text ${seq}` };
  return { kind: "event", event: { ...event, type: "message" }, ...call };
}

function counts(places: Places): readonly string[] {
  return places.all.map(({ number, room, unread, calls }) =>
    `${number} ${room} ${unread}/${calls}`
  );
}

Deno.test("places: a room keeps its number, and a new one gets the lowest that is free", () => {
  const places = new Places();
  const rooms = (...names: string[]) => names.map((room) => ({ room, last: 0 }));
  places.setRooms(rooms("lobby", "ops", "dev"));
  places.setRooms(rooms("lobby", "dev"));
  assertEquals(counts(places), ["1 lobby 0/0", "3 dev 0/0"]);
  places.setRooms(rooms("lobby", "dev", "x", "y"));
  assertEquals(counts(places), ["1 lobby 0/0", "2 x 0/0", "3 dev 0/0", "4 y 0/0"]);
});

Deno.test("places: what another terminal has read is read, before the room has a place, too", () => {
  for (const isEarly of [true, false]) {
    for (const [seq, after] of [[8, "1 ops 4/1"], [10, "1 ops 0/0"]] as const) {
      const places = new Places();
      places.setCounts({ room: "ops", first: 1, last: 10, read: 6, unread: 4, mentions: 1 });
      if (isEarly) places.setReadByOther({ room: "ops", seq });
      places.setRooms([{ room: "ops", last: 10 }]);
      if (!isEarly) places.setReadByOther({ room: "ops", seq });
      const { seen, read } = places.find("ops") ?? {};
      assertEquals([counts(places), seen, read], [[after], seq, seq]);
    }
  }
});

Deno.test("places: the server's counts grow by the messages of others above them, once each", () => {
  const places = new Places();
  places.setCounts({ room: "ops", first: 1, last: 10, read: 6, unread: 4, mentions: 1 });
  places.setRooms([{ room: "ops", last: 10 }]);
  assertEquals(counts(places), ["1 ops 4/1"]);
  for (const seq of [9, 10, 11, 11]) places.add(line("ops", seq), { isOwn: false });
  places.add(line("ops", 12, { isCall: true }), { isOwn: false });
  places.add(line("ops", 13, { user: ADA }), { isOwn: true });
  assertEquals(counts(places), ["1 ops 6/2"]);
  assertEquals(places.find("ops")?.lines.map(({ event }) => event.seq), [9, 10, 11, 12, 13]);
});

Deno.test("places: what another terminal has read is not new here, and older reports change nothing", () => {
  const places = new Places();
  places.setRooms([{ room: "ops", last: 0 }]);
  for (let seq = 1; seq <= 5; seq++) places.add(line("ops", seq), { isOwn: false });
  places.setSeen("ops", 3);
  assertEquals(counts(places), ["1 ops 2/0"]);
  places.setSeen("ops", 1);
  assertEquals(counts(places), ["1 ops 2/0"]);
  places.setSeen("ops", 5);
  assertEquals(counts(places), ["1 ops 0/0"]);
});

Deno.test("places: next is a room with something for the person, then one with something new", () => {
  const places = new Places();
  places.setRooms(["a", "b", "c"].map((room) => ({ room, last: 0 })));
  assertEquals(places.next("a"), undefined);
  places.add(line("b", 1), { isOwn: false });
  assertEquals(places.next("a")?.room, "b");
  places.add(line("c", 1, { isCall: true }), { isOwn: false });
  assertEquals(places.next("a")?.room, "c");
  assertEquals(places.next("c")?.room, "b");
});

function entry(lines: number, more: { seen: number; unread: number }): readonly string[] {
  const places = new Places();
  places.setRooms([{ room: "ops", last: 0 }]);
  for (let seq = 1; seq <= lines; seq++) places.add(line("ops", seq), { isOwn: false });
  const place = places.find("ops");
  if (place === undefined) throw new Error("no place");
  return describeEntry({ ...place, ...more }, { user: ADA })
    .map((line) => line.kind === "event" ? String(line.event.seq) : line.text);
}

Deno.test("places: the mark stands at the read position, and says how many are new", () => {
  assertEquals(entry(5, { seen: 3, unread: 2 }), ["1", "2", "3", "2 new", "4", "5"]);
  assertEquals(entry(3, { seen: 3, unread: 0 }), ["1", "2", "3"]);
  assertEquals(entry(50, { seen: 10, unread: 40 }).slice(0, 5), ["8", "9", "10", "40 new", "11"]);
});

Deno.test("places: 26 new messages of which 20 are there say 26", () => {
  const [first, second] = entry(20, { seen: 0, unread: 26 });
  assertEquals(first, "26 new: the last 20 messages of them · /history shows older ones");
  assertEquals(second, "1");
});

Deno.test("status: where something is new, who one is, and how late the server is", () => {
  const places = new Places();
  places.setRooms(["lobby", "ops", "@bob"].map((room) => ({ room, last: 0 })));
  for (let seq = 1; seq <= 14; seq++) places.add(line("ops", seq), { isOwn: false });
  for (let seq = 1; seq <= 2; seq++) {
    places.add(line("@bob", seq, { isCall: true }), { isOwn: false });
  }
  const facts = {
    places: places.all,
    waiting: 3,
    name: "ada",
    server: "chat:65433",
    isOnline: true,
    lagMs: 120,
  };
  assertEquals(
    formatRow(layOutStatus(facts)),
    "[2:ops 14] [3:@bob 2!] [?:desk 3]  ada@chat · lag 0.1 s",
  );
  const quiet = { ...facts, places: [], waiting: 0, isOnline: false };
  assertEquals(formatRow(layOutStatus(quiet)), "ada@chat · offline");
});

Deno.test("mentions: a name as a word of its own, in any case", () => {
  for (const text of ["ada", "@Ada: look", "ask ADA!", "xada, ada", "(ada)"]) {
    assertEquals(mentions(text, "ada"), true, text);
  }
  for (const text of ["", "adam", "my-ada", "ada_2", "ca ada2", "nadia"]) {
    assertEquals(mentions(text, "ada"), false, text);
  }
});
