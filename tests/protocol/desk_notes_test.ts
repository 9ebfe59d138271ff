// Protocol 10.13: notes and drafts. An asker never learns of them; a program drafts, a person decides.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { comeBack, greet, operator, UNHURRIED } from "./scene.ts";

const LIMITS = { ...UNHURRIED, inquiries_burst: 1_000, inquiries_open_guest: 100 };

async function memberToken({ repository: { users } }: TestServer): Promise<string> {
  const { id } = await users.ensureAccount({ name: userNameOf("mia"), role: "member", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  return token;
}

/** A program with these scopes, and the administrator who has created it. */
async function program(
  server: TestServer,
  scopes: readonly string[],
): Promise<{ readonly bot: RawClient; readonly admin: RawClient }> {
  const admin = await comeBack(server, server.adminToken);
  await admin.ask({ type: "account", name: "helper", bot: true });
  const { token } = await admin.ask({ type: "token", label: "h", scopes, user: "helper" });
  return { bot: await comeBack(server, token), admin };
}

async function followDesk(client: RawClient): Promise<void> {
  await client.ask({ type: "resume", rooms: [{ room: "desk", seq: 0 }] });
}

const CANARY = "canary-7f3a";

/** Everything that somebody who must not see the notes about an inquiry may ask about them. */
function prying(inquiry: number): readonly Frame[] {
  const room = `?${inquiry}!`;
  return [
    { type: "history", room, after: 0 },
    { type: "history", room, around: 1 },
    { type: "join", room },
    { type: "join", room, create: true },
    { type: "leave", room },
    { type: "members", room },
    { type: "message", room, content: "x" },
    { type: "edit", room, seq: 1, content: "x" },
    { type: "delete", room, seq: 1 },
    { type: "read", room, seq: 1 },
    { type: "topic", room, topic: "x" },
    { type: "add", room, user: "bob" },
    { type: "kick", room, user: "bob" },
    { type: "moderation", room },
    { type: "resume", rooms: [{ room, seq: 0 }] },
    { type: "search", query: `${CANARY} in:${room}` },
    { type: "later", room, seq: 1, on: true },
    { type: "note", inquiry, content: "x" },
    { type: "draft", inquiry, content: "x" },
    { type: "respond", inquiry, draft: 2 },
  ];
}

Deno.test("protocol 10.13: an asker never learns of notes and drafts, an operator who asks included", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, olga] = [await operator(server, "bob"), await operator(server, "olga")];
  const ann = await greet(server, "ann");
  // Each asker has one inquiry with notes and one without.
  for (const asker of [ann, olga]) {
    for (const content of ["noted", "not noted"]) await asker.ask({ type: "inquiry", content });
  }
  for (const client of [bob, olga]) await followDesk(client);
  for (const inquiry of [1, 3]) {
    const content = `@ann @olga ${CANARY}`;
    assertEquals((await bob.ask({ type: "note", inquiry, content })).room, `?${inquiry}!`);
    assertEquals((await bob.ask({ type: "draft", inquiry, content })).seq, 2);
  }
  assertEquals((await bob.received("note", 4)).map(({ room, kind }) => [room, kind]), [
    ["?1!", "message"],
    ["?1!", "draft"],
    ["?3!", "message"],
    ["?3!", "draft"],
  ]);
  const cases = [{ asker: ann, noted: 1, empty: 2 }, { asker: olga, noted: 3, empty: 4 }];
  for (const { asker, noted, empty } of cases) {
    for (const [at, request] of prying(noted).entries()) {
      const reply = await asker.ask(request);
      const other = await asker.ask(prying(empty)[at] ?? {});
      const text = JSON.stringify(reply);
      assertEquals(text.includes(CANARY), false, text);
      // As where there are none, but for what an operator may do with an own inquiry.
      const known = JSON.stringify(other).replaceAll(`?${empty}`, `?${noted}`);
      const withoutIds = (json: string) => json.replaceAll(/"(re|id|seq|time)":("[^"]*"|\d+)/g, "");
      assertEquals(withoutIds(text), withoutIds(known), JSON.stringify(request));
    }
    const lists: readonly Frame[] = [
      { type: "search", query: CANARY },
      { type: "search", query: `${CANARY} mentions:me` },
      { type: "rooms" },
      { type: "rooms", joined: true },
      { type: "history", room: `?${noted}`, after: 0 },
      ...(asker === olga
        ? [{ type: "queue" }, { type: "history", room: "desk", after: 0 }, { type: "report" }]
        : []),
    ];
    for (const request of lists) {
      const text = JSON.stringify(await asker.ask(request));
      // Of the inquiry of another user an operator may know.
      const others = asker === olga ? text.replaceAll(/\{[^{}]*"room":"\?1!"[^{}]*\}/g, "") : text;
      assertEquals(others.includes(CANARY), false, `${JSON.stringify(request)}: ${others}`);
      assertEquals(others.includes(`?${noted}!`), false, others);
    }
  }
  for (const client of [ann, olga]) await client.quiet();
  // All that was ever sent to them: olga, an operator, reads the notes about the inquiry of another user.
  const leaked = (client: RawClient, room: string) =>
    client.raw.split("\n").filter((line) => line.includes(CANARY) && line.includes(room));
  assertEquals(leaked(ann, ""), []);
  assertEquals(leaked(olga, "?3!"), []);
  assertEquals((await olga.received("note", 2)).map(({ room }) => room), ["?1!", "?1!"]);
});

Deno.test("protocol 10.13: the notes are a room with its own seq, for operators as any room", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const [bob, olga] = [await operator(server, "bob"), await operator(server, "olga")];
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "may I?" });
  assertEquals((await olga.ask({ type: "history", room: "?1!" })).code, "no_such_inquiry");
  const first = { type: "note", inquiry: 1, content: "he is new", cid: "n1" };
  assertEquals((await bob.ask(first)).seq, 1);
  assertEquals((await bob.ask(first)).dup, true);
  assertEquals((await bob.ask({ ...first, content: "other" })).code, "cid_conflict");
  assertEquals((await olga.ask({ type: "join", room: "?1!" })).kind, "notes");
  await bob.ask({ type: "note", inquiry: 1, content: "ask olga" });
  await olga.ask({ type: "draft", inquiry: 1, content: "yes" });
  assertEquals((await bob.ask({ type: "message", room: "?1!", content: "x" })).code, "forbidden");
  const { events } = await bob.ask({ type: "history", room: "?1!", after: 0 });
  assertEquals(events.map(({ type, seq, content, of }: Frame) => [type, seq, content, of]), [
    ["message", 1, "he is new", undefined],
    ["message", 2, "ask olga", undefined],
    ["draft", 3, "yes", 1],
  ]);
  assertEquals((await olga.received("message", 1)).map(({ content }) => content), ["ask olga"]);
  const { hits = [], events: found } = await olga.ask({ type: "search", query: "new in:?1!" });
  assertEquals([hits, found.length], [[], 1]);
  // The asker's own room has no hole.
  assertEquals((await ann.ask({ type: "message", room: "?1", content: "please" })).seq, 2);
});

Deno.test("protocol 10.13: a program drafts and a person sends it, unless the asker has written since", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const { bot, admin } = await program(server, ["desk"]);
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "may I?" });
  await followDesk(admin);
  const desk = await bot.ask({ type: "history", room: "desk", after: 0 });
  assertEquals(desk.events.map(({ change, content }: Frame) => [change, content]), [
    ["opened", "may I?"],
  ]);
  assertEquals((await bot.ask({ type: "history", room: "?1" })).events.length, 1);
  assertEquals((await bot.ask({ type: "draft", inquiry: 1, content: "Yes, do" })).seq, 1);
  const { kind, from, bot: isBot, inquiry } = await admin.until("note");
  assertEquals([kind, from, isBot, inquiry], ["draft", "helper", true, 1]);

  await ann.ask({ type: "message", room: "?1", content: "now, I mean" });
  const stale = await admin.ask({ type: "respond", inquiry: 1, draft: 1 });
  assertEquals([stale.code, stale.field], ["bad_state", "draft"]);
  assertStringIncludes(stale.message, "has written");
  assertEquals((await admin.ask({ type: "respond", inquiry: 1, draft: 2 })).field, "draft");
  const sent = { type: "respond", inquiry: 1, draft: 1, anyway: true };
  assertEquals((await admin.ask(sent)).type, "ok");
  const answer = await ann.until("response");
  assertEquals([answer.from, answer.content, answer.draft, answer.to, answer.bot], [
    ...["admin", "Yes, do", 1, 1, undefined],
  ]);
  const other = { type: "respond", inquiry: 1, draft: 1, content: "Yes, I say", anyway: true };
  await admin.ask(other);
  assertEquals((await ann.until("response")).content, "Yes, I say");
});

Deno.test("protocol 10.13: a program answers only with its scope and before a person works on it, and never decides", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const { bot, admin } = await program(server, ["desk", "answer"]);
  const ann = await greet(server, "ann");
  await ann.ask({ type: "inquiry", content: "may I?" });
  assertEquals((await bot.ask({ type: "respond", inquiry: 1, content: "Wait" })).type, "ok");
  assertEquals((await admin.ask({ type: "claim", inquiry: 1 })).state, "claimed");
  const late = await bot.ask({ type: "respond", inquiry: 1, content: "Yes" });
  assertEquals(late.code, "forbidden");
  assertEquals((await bot.ask({ type: "draft", inquiry: 1, content: "Yes" })).type, "ok");
  const deny = async (request: Frame) => assertEquals((await bot.ask(request)).code, "forbidden");
  await deny({ type: "claim", inquiry: 1 });
  await deny({ type: "resolve", inquiry: 1 });
  await deny({ type: "decide", inquiry: 1, choice: "yes" });
  await deny({ type: "queue" });

  const { token } = await admin.ask({
    ...{ type: "token", label: "d", scopes: ["desk"], user: "helper" },
  });
  const drafter = await comeBack(server, token);
  assertEquals(
    (await drafter.ask({ type: "respond", inquiry: 1, content: "x" })).code,
    "forbidden",
  );
  assertEquals((await drafter.ask({ type: "history", room: "lobby" })).code, "forbidden");
  // Of a person who is no operator it is good for nothing.
  const member = await comeBack(server, await memberToken(server));
  const own = await member.ask({ type: "token", label: "p", scopes: ["desk", "answer"] });
  const person = await comeBack(server, own.token);
  assertEquals((await person.ask({ type: "history", room: "?1" })).code, "no_such_inquiry");
  assertEquals(
    (await person.ask({ type: "note", inquiry: 1, content: "x" })).code,
    "no_such_inquiry",
  );
});

Deno.test("protocol 10.13: any operator but the asker deletes a draft, and nobody sends it any more", async () => {
  await using server = await startTestServer({ limits: LIMITS });
  const { bot, admin } = await program(server, ["desk"]);
  const [bob, olga] = [await operator(server, "bob"), await operator(server, "olga")];
  await olga.ask({ type: "inquiry", content: "may I?" });
  await bot.ask({ type: "draft", inquiry: 1, content: `Yes ${CANARY}` });
  await bot.ask({ type: "draft", inquiry: 1, content: "No" });
  const remove = { type: "delete", room: "?1!", seq: 1 };
  assertEquals(
    (await bob.ask({ type: "edit", room: "?1!", seq: 1, content: "x" })).code,
    "bad_field",
  );
  assertEquals((await olga.ask(remove)).code, (await olga.ask({ ...remove, room: "?9!" })).code);
  assertEquals((await bot.ask(remove)).code, "forbidden");
  const { type, seq, of } = await bob.ask(remove);
  assertEquals([type, seq, of], ["ok", 3, 1]);
  assertEquals((await admin.ask(remove)).dup, true);
  const { events } = await admin.ask({ type: "history", room: "?1!", after: 0 });
  assertEquals(events.map(({ type, content, deleted }: Frame) => [type, content, deleted]), [
    ["draft", undefined, 3],
    ["draft", "No", undefined],
    ["delete", undefined, undefined],
  ]);
  const sent = await admin.ask({ type: "respond", inquiry: 1, draft: 1, anyway: true });
  assertEquals([sent.code, sent.field], ["bad_field", "draft"]);
  assertEquals((await admin.ask({ type: "respond", inquiry: 1, draft: 2 })).type, "ok");
  assertEquals((await olga.until("response")).content, "No");
  // A note is still its author's.
  await bob.ask({ type: "note", inquiry: 1, content: "hm" });
  assertEquals((await admin.ask({ ...remove, seq: 4 })).code, "forbidden");
});
