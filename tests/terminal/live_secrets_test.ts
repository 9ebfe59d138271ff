// Secrets that are asked for in place of the live line.

import { assertEquals } from "@std/assert";
import { notice } from "../../lib/terminal/view_lines.ts";
import { EmulatedTerminal } from "../support/terminals/emulated_terminal.ts";
import { pasted } from "../support/terminals/pty.ts";

const ENTER = "\r";
const UP = "\x1b[A";
const CTRL_C = "\x03";
const CTRL_R = "\x12";
const CTRL_Y = "\x19";
const CTRL_UNDERSCORE = "\x1f";

/** What was answered, once it is. */
async function settled<T>(answer: Promise<T>): Promise<T | "pending"> {
  let result: T | "pending" = "pending";
  answer.then((value) => result = value);
  for (let turn = 0; turn < 10; turn++) await undefined;
  return result;
}

Deno.test("live secrets: nothing typed is on the screen, and lines still arrive above", async () => {
  const terminal = new EmulatedTerminal();
  const answers = terminal.view.askSecrets(["Password: ", "Again: "]);
  await terminal.type("hunter2");
  await terminal.show(notice("ada joined #lobby"));
  assertEquals(terminal.screen.all, ["── ada joined #lobby", "Password:"]);
  await terminal.type(ENTER);
  assertEquals(terminal.screen.all.at(-1), "Again:");
  await terminal.type(pasted("hunter2"), ENTER);
  assertEquals(await settled(answers), ["hunter2", "hunter2"]);
  assertEquals(terminal.screen.all.at(-1), ">");
  assertEquals(terminal.screen.all.some((row) => row.includes("hunter2")), false);
  assertEquals(terminal.entered, []);
});

Deno.test("live secrets: no key brings a secret back, into the line or the history", async () => {
  const terminal = new EmulatedTerminal();
  const answers = terminal.view.askSecrets(["Password: "]);
  await terminal.type("hunter", "\x15", "hunter2", ENTER);
  assertEquals(await settled(answers), ["hunter2"]);
  await terminal.type(UP, CTRL_Y, CTRL_UNDERSCORE, ENTER);
  await terminal.type(CTRL_R, "hunt", ENTER);
  assertEquals(terminal.entered.join("").includes("hunter"), false);
  assertEquals(terminal.screen.all.some((row) => row.includes("hunter")), false);
});

Deno.test("live secrets: Ctrl-C gives up the question and leaves nothing else", async () => {
  const terminal = new EmulatedTerminal();
  await terminal.type("half a line");
  const answers = terminal.view.askSecrets(["Password: "]);
  await terminal.type("hunter2", CTRL_C);
  assertEquals(await settled(answers), undefined);
  assertEquals(terminal.screen.all.at(-1), "> half a line");
  assertEquals(terminal.left, []);
});

Deno.test("live secrets: what was typed ahead of the question is an answer, not a message", async () => {
  const terminal = new EmulatedTerminal();
  let answers: Promise<readonly string[] | undefined> | undefined;
  const { entered } = terminal;
  entered.push = (line) => {
    if (line === "/password") answers = terminal.view.askSecrets(["New: ", "Again: "]);
    return Array.prototype.push.call(entered, line);
  };
  await terminal.type("/password\rone\rone\rhello");
  assertEquals(await settled(answers ?? Promise.resolve(undefined)), ["one", "one"]);
  assertEquals(terminal.screen.all.at(-1), "> hello");
  assertEquals([...entered], ["/password"]);
});
