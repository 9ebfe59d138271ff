// A person's chat and the commands that find messages: what they ask for, and what is shown.

import { assertEquals, assertMatch } from "@std/assert";
import { formatLine } from "../../../lib/terminal/layout.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { Person } from "../../support/clients/person.ts";
import { settle } from "../../support/fakes/fake_clock.ts";

const LOBBY = { type: "room", room: "lobby", topic: "", first: 1, last: 0, read: 0, count: 1 };

async function inLobby(
  test: (chat: { person: Person; peer: FakePeer; world: FakeWorld }) => Promise<void>,
): Promise<void> {
  await using world = await fakeWorld();
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("join", LOBBY);
  await settle();
  await test({ person, peer, world });
  person.leave("end");
  await settle();
  peer.close();
  await person.over;
}

/** Types a command, answers its request, and gives the request and what is shown. */
async function run(
  { person, peer }: { person: Person; peer: FakePeer },
  { typed, replies }: { typed: string; replies: readonly object[] },
): Promise<{ asked: readonly object[]; rows: readonly string[] }> {
  const before = person.lines.length;
  person.type(typed);
  const asked: object[] = [];
  for (const reply of replies) {
    const { type } = reply as { type: string };
    const request =
      { inbox: "inbox", laters: "laters", found: "search", page: "history", ok: "later" }[type];
    const { id: _, ...frame } = await peer.answer(request ?? "later", reply);
    asked.push(frame);
  }
  await settle();
  const rows = person.lines.slice(before).flatMap((line) =>
    formatLine(line, { time: () => "-", current: "lobby" }).map(({ text }) => text)
  );
  return { asked, rows };
}

const entry = (seq: number, room: string, content: string) => ({
  reason: "mention",
  read: seq,
  event: message(seq, { room, content }),
});

Deno.test("finding: /inbox shows what is for the person, page by page, with names for it", () =>
  inLobby(async (chat) => {
    const { asked, rows } = await run(chat, {
      typed: "/inbox",
      replies: [
        { type: "inbox", entries: [entry(3, "ops", "@ada one")], more: true, next: "7:3" },
        { type: "inbox", entries: [], more: true, next: "8:9" },
        { type: "inbox", entries: [entry(2, "lobby", "@ada two")], more: false },
      ],
    });
    assertEquals(asked, [
      { type: "inbox", limit: 20 },
      { type: "inbox", limit: 19, from: "7:3" },
      { type: "inbox", limit: 19, from: "8:9" },
    ]);
    assertEquals(rows, [
      "── For you and not read: 2 messages",
      "- k1 #ops bob: @ada one",
      "- k2 bob: @ada two",
      "── /next goes to the next room with something for you",
    ]);
    const { rows: none } = await run(chat, {
      typed: "/inbox",
      replies: [{ type: "inbox", entries: [], more: false }],
    });
    assertEquals(none, ["── Nothing new for you"]);
    const kept = await run(chat, {
      typed: "/later k1",
      replies: [{ type: "ok" }],
    });
    assertEquals(kept.asked, [{ type: "later", room: "ops", seq: 3, on: true }]);
    assertEquals(kept.rows, ["── Kept for later: message 3 of #ops · /laters"]);
  }));

Deno.test("finding: /later takes the last message, a handle, a number, or room and number", () =>
  inLobby(async (chat) => {
    await chat.peer.send(message(1, { room: "lobby", content: "one" }));
    await settle();
    const cases = [
      ["/later", { room: "lobby", seq: 1, on: true }],
      ["/later off", { room: "lobby", seq: 1, on: false }],
      ["/later 59", { room: "lobby", seq: 59, on: true }],
      ["/later #ops:59", { room: "ops", seq: 59, on: true }],
      ["/later ?42:2 off", { room: "?42", seq: 2, on: false }],
      ["/later @bob:7", { room: "@bob", seq: 7, on: true }],
    ] as const;
    for (const [typed, frame] of cases) {
      const { asked } = await run(chat, { typed, replies: [{ type: "ok" }] });
      assertEquals(asked, [{ type: "later", ...frame }], typed);
    }
    for (const typed of ["/later k9", "/later ops:", "/later 0", "/later what", "/later a b"]) {
      const { rows } = await run(chat, { typed, replies: [] });
      assertMatch(rows.join("\n"), /^! (No message is called|"|Usage: \/later)/, typed);
    }
  }));

Deno.test("finding: /laters and /search show the oldest first, with a header", () =>
  inLobby(async (chat) => {
    const laters = await run(chat, {
      typed: "/laters",
      replies: [{
        type: "laters",
        entries: [{ added: 2, event: message(9, { room: "ops", content: "nine" }) }, {
          added: 1,
          event: message(5, { room: "dev", content: "five" }),
        }],
        more: false,
      }],
    });
    assertEquals(laters.rows.slice(0, 3), [
      "── Kept for later: 2 messages",
      "- k1 #dev bob: five",
      "- k2 #ops bob: nine",
    ]);
    const events = [
      message(9, { room: "ops", content: "disk full" }),
      message(5, {
        room: "ops",
        content: "full disk",
      }),
    ];
    const found = await run(chat, {
      typed: '/search disk "full" from:bob',
      replies: [{ type: "found", events, more: false }],
    });
    assertEquals(found.asked, [{ type: "search", query: 'disk "full" from:bob', limit: 20 }]);
    assertEquals(found.rows, [
      '── Found: 2 messages · disk "full" from:bob',
      "- k3 #ops bob: full disk",
      "- k2 #ops bob: disk full",
      "── end of the search",
    ]);
    const { rows: nothing } = await run(chat, {
      typed: "/search xyzzy",
      replies: [{ type: "found", events: [], more: false }],
    });
    assertEquals(nothing, ["── Nothing found: xyzzy"]);
    const refused = { type: "error", code: "bad_field", message: "Add another word" };
    chat.person.type("/search the");
    await chat.peer.answer("search", refused);
    await settle();
    assertEquals(chat.person.lines.at(-1), { kind: "failure", text: "Add another word" });
  }));

Deno.test("finding: /goto marks the message, /at begins at a time", () =>
  inLobby(async (chat) => {
    const events = [58, 59, 60].map((seq) => message(seq, { room: "ops", content: `n ${seq}` }));
    const page = { type: "page", room: "ops", events, more_before: true, more_after: true };
    const around = await run(chat, { typed: "/goto ops:59", replies: [page] });
    assertEquals(around.asked, [{ type: "history", room: "ops", around: 59, limit: 20 }]);
    assertEquals(around.rows, [
      "── #ops around message 59",
      "- k1 #ops bob: n 58",
      "- k2 #ops bob: n 59",
      "  │ this is message 59",
      "- k3 #ops bob: n 60",
      "── end of the messages around 59",
    ]);
    const { rows: missing } = await run(chat, { typed: "/goto ops:99", replies: [page] });
    assertEquals(missing, ["! There is no message 99 in #ops"]);
    const { asked, rows } = await run(chat, {
      typed: "/at 2026-11-01 14:00",
      replies: [{ ...page, room: "lobby", events: events.slice(0, 1) }],
    });
    const at = new Date(2026, 10, 1, 14).getTime();
    assertEquals(asked, [{ type: "history", room: "lobby", at, limit: 20 }]);
    assertEquals(rows[0], "── #lobby since 2026-11-01 14:00: the first 1 message");
    assertEquals(rows.at(-1), "── and more: /goto 58 shows what follows");
    const { rows: wrong } = await run(chat, { typed: "/at noonish", replies: [] });
    assertMatch(wrong.join(), /^! "noonish" is no time/);
  }));

Deno.test("finding: without a connection it is said, and nothing waits", () =>
  inLobby(async ({ person, peer, world }) => {
    peer.close();
    await settle();
    for (const typed of ["/inbox", "/laters", "/search x", "/goto 3", "/at 14:00"]) {
      person.type(typed);
      const last = person.lines.at(-1);
      assertEquals(last?.kind === "failure" && last.text.startsWith("Not connected"), true, typed);
    }
    void world;
  }));

Deno.test("finding: an empty /inbox says why the line counts a message with the bare name", () =>
  inLobby(async (chat) => {
    const { person, peer } = chat;
    person.type("/join dev");
    await peer.answer("join", { ...LOBBY, room: "dev" });
    await settle();
    await peer.send(message(1, { room: "lobby", content: "ada, are you there?" }));
    await settle();
    assertEquals(person.status, "[1:lobby 1!]  ada@chat · lag 0.0 s");
    const empty = { typed: "/inbox", replies: [{ type: "inbox", entries: [], more: false }] };
    assertEquals((await run(chat, empty)).rows, [
      "── Nothing new for you",
      "── Your name without an @ is not listed here: /next goes to #lobby",
    ]);
  }));
