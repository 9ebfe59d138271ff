import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS, enterLine, HELP_FOOTER } from "../../../lib/client/slash/commands.ts";
import type { LineTarget } from "../../../lib/client/slash/line_target.ts";
import { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { newConversation } from "../../../lib/client/state/conversation_reducer.ts";
import { TALK } from "../../../lib/client/state/conversation_policies.ts";
import type { Line } from "../../../lib/terminal/view_lines.ts";
import type { Role } from "../../../lib/wire/frames/roles.ts";

const table = new SlashTable(COMMANDS, HELP_FOOTER);

/** What a line in #ops has done. */
interface Effects {
  /** Requests to the server, and texts given to the sender. */
  readonly done: unknown[];
  readonly shown: Line[];
}

function enter(line: string): Effects {
  const effects: Effects = { done: [], shown: [] };
  enterLine(line, { table, target: targetOf("member", effects) });
  return effects;
}

/** What a line of a person with this role acts on. */
function targetOf(role: Role, effects: Effects = { done: [], shown: [] }): LineTarget {
  const conversation = {
    ...newConversation(TALK),
    you: { user: 7, name: "ada", role },
    current: "ops",
    asked: new Map([[42, 7]]),
    questions: new Map([
      [43, { choices: ["approve", "deny"], isWhole: true }],
      [44, { choices: ["red", "blue"], isWhole: true }],
      [45, { choices: ["approve", "deny"], isWhole: false }],
    ]),
  };
  return {
    loop: {
      conversation,
      session: undefined,
      heading: undefined,
      headFor: () => () => {},
      ask: (frame) => void effects.done.push(frame),
    },
    sender: {
      send: (room, text) => void effects.done.push({ say: text, room }),
      ask: (text) => void effects.done.push({ ask: text }),
      answer: (inquiry, answer) => void effects.done.push({ inquiry, ...answer }),
      answerAnyway: (inquiry) => inquiry === 42 && effects.done.push({ anyway: inquiry }) > 0,
    },
    show: (lines) => void effects.shown.push(...lines),
    leave: () => void effects.done.push("left"),
    askSecrets: () => Promise.resolve(undefined),
  };
}

function problem(line: string): string {
  const { done, shown } = enter(line);
  assertEquals(done, [], line);
  const [printed, ...more] = shown;
  assertEquals(more, []);
  assert(printed?.kind === "failure", line);
  return printed.text;
}

Deno.test("commands: a text is sent as it was typed", () => {
  for (const say of ["hello", "  indented", "trailing  ", "a / b", "1 // 2", "two\nlines"]) {
    assertEquals(enter(say), { done: [{ say, room: "ops" }], shown: [] });
  }
});

Deno.test("commands: a blank line does nothing", () => {
  for (const line of ["", "   ", "\t", "\n\n"]) assertEquals(enter(line), { done: [], shown: [] });
});

Deno.test("commands: two slashes send one", () => {
  assertEquals(enter("//help me").done, [{ say: "/help me", room: "ops" }]);
  assertEquals(enter("//").done, [{ say: "/", room: "ops" }]);
});

Deno.test("commands: each does what its row says", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["/join ops", { type: "join", room: "ops" }],
    ["/join #ops", { type: "join", room: "ops" }],
    ["/JOIN  ops ", { type: "join", room: "ops" }],
    ["/j @bob", { type: "join", room: "@bob" }],
    ["/create dev", { type: "join", room: "dev", create: true }],
    ["/create #dev private", { type: "join", room: "dev", create: true, private: true }],
    ["/leave", { type: "leave", room: "ops" }],
    ["/leave dev", { type: "leave", room: "dev" }],
    ["/rooms", { type: "rooms" }],
    ["/who", { type: "members", room: "ops" }],
    ["/who dev", { type: "members", room: "dev" }],
    ["/history", { type: "history", room: "ops", limit: 20, before: undefined }],
    ["/history 100", { type: "history", room: "ops", limit: 100, before: undefined }],
    ["/ask may I reboot db3?", { ask: "may I reboot db3?" }],
    ["/queue", { type: "queue", limit: 20 }],
    ["/answer 42 yes, do", { inquiry: 42, content: "yes, do", to: 7 }],
    ["/answer! 42", { anyway: 42 }],
    ["/answer! 42 no", { inquiry: 42, content: "no", to: 7, anyway: true }],
    ["/a ?43 two\nlines", { inquiry: 43, content: "two\nlines", to: undefined }],
    ["/open 42", { type: "history", room: "?42", around: 7, limit: 1 }],
    ["/open ?43", { type: "history", room: "?43", around: 1, limit: 1 }],
    ["/approve 43", { type: "decide", inquiry: 43, choice: "approve", content: undefined }],
    ["/approve 43 drained, go", {
      type: "decide",
      inquiry: 43,
      choice: "approve",
      content: "drained, go",
    }],
    ["/deny ?43 not now", { type: "decide", inquiry: 43, choice: "deny", content: "not now" }],
    ["/decide 44 red", { type: "decide", inquiry: 44, choice: "red", content: undefined }],
    ["/decide 44 blue like\nthe sea", {
      type: "decide",
      inquiry: 44,
      choice: "blue",
      content: "like\nthe sea",
    }],
    ["/join ?42", { type: "join", room: "?42" }],
    ["/quit", "left"],
    ["/exit", "left"],
  ];
  for (const [line, effect] of cases) {
    assertEquals(enter(line), { done: [effect], shown: [] }, line);
  }
});

Deno.test("commands: only a question that was shown whole is decided, by one of its choices", () => {
  assertStringIncludes(problem("/answer! 7"), "no answer to 7 was held back");
  assertStringIncludes(problem("/approve 99"), "/open 99 shows it");
  assertStringIncludes(problem("/approve 45"), "/open 45 shows all");
  assertStringIncludes(problem("/approve 44"), 'no choice "approve", only red, blue');
  assertStringIncludes(problem("/decide 44 Red"), 'no choice "Red", only red, blue');
  for (const line of ["/approve", "/approve x", "/decide 44", "/deny now 43", "/open", "/open x"]) {
    assertStringIncludes(problem(line), "Usage: ");
  }
});

Deno.test("commands: /help lists every row that is for the person, and describes one", () => {
  const all = table.help(targetOf("operator"));
  for (const name of Object.keys(COMMANDS)) {
    assert(all.some((line) => line.startsWith(`/${name}`)), name);
  }
  assert(all.every((line) => line.length < 80));
  assertStringIncludes(all.at(-1) ?? "", "//TEXT");
  const [one = "", ...more] = enter("/help /quit").shown;
  assertEquals(more, []);
  assertStringIncludes(JSON.stringify(one), "also /exit, /q");
  const ofGuest = table.help(targetOf("guest")).join("\n");
  assertEquals(/\/(queue|answer)/.test(ofGuest), false);
  assertStringIncludes(ofGuest, "/ask TEXT");
});

Deno.test("commands: a line's beginning is completed from the rows", () => {
  assertEquals(table.complete(targetOf("operator"), "/qu"), ["/queue ", "/quit "]);
  assertEquals(table.complete(targetOf("member"), "/qu"), ["/quit "]);
  assertEquals(table.complete(targetOf("operator"), "qu"), []);
});

Deno.test("commands: a misspelt command is never sent; the nearest one is named", () => {
  const nearest = {
    jion: "join",
    hepl: "help",
    hist: "history",
    histroy: "history",
    rom: "rooms",
    quti: "quit",
    Leaf: "leave",
    "join,": "join",
  };
  for (const [word, command] of Object.entries(nearest)) {
    assertStringIncludes(problem(`/${word} ops`), `did you mean /${command}?`);
  }
});

Deno.test("commands: a word like no command names none, and the way to send it as text", () => {
  for (const line of ["/usr/bin/env is missing", "/", "/ help", "/constructor", "/__proto__"]) {
    const message = problem(line);
    assertStringIncludes(message, "/help lists the commands");
    assertStringIncludes(message, "begin with //");
  }
});

Deno.test("commands: an argument that does not fit is refused here, with the usage", () => {
  const usages = {
    "/join": "/join ROOM",
    "/rooms all": "/rooms",
    "/queue all of it": "/queue [NAME]",
    "/ask": "/ask TEXT",
    "/quit now": "/quit",
  };
  for (const [line, usage] of Object.entries(usages)) {
    assertEquals(problem(line), `Usage: ${usage}`);
  }
  assertStringIncludes(problem("/join two words"), '"two words" cannot be a room');
  assertStringIncludes(problem("/join -x"), "letters, digits");
  for (const wrong of ["", "42", "0 yes", "?x yes", "1e3 yes", "#ops yes", "9".repeat(16) + " x"]) {
    assertEquals(problem(`/answer ${wrong}`), "Usage: /answer NUMBER TEXT");
  }
  for (const count of ["0", "101", "-1", "1.5", "many"]) {
    assertStringIncludes(problem(`/history ${count}`), "from 1 to 100");
  }
  assertStringIncludes(problem("/help nothing"), "There is no command /nothing");
});

Deno.test("commands: a long word costs no time", () => {
  assertStringIncludes(problem("/" + "x".repeat(30_000)), "There is no command");
});
