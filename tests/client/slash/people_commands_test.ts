import { assertEquals, assertStringIncludes } from "@std/assert";
import { PEOPLE_COMMANDS } from "../../../lib/client/slash/people_commands.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { Effects, enterSlash, type LineTargetOptions } from "../../support/clients/line_target.ts";

const table = new SlashTable(PEOPLE_COMMANDS);
const enter = (line: string, options: LineTargetOptions = {}) =>
  enterSlash(line, { table, ...options });

/** Without the fields that are undefined. */
function sent({ done }: Effects): unknown[] {
  return JSON.parse(JSON.stringify(done));
}

Deno.test("people commands: each does what its row says", async () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["/msg bob hello there", { say: "hello there", room: "@bob" }],
    ["/msg @bob two\nlines", { say: "two\nlines", room: "@bob" }],
    ["/add bob", { type: "add", room: "ops", user: "bob" }],
    ["/ignore bob", { type: "ignore", user: "bob", on: true }],
    ["/ignore", { type: "ignores" }],
    ["/whois bob", { type: "whois", user: "bob" }],
    ["/unignore bob", { type: "ignore", user: "bob", on: false }],
  ];
  const whois = { type: "whois", name: "bob", role: "member", here: true, rooms: ["ops"] };
  for (const [line, frame] of cases) {
    const reply = line.startsWith("/whois") ? whois : { type: "ok" };
    assertEquals(sent(await enter(line, { reply })), [frame], line);
  }
  assertEquals(sent(await enter("/query bob", { reply: whois })), [
    { type: "whois", user: "bob" },
    { type: "join", room: "@bob" },
  ]);
  const guest = await enter("/query bob", { reply: { ...whois, role: "guest" } });
  assertEquals(guest.texts, ["bob is a guest: only accounts have direct conversations"]);
  assertEquals((await enter("/whois bob", { reply: whois })).texts, [
    "bob (member) · here · with you in #ops",
  ]);
});

Deno.test("people commands: a reply is a sentence, a refusal the server's, and offline nothing is sent", async () => {
  assertEquals((await enter("/add bob")).texts, ["bob is a member of #ops now"]);
  const reply = { type: "error", code: "forbidden", message: 'You may not add people to "ops"' };
  const refused = await enter("/add bob", { reply });
  assertEquals(refused.shown, [{ kind: "failure", text: 'You may not add people to "ops"' }]);
  const offline = await enter("/add bob", { isOnline: false });
  assertEquals(offline.done, []);
  assertStringIncludes(offline.texts.join(), "Not connected");
});

Deno.test("people commands: what does not fit is sent nowhere, and says how it is written", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["/msg bob", "Usage: /msg USER TEXT"],
    ["/msg b!b hello", '"b!b" cannot be a user'],
    ["/query", "Usage: /query USER"],
    ["/ignore b!b", '"b!b" cannot be a user'],
    ["/add a b", '"a b" cannot be a user'],
  ];
  for (const [line, says] of cases) {
    const { done, shown, texts } = await enter(line);
    assertEquals([done, shown.length], [[], 1], line);
    assertEquals(shown[0]?.kind, "failure");
    assertStringIncludes(texts.join(), says);
  }
  const roomless = await enter("/add bob", { current: null });
  assertEquals([roomless.done, roomless.texts], [[], ["You are in no room: name one"]]);
});

Deno.test("people commands: /help shows them to those who may use them", () => {
  const helpOf = (role: "guest" | "member") => table.help(new Effects({ role }).target);
  const names = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]);
  const all = ["/ignore", "/unignore", "/whois", "/add"];
  assertEquals(names(helpOf("guest")), ["/help", ...all]);
  assertEquals(names(helpOf("member")), ["/help", "/msg", "/query", ...all]);
});

Deno.test("people commands: the nearest command is one that the person is shown", async () => {
  const nearest = async (role: "guest" | "member") => (await enter("/quary bob", { role })).texts;
  assertStringIncludes((await nearest("member")).join(), "did you mean /query?");
  assertStringIncludes((await nearest("guest")).join(), "/help lists the commands");
});
