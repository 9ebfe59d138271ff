import { assertEquals, assertStringIncludes } from "@std/assert";
import { MODERATION_COMMANDS } from "../../../lib/client/slash/moderation_commands.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { Effects, enterSlash, type LineTargetOptions } from "../../support/clients/line_target.ts";

const table = new SlashTable(MODERATION_COMMANDS);
const enter = (line: string, options: LineTargetOptions = {}) =>
  enterSlash(line, { table, ...options });

/** Without the fields that are undefined. */
function sent({ done }: Effects): unknown[] {
  return JSON.parse(JSON.stringify(done));
}

const HOUR = 3_600_000;

Deno.test("moderation commands: each does what its row says, in the room that is meant", async () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["/kick bob", { type: "kick", room: "ops", user: "bob" }],
    ["/kick @bob being loud", { type: "kick", room: "ops", user: "bob", reason: "being loud" }],
    ["/kick #dev bob", { type: "kick", room: "dev", user: "bob" }],
    ["/kick server bob", { type: "kick", user: "bob" }],
    // A name like a time is a name; a time is one only where there can be one.
    ["/kick bob 1h", { type: "kick", room: "ops", user: "bob", reason: "1h" }],
    ["/mute bob", { type: "standing", room: "ops", user: "bob", standing: "muted" }],
    ["/mute bob 1h spam", {
      type: "standing",
      room: "ops",
      user: "bob",
      standing: "muted",
      for_ms: HOUR,
      reason: "spam",
    }],
    ["/unmute bob", { type: "standing", room: "ops", user: "bob", standing: "member" }],
    ["/standing bob moderator", {
      type: "standing",
      room: "ops",
      user: "bob",
      standing: "moderator",
    }],
    ["/ban bob", { type: "ban", room: "ops", user: "bob" }],
    ["/ban server 203.0.113.0/24 7d scans", {
      type: "ban",
      network: "203.0.113.0/24",
      for_ms: 7 * 24 * HOUR,
      reason: "scans",
    }],
    ["/ban #dev 2001:db8::1", { type: "ban", room: "dev", network: "2001:db8::1" }],
    ["/unban bob", { type: "unban", room: "ops", user: "bob" }],
    ["/bans", { type: "bans", room: "ops" }],
    ["/bans server", { type: "bans" }],
    ["/moderation #dev", { type: "moderation", room: "dev" }],
    ["/panic on", { type: "panic", on: true }],
    ["/panic off", { type: "panic", on: false }],
    ["/topic what it is about", { type: "topic", room: "ops", topic: "what it is about" }],
    ["/topic -", { type: "topic", room: "ops", topic: "" }],
  ];
  for (const [line, frame] of cases) assertEquals(sent(await enter(line)), [frame], line);
});

Deno.test("moderation commands: what was done is confirmed with its place and its end", async () => {
  assertEquals((await enter("/ban bob 7d spam")).texts, ["bob is banned in #ops for 7 days"]);
  assertEquals((await enter("/ban server bob")).texts, [
    "bob is banned on this server until the ban is removed",
  ]);
  assertEquals((await enter("/kick #dev bob")).texts, ["bob was removed from #dev"]);
  // The event that follows is shown to the whole room.
  assertEquals((await enter("/mute bob 1h")).texts, []);
});

Deno.test("moderation commands: a refusal is shown in the server's words, and offline nothing is sent", async () => {
  const reply = { type: "error", code: "forbidden", message: 'You may not moderate "ops"' };
  const refused = await enter("/ban bob", { reply });
  assertEquals(refused.shown, [{ kind: "failure", text: 'You may not moderate "ops"' }]);
  const offline = await enter("/ban bob", { isOnline: false });
  assertEquals(offline.done, []);
  assertStringIncludes(offline.texts.join(), "Not connected");
});

Deno.test("moderation commands: what does not fit is sent nowhere, and says how it is written", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["/kick", "Usage: /kick USER [WHY]"],
    ["/ban #dev", "Usage: /ban USER [TIME] [WHY]"],
    ["/ban b!b", '"b!b" is neither a name nor an address'],
    ["/ban #-x bob", '"-x" cannot be a room'],
    ["/mute 1.2.3.4", "by account"],
    ["/mute server bob", "by room"],
    ["/standing bob king", "Usage: /standing USER STANDING"],
    ["/standing bob", "Usage: /standing USER STANDING"],
    ["/panic maybe", "Usage: /panic on|off"],
    ["/bans #a #b", "Usage: /bans [#ROOM|server]"],
    ["/topic", "Usage: /topic TEXT"],
  ];
  for (const [line, says] of cases) {
    const { done, shown, texts } = await enter(line);
    assertEquals([done, shown.length], [[], 1], line);
    assertEquals(shown[0]?.kind, "failure");
    assertStringIncludes(texts.join(), says);
  }
  const roomless = await enter("/ban bob", { current: null });
  assertEquals(roomless.done, []);
  assertStringIncludes(roomless.texts.join(), "You are in no room: name it before the user");
});

Deno.test("moderation commands: /help shows them to those who may use them here, within 80 columns", () => {
  const helpOf = (options: LineTargetOptions) => table.help(new Effects(options).target);
  const names = (options: LineTargetOptions) => helpOf(options).map((line) => line.split(" ")[0]);
  assertEquals(names({ role: "guest" }), ["/help"]);
  assertEquals(names({ role: "member", standing: "member" }), ["/help"]);
  assertEquals(names({ role: "operator" }), ["/help", "/topic"]);
  const owner = names({ role: "member", standing: "owner" });
  assertEquals([owner.includes("/ban"), owner.includes("/panic")], [true, false]);
  assertEquals(names({ role: "guest", standing: "moderator" }), owner);
  assertEquals(names({ role: "admin" }), [...owner, "/panic"]);
  assertEquals(helpOf({ role: "admin" }).filter((line) => line.length >= 80), []);
  const details = table.help(new Effects().target, "ban");
  assertEquals(details.filter((line) => line.length >= 100), []);
  assertStringIncludes(details.join("\n"), "7d");
});
