import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commandNames, type Intent, parseInput } from "../../../lib/client/slash/input.ts";

function problem(line: string): string {
  const intent = parseInput(line);
  assertEquals(intent.kind, "problem", line);
  return (intent as Extract<Intent, { kind: "problem" }>).message;
}

Deno.test("input: what is typed is said, as it is", () => {
  for (const text of ["hello", "  indented", "trailing  ", "a / b", "1 // 2", "two\nlines"]) {
    assertEquals(parseInput(text), { kind: "say", text });
  }
});

Deno.test("input: a blank line asks for nothing", () => {
  for (const line of ["", "   ", "\t", "\n\n"]) assertEquals(parseInput(line), { kind: "nothing" });
});

Deno.test("input: two slashes say one", () => {
  assertEquals(parseInput("//help me"), { kind: "say", text: "/help me" });
  assertEquals(parseInput("//"), { kind: "say", text: "/" });
});

Deno.test("input: commands become what they ask for", () => {
  const cases: readonly (readonly [string, Intent])[] = [
    ["/join ops", { kind: "join", room: "ops" }],
    ["/join #ops", { kind: "join", room: "ops" }],
    ["/JOIN  ops ", { kind: "join", room: "ops" }],
    ["/j @bob", { kind: "join", room: "@bob" }],
    ["/create dev", { kind: "create", room: "dev" }],
    ["/leave", { kind: "leave" }],
    ["/leave dev", { kind: "leave", room: "dev" }],
    ["/rooms", { kind: "rooms" }],
    ["/who", { kind: "who" }],
    ["/who dev", { kind: "who", room: "dev" }],
    ["/history", { kind: "history", count: 20 }],
    ["/history 100", { kind: "history", count: 100 }],
    ["/ask may I reboot db3?", { kind: "ask", text: "may I reboot db3?" }],
    ["/queue", { kind: "queue" }],
    ["/answer 42 yes, do", { kind: "answer", inquiry: 42, text: "yes, do" }],
    ["/a ?42 two\nlines", { kind: "answer", inquiry: 42, text: "two\nlines" }],
    ["/join ?42", { kind: "join", room: "?42" }],
    ["/quit", { kind: "quit" }],
    ["/exit", { kind: "quit" }],
  ];
  for (const [line, intent] of cases) assertEquals(parseInput(line), intent, line);
});

Deno.test("input: help lists every command, and tells about one", () => {
  const all = parseInput("/help") as Extract<Intent, { kind: "help" }>;
  for (const name of commandNames()) {
    assert(all.lines.some((line) => line.startsWith(`/${name}`)), name);
  }
  assertStringIncludes(all.lines.at(-1) ?? "", "//TEXT");
  const one = parseInput("/help /quit") as Extract<Intent, { kind: "help" }>;
  assertEquals(one.lines.length, 1);
  assertStringIncludes(one.lines[0] ?? "", "also /exit, /q");
});

Deno.test("input: a misspelt command is never sent; the nearest one is named", () => {
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

Deno.test("input: what is like no command names none, and says how to send it as text", () => {
  for (const line of ["/usr/bin/env is missing", "/", "/ help", "/constructor", "/__proto__"]) {
    const message = problem(line);
    assertStringIncludes(message, "/help lists the commands");
    assertStringIncludes(message, "begin with //");
  }
});

Deno.test("input: arguments that cannot be are refused here", () => {
  assertStringIncludes(problem("/join"), "/join needs a room");
  assertStringIncludes(problem("/join two words"), 'No room can be called "two words"');
  assertStringIncludes(problem("/join -x"), "letters, digits");
  assertStringIncludes(problem("/rooms all"), "takes nothing");
  assertStringIncludes(problem("/queue all"), "takes nothing");
  assertStringIncludes(problem("/ask"), "/ask needs a question");
  for (const wrong of ["", "42", "0 yes", "?x yes", "1e3 yes", "#ops yes", "9".repeat(16) + " x"]) {
    assertStringIncludes(problem(`/answer ${wrong}`), "/answer NUMBER TEXT");
  }
  assertStringIncludes(problem("/quit now"), "takes nothing");
  for (const count of ["0", "101", "-1", "1.5", "many"]) {
    assertStringIncludes(problem(`/history ${count}`), "from 1 to 100");
  }
  assertStringIncludes(problem("/help nothing"), "There is no command /nothing");
});

Deno.test("input: a long word costs no time", () => {
  assertStringIncludes(problem("/" + "x".repeat(30_000)), "There is no command");
});
