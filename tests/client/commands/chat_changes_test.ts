// A person's chat about messages that are changed: what is shown, what calls, and what the commands do.

import { assert, assertEquals } from "@std/assert";
import { formatLine } from "../../../lib/terminal/layout.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import { type FakePeer, message } from "../../support/clients/fake_peer.ts";
import { Person } from "../../support/clients/person.ts";
import { settle } from "../../support/fakes/fake_clock.ts";
import { until } from "../../support/waiting.ts";

const ADA = { user: 7, from: "ada" };
const LOBBY = { type: "room", room: "lobby", topic: "", first: 1, last: 0, read: 0, count: 1 };

/** A person in the lobby, and the server. */
async function enter(world: FakeWorld): Promise<{ person: Person; peer: FakePeer }> {
  const person = new Person(world);
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("join", LOBBY);
  await settle();
  return { person, peer };
}

async function leave(person: Person, peer: FakePeer): Promise<void> {
  person.leave("end");
  await settle();
  peer.close();
  await person.over;
}

function wrote(seq: number, content: string, more: object = {}): object {
  return message(seq, { room: "lobby", content, ...more });
}

function changed(seq: number, of: number, content?: string, more: object = {}): object {
  return {
    ...message(seq, { room: "lobby" }),
    type: content === undefined ? "delete" : "edit",
    of,
    content,
    ...more,
  };
}

/** What a terminal shows of the last `count` lines. */
function rows(person: Person, count: number): readonly string[] {
  return person.lines.slice(-count).flatMap((line) =>
    formatLine(line, { time: () => "-", current: "lobby" }).map(({ text }) => text)
  );
}

Deno.test("changes: an edit, a delete and a reply are shown as what they are", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(
    wrote(1, "db3 is back"),
    wrote(2, "since when?", { ...ADA, to: 1 }),
    changed(3, 1, "db3 is back, db4 too"),
    changed(4, 2, undefined, ADA),
    changed(5, 1, undefined, { user: 8, from: "kim" }),
    wrote(6, "ok", { to: 99 }),
  );
  await settle();
  assertEquals(rows(person, 6), [
    "- bob: db3 is back",
    "- ada: since when?",
    "  │ in reply to bob: db3 is back",
    "- bob ~ db3 is back, db4 too",
    "- ada deleted a message",
    "- kim deleted a message of bob",
    "- bob: ok",
    "  │ in reply to message 99",
  ]);
  person.type("/last 6");
  assertEquals(rows(person, 5), [
    "- bob (deleted)",
    "- ada (deleted)",
    "  │ in reply to bob",
    "- ada deleted a message",
    "- kim deleted a message of bob",
    "- bob: ok",
    "  │ in reply to message 99",
  ]);
  await leave(person, peer);
});

Deno.test("changes: what was changed again says nothing any more", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const past = { type: "edit", of: 1, content: undefined };
  await peer.send(
    wrote(1, "three", { edited: 3 }),
    { ...message(2, { room: "lobby" }), ...past },
    changed(3, 1, "three"),
  );
  await settle();
  assertEquals(rows(person, 2), ["- bob ~ three", "- bob ~ three"]);
  await peer.send(changed(4, 1, "four"));
  await settle();
  person.type("/last 5");
  assertEquals(rows(person, 2), ["- bob ~ four", "- bob ~ four"]);
  await leave(person, peer);
});

Deno.test("changes: a reply calls whom it answers, an edit whom it names first, and a delete nobody", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const isCall = () => {
    const line = person.lines.at(-1);
    return line?.kind === "event" && line.isCall === true;
  };
  const after = async (event: object) => {
    await peer.send(event);
    await settle();
    return isCall();
  };
  assertEquals(await after(wrote(1, "mine", ADA)), false);
  assertEquals(await after(wrote(2, "yours", { to: 1 })), true);
  assertEquals(await after(wrote(3, "theirs", { to: 2 })), false);
  assertEquals(await after(changed(4, 3, "ada's")), true);
  assertEquals(await after(changed(5, 3, "ada's own")), false);
  assertEquals(await after(changed(6, 3)), false);
  await leave(person, peer);
});

Deno.test("changes: /ids names messages, and /reply, /edit and /delete take the names", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(wrote(1, "one"), wrote(2, "two", ADA), wrote(3, "three"));
  await settle();
  person.type("/ids");
  assertEquals(rows(person, 3), ["- k1 bob: one", "- k2 ada: two", "- k3 bob: three"]);
  const OK = { type: "ok", room: "lobby", seq: 4, time: 1 };
  person.type("/reply k1 which one?");
  const { content, to } = await peer.answer("message", OK);
  assertEquals([content, to], ["which one?", 1]);
  person.type("/edit k2 zwei");
  const { id: _edit, cid: _cid, ...edit } = await peer.answer("edit", OK);
  assertEquals(edit, { type: "edit", room: "lobby", seq: 2, content: "zwei" });
  person.type("/delete k3");
  const refusal = { type: "error", code: "forbidden", message: "Message 3 is not yours" };
  assertEquals((await peer.answer("delete", refusal)).seq, 3);
  await until(() => person.texts.at(-1)?.includes("Message 3 is not yours") === true);
  person.type("/edit k1 mine");
  assertEquals(person.texts.at(-1), "k1 is a message of bob: you can change your own");
  person.type("/reply k9 what?");
  assertEquals(person.texts.at(-1), "No message is called k9: /ids names them");
  await peer.send(changed(4, 3));
  await settle();
  person.type("/reply k3 what?");
  assertEquals(person.texts.at(-1), "The message k3 is deleted");
  person.type("/reply k1");
  assertEquals(person.texts.at(-1), "Usage: /reply k7 TEXT");
  await leave(person, peer);
});

Deno.test("changes: a draft has a name for /delete, and is no own message that /edit would change", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/join ?42!");
  await peer.answer("join", { ...LOBBY, room: "?42!", kind: "notes" });
  await settle();
  await peer.send({
    ...message(1, { room: "?42!", content: "Yes", ...ADA }),
    type: "draft",
    of: 1,
  });
  await settle();
  person.type("/edit No");
  assertEquals(person.texts.at(-1), "You have no message here that can be changed");
  person.type("/ids");
  person.type("/delete k1");
  const { room, seq } = await peer.answer("delete", { type: "ok", room: "?42!", seq: 2, of: 1 });
  assertEquals([room, seq], ["?42!", 1]);
  await leave(person, peer);
});

Deno.test("changes: /ids and /last fold a long message, as it was shown; /open shows the whole", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  const long = Array.from({ length: 40 }, (_, n) => `line ${n}`).join("\n");
  await peer.send(wrote(1, long));
  await settle();
  const first = long.split("\n").slice(0, 6).join("\n");
  for (const command of ["/ids", "/last"]) {
    person.type(command);
    const line = person.lines.at(-1);
    assert(line?.kind === "event");
    assertEquals([line.event.content, line.more], [first, "… 34 lines more · /open k1"], command);
  }
  person.type("/open k1");
  assertEquals(person.texts.at(-1), long);
  await leave(person, peer);
});

Deno.test("changes: a name from before another epoch names nothing, and is given to no other message", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  await peer.send(wrote(1, "one"));
  await settle();
  person.type("/ids");
  assertEquals(rows(person, 1), ["- k1 bob: one"]);
  peer.close();
  await settle();
  await world.clock.advance(1_000);
  const again = await world.server.accept();
  await again.hello({ epoch: "epoch-2" });
  await again.answer("join", LOBBY);
  await again.send(wrote(1, "another"));
  await settle();
  person.type("/delete k1");
  assertEquals(person.texts.at(-1), "No message is called k1: /ids names them");
  person.type("/ids");
  assertEquals(rows(person, 1), ["- k2 bob: another"]);
  await leave(person, again);
});

Deno.test("changes: /edit brings one's last message back into the line, or changes it at once", async () => {
  await using world = await fakeWorld();
  const { person, peer } = await enter(world);
  person.type("/edit");
  assertEquals(person.texts.at(-1), "You have no message here that can be changed");
  await peer.send(wrote(1, "one\ntwo", ADA), wrote(2, "three"));
  await settle();
  person.type("/edit");
  assertEquals(person.draft.text, "/edit k1 one\ntwo");
  person.type(person.draft.text);
  const OK = { type: "ok", room: "lobby", seq: 3, time: 1 };
  assertEquals((await peer.answer("edit", OK)).content, "one\ntwo");
  person.type("/edit all of it");
  const { seq, content } = await peer.answer("edit", OK);
  assertEquals([seq, content], [1, "all of it"]);
  await leave(person, peer);
});
