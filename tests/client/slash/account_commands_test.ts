import { assertEquals, assertStringIncludes } from "@std/assert";
import { Failure } from "../../../lib/client/exit.ts";
import { ACCOUNT_COMMANDS } from "../../../lib/client/slash/account_commands.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { Effects, enterSlash, type LineTargetOptions } from "../../support/clients/line_target.ts";

const table = new SlashTable(ACCOUNT_COMMANDS);
const enter = (line: string, options: LineTargetOptions = {}) =>
  enterSlash(line, { table, ...options });
const PASSWORD = "correct horse";

/** Without the fields that are undefined. */
function sent({ done }: Effects): unknown[] {
  return JSON.parse(JSON.stringify(done));
}

Deno.test("account commands: /register and /password ask unseen, twice for the new one", async () => {
  const registered = await enter("/register", {
    role: "guest",
    secrets: [PASSWORD, PASSWORD],
  });
  assertEquals(registered.asked, ["New password: ", "The same again: "]);
  assertEquals(sent(registered), [{ type: "register", password: PASSWORD }]);

  const changed = await enter("/password", { secrets: ["old one", PASSWORD, PASSWORD] });
  assertEquals(changed.asked.length, 3);
  assertEquals(sent(changed), [{ type: "password", old: "old one", new: PASSWORD }]);
  const first = await enter("/password", { secrets: ["", PASSWORD, PASSWORD] });
  assertEquals(sent(first), [{ type: "password", new: PASSWORD }]);
  for (const { texts } of [registered, changed]) {
    assertEquals(texts.join().includes(PASSWORD), false);
  }
});

Deno.test("account commands: a forgotten old password is asked for, in no words of the protocol", async () => {
  const reply = { type: "error", code: "bad_field", field: "old", message: 'Field "old" takes …' };
  const { shown } = await enter("/password", { secrets: ["", PASSWORD, PASSWORD], reply });
  const text = "You have a password: /password asks for it first. Nothing was changed";
  assertEquals(shown, [{ kind: "failure", text }]);
});

Deno.test("account commands: what is no password is sent nowhere, and never shown", async () => {
  const cases: readonly (readonly [readonly string[] | undefined, string])[] = [
    [undefined, "Nothing was changed"],
    [["", ""], "The password is empty"],
    [[PASSWORD, "another one"], "The two are not the same"],
    [["short", "short"], "at least 8 characters"],
    [["a\u0007bcdefgh", "a\u0007bcdefgh"], "control characters"],
    [["x".repeat(300), "x".repeat(300)], "at most 256 bytes"],
  ];
  for (const [secrets, says] of cases) {
    const { done, texts } = await enter("/register", { secrets });
    assertEquals(done, []);
    assertStringIncludes(texts.join(), says);
    for (const secret of secrets ?? []) {
      assertEquals(secret !== "" && texts.join().includes(secret), false);
    }
  }
});

Deno.test("account commands: a password in the line is refused, in no history, and not repeated", async () => {
  for (const line of ["/password hunter2", "/login ada hunter2", "/register hunter2"]) {
    const { done, asked, texts } = await enter(line);
    assertEquals([done, asked], [[], []], line);
    assertStringIncludes(texts.join(), "asked for unseen");
    assertEquals(texts.join().includes("hunter2"), false);
  }
  for (const line of ["/password x", "/PASSWORD x", "/passwrd x", "/login ada x", "/regster x"]) {
    assertEquals(table.isSecret(line), true, line);
  }
  for (const line of ["/devices end 3", "/code join", "/password", "hello", "my /password x"]) {
    assertEquals(table.isSecret(line), false, line);
  }
});

Deno.test("account commands: /login goes on as the account, or shows why not", async () => {
  const tried: string[] = [];
  const login = (name: string, password: string) => {
    tried.push(`${name} ${password}`);
    return password === PASSWORD
      ? Promise.resolve("ada")
      : Promise.reject(new Failure("denied", "Wrong name or password"));
  };
  const accepted = await enter("/login ada", { role: "guest", secrets: [PASSWORD], login });
  assertEquals([accepted.done, accepted.texts], [["left for ada"], []]);
  const refused = await enter("/login ada", { role: "guest", secrets: ["wrong one"], login });
  assertEquals(refused.done, []);
  assertEquals(refused.shown, [{ kind: "failure", text: "Wrong name or password" }]);
  const silent = await enter("/login ada", { role: "guest", secrets: [""], login });
  assertEquals([silent.done, silent.texts], [[], ["Nothing was changed"]]);
  assertEquals(tried, [`ada ${PASSWORD}`, "ada wrong one"]);
});

Deno.test("account commands: /devices and /code ask for what their words say", async () => {
  const DAY = 86_400_000;
  const cases: readonly (readonly [string, unknown])[] = [
    ["/devices", { type: "tokens" }],
    ["/devices end 12", { type: "revoke", token: 12 }],
    ["/code", { type: "code", kind: "device" }],
    ["/code join", { type: "code", kind: "join" }],
    ["/code join #ops #dev 8 7d", {
      type: "code",
      kind: "join",
      rooms: ["ops", "dev"],
      uses: 8,
      expires_ms: 7 * DAY,
    }],
    ["/code reset @bob", { type: "code", kind: "reset", user: "bob" }],
  ];
  const code = {
    type: "code",
    id: 3,
    kind: "device",
    user: "ada",
    uses: 1,
    expires: 1,
    code: "K7QD9FX2TB4M8WZR",
  };
  for (const [line, frame] of cases) {
    const reply = line === "/devices" ? { type: "tokens", tokens: [], more: false } : code;
    assertEquals(sent(await enter(line, { reply })), [frame], line);
  }
  assertEquals((await enter("/code", { reply: code })).texts.at(-1), "K7QD-9FX2-TB4M-8WZR");
  for (
    const line of ["/devices 12", "/devices end x", "/code x", "/code join ops", "/code reset"]
  ) {
    const { done, texts } = await enter(line);
    assertEquals(done, [], line);
    assertStringIncludes(texts.join(), "Usage: ");
  }
  const own = {
    token: 4,
    label: "",
    client: "parley/1",
    created: 1,
    used: 1,
    here: true,
    own: true,
  };
  const bot = { ...own, token: 5, label: "ci", own: undefined, here: false, scopes: ["send:ops"] };
  const reply = { type: "tokens", tokens: [own, bot], more: false };
  const [first, second = ""] = (await enter("/devices", { reply })).texts;
  assertEquals(first, "4 · parley/1 · this device");
  assertStringIncludes(second, "5 · ci · parley/1 · used ");
  assertStringIncludes(second, "may send:ops");
});

Deno.test("account commands: /help shows a guest how to get an account, and an account the rest", () => {
  const login = () => Promise.resolve("ada");
  const names = (options: LineTargetOptions) =>
    table.help(new Effects(options).target).map((line) => line.split(" ")[0]);
  assertEquals(names({ role: "guest", login }), ["/help", "/register", "/login"]);
  assertEquals(names({ role: "guest" }), ["/help", "/register"]);
  assertEquals(names({ role: "member", login }), ["/help", "/password", "/devices", "/code"]);
});
