// Protocol 5.5: changing what was said.

import { assertEquals } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { comeBack, enter, greet, speak, UNHURRIED } from "./scene.ts";

const ROOMY = { limits: UNHURRIED };

function edit(client: RawClient, seq: number, content: string, more: object = {}): Promise<Frame> {
  return client.ask({ type: "edit", room: "lobby", seq, content, ...more });
}

function remove(client: RawClient, seq: number, more: object = {}): Promise<Frame> {
  return client.ask({ type: "delete", room: "lobby", seq, ...more });
}

/** What is left of events when who and when is known. */
function facts(events: readonly Frame[]): readonly Frame[] {
  return events.map(({ room: _room, user: _user, guest: _guest, time: _time, ...rest }) => rest);
}

async function page(client: RawClient, room = "lobby"): Promise<readonly Frame[]> {
  return facts((await client.ask({ type: "history", room })).events);
}

testEachStore(
  "protocol 5.5: an edit and a delete are events, and pages and replays have what is left",
  async (database) => {
    await using server = await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
    const [ann, bob] = [await enter(server, "ann"), await enter(server, "bob")];
    await speak(ann, "db3 is back");
    const { type, seq, of, time } = await edit(ann, 1, "db3 is back, db4 too");
    assertEquals([type, seq, of], ["ok", 2, 1]);
    const live = await bob.until("edit");
    assertEquals(live.time, time);
    assertEquals(facts([live]), [{
      type: "edit",
      seq: 2,
      from: "ann",
      content: "db3 is back, db4 too",
      of: 1,
    }]);
    assertEquals((await page(bob))[0], {
      type: "message",
      seq: 1,
      from: "ann",
      content: "db3 is back, db4 too",
      edited: 2,
    });
    assertEquals((await remove(ann, 1)).seq, 3);
    assertEquals(facts([await bob.until("delete")]), [
      { type: "delete", seq: 3, from: "ann", of: 1 },
    ]);
    const left = [
      { type: "message", seq: 1, from: "ann", edited: 2, deleted: 3 },
      { type: "edit", seq: 2, from: "ann", of: 1 },
      { type: "delete", seq: 3, from: "ann", of: 1 },
    ];
    assertEquals(await page(bob), left);
    const kim = await greet(server, "kim");
    await kim.ask({ type: "resume", rooms: [{ room: "lobby", seq: 0 }] });
    assertEquals(facts([await kim.next(), await kim.next(), await kim.next()]), left);
    for (const query of ["back", "from:ann", "db4"]) {
      assertEquals((await kim.ask({ type: "search", query })).events, []);
    }
  },
);

Deno.test("protocol 5.5: what may not be changed", async () => {
  await using server = await startTestServer(ROOMY);
  const [ann, bob] = [await enter(server, "ann"), await enter(server, "bob")];
  const admin = await comeBack(server, server.adminToken);
  await speak(ann, "one");
  const refused = async (reply: Promise<Frame>) => {
    const { code, field } = await reply;
    return `${code} ${field}`;
  };
  assertEquals(await refused(edit(bob, 1, "two")), "forbidden seq");
  assertEquals(await refused(edit(admin, 1, "two")), "forbidden seq");
  assertEquals(await refused(remove(bob, 1)), "forbidden seq");
  assertEquals(await refused(edit(ann, 2, "two")), "bad_field seq");
  assertEquals(await refused(speak(ann, "yes", { to: 2 })), "bad_field to");
  assertEquals(await refused(speak(ann, "yes", { to: 0 })), "bad_field to");
  assertEquals(await refused(edit(ann, 1, "")), "bad_text content");
  assertEquals(await refused(edit(ann, 1, "x".repeat(40_000))), "too_long content");
  assertEquals((await remove(admin, 1)).seq, 2);
  const { seq, dup } = await remove(ann, 1);
  assertEquals([seq, dup], [2, true]);
  assertEquals(await refused(edit(ann, 1, "two")), "bad_state seq");
  assertEquals(await refused(remove(ann, 2)), "bad_field seq");
  const { room } = await ann.ask({ type: "inquiry", content: "Run it?", choices: ["yes", "no"] });
  assertEquals(await refused(edit(ann, 1, "Run that?", { room })), "bad_state seq");
  assertEquals(await refused(remove(ann, 1, { room })), "bad_state seq");
});

Deno.test("protocol 5.5: who may not write changes nothing", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await greet(server, "ann");
  await ann.ask({ type: "join", room: "ops", create: true });
  const bob = await enter(server, "bob", "ops");
  const room = "ops";
  await bob.ask({ type: "message", room, content: "one" });
  const codes = async () => [
    (await edit(bob, 1, "two", { room })).code,
    (await remove(bob, 1, { room })).code,
  ];
  await ann.ask({ type: "standing", room, user: "bob", standing: "muted" });
  assertEquals(await codes(), ["muted", "muted"]);
  await ann.ask({ type: "kick", room, user: "bob" });
  assertEquals(await codes(), ["not_in_room", "not_in_room"]);
  await ann.ask({ type: "ban", room, user: "bob" });
  assertEquals(await codes(), ["banned", "banned"]);
  const admin = await comeBack(server, server.adminToken);
  const kim = await enter(server, "kim");
  await speak(kim, "one");
  await admin.ask({ type: "panic", on: true });
  assertEquals((await remove(kim, 1)).code, "muted");
});

Deno.test("protocol 5.5: both sides of a direct conversation, and programs by their scope", async () => {
  await using server = await startTestServer(ROOMY);
  const [ann, bob] = [await greet(server, "ann"), await greet(server, "bob")];
  for (const person of [ann, bob]) await person.ask({ type: "register" });
  await ann.ask({ type: "message", room: "@bob", content: "one" });
  assertEquals((await edit(ann, 1, "two", { room: "@bob" })).room, "@bob");
  assertEquals((await bob.until("edit")).room, "@ann");
  assertEquals((await remove(bob, 1, { room: "@ann" })).code, "forbidden");
  assertEquals((await bob.ask({ type: "history", room: "@ann" })).events[0].content, "two");
  const admin = await comeBack(server, server.adminToken);
  await admin.ask({ type: "account", name: "builder", bot: true });
  const issue = async (scope: string) => {
    const issued = { type: "token", label: scope, scopes: [scope], user: "builder" };
    return await comeBack(server, (await admin.ask(issued)).token);
  };
  const [sender, reader] = [await issue("send"), await issue("read")];
  await speak(sender, "built");
  assertEquals((await edit(sender, 1, "not built")).of, 1);
  assertEquals((await edit(reader, 1, "built")).code, "forbidden");
  assertEquals((await remove(sender, 1)).of, 1);
});

testEachStore(
  "protocol 5.5: operators are told of a question that is changed, and the queue has it as it is",
  async (database) => {
    await using server = await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
    const admin = await comeBack(server, server.adminToken);
    const bob = await greet(server, "bob");
    const { room } = await bob.ask({ type: "inquiry", content: "May I reboot db3?" });
    assertEquals((await admin.question()).content, "May I reboot db3?");
    await edit(bob, 1, "May I reboot db4?", { room });
    const { of, content, edited } = await admin.question();
    assertEquals([of, content, edited], [1, "May I reboot db4?", 2]);
    const queued = async () => {
      const { inquiries: [{ seq, content, edited, deleted }] } = await admin.ask({ type: "queue" });
      return { seq, content, edited, deleted };
    };
    const NONE = { content: undefined, edited: undefined, deleted: undefined };
    assertEquals(await queued(), { ...NONE, seq: 1, content: "May I reboot db4?", edited: 2 });
    await remove(bob, 1, { room });
    assertEquals((await admin.question()).deleted, 3);
    assertEquals(await queued(), { ...NONE, seq: 1, edited: 2, deleted: 3 });
    await admin.ask({ type: "respond", inquiry: 1, content: "Ask again" });
    assertEquals((await edit(admin, 4, "Please ask again", { room })).of, 4);
    assertEquals((await bob.until("edit")).content, "Please ask again");
    assertEquals((await edit(bob, 4, "No", { room })).code, "forbidden");
  },
);

testEachStore(
  "protocol 5.5: neither is unread, and a deleted message counts until it is read",
  async (database) => {
    await using server = await startTestServer({ ...ROOMY, driver: await openMigrated(database) });
    const [ann, bob] = [await enter(server, "ann"), await enter(server, "bob")];
    await speak(ann, "for @bob");
    const counts = async () => {
      const { rooms: [{ unread, mentions }] } = await bob.ask({ type: "rooms", joined: true });
      return [unread, mentions];
    };
    await remove(ann, 1);
    assertEquals(await counts(), [1, 1]);
    await bob.ask({ type: "read", room: "lobby", seq: 2 });
    assertEquals(await counts(), [0, 0]);
    await speak(ann, "two");
    await bob.ask({ type: "read", room: "lobby", seq: 3 });
    await edit(ann, 3, "two for @bob");
    assertEquals(await counts(), [0, 1]);
    await bob.ask({ type: "read", room: "lobby", seq: 4 });
    await speak(bob, "thanks", { to: 3 });
    await speak(ann, "welcome", { to: 5 });
    assertEquals(await counts(), [1, 1]);
  },
);

Deno.test("protocol 5.5: of an edit and a delete at once the first in the log holds", async () => {
  await using server = await startTestServer(ROOMY);
  const ann = await enter(server, "ann");
  const admin = await comeBack(server, server.adminToken);
  for (let round = 1; round <= 20; round++) {
    const { seq } = await speak(ann, `round ${round}`);
    const [edited, deleted] = await Promise.all([edit(ann, seq, "edited"), remove(admin, seq)]);
    const [event] =
      (await ann.ask({ type: "history", room: "lobby", around: seq, limit: 1 })).events;
    assertEquals(event.deleted, deleted.seq);
    assertEquals(event.content, undefined);
    assertEquals(event.edited, edited.type === "ok" ? edited.seq : undefined);
    if (edited.type === "ok") assertEquals(edited.seq < deleted.seq, true);
    else assertEquals(edited.code, "bad_state");
  }
});

Deno.test("protocol 5.1: a reply in an inquiry is a question like any other", async () => {
  await using server = await startTestServer(ROOMY);
  const admin = await comeBack(server, server.adminToken);
  const bob = await greet(server, "bob");
  const { room } = await bob.ask({ type: "inquiry", content: "May I?" });
  await admin.question();
  await admin.ask({ type: "respond", inquiry: 1, content: "What?" });
  assertEquals((await admin.ask({ type: "queue" })).inquiries, []);
  assertEquals((await bob.ask({ type: "message", room, content: "Reboot", to: 2 })).seq, 3);
  const { of, content } = await admin.question();
  assertEquals([of, content], [3, "Reboot"]);
  assertEquals((await admin.ask({ type: "queue" })).inquiries[0].seq, 3);
  assertEquals((await bob.ask({ type: "message", room, content: "No", to: 9 })).field, "to");
});
