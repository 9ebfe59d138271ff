import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../lib/config/config_error.ts";
import { parseDeskFile } from "../../../lib/config/desk/desk_file.ts";
import { fillText } from "../../../lib/chat/desk/desk_settings.ts";

const FILE = `# The desk of example.org
[alarms]
unseen 5m
unanswered 2h

[alarms billing]
# Money comes first.
unanswered 10m
[text hello]
Hello {asker},

# this is part of the text
{operator} looks at {inquiry} now: {"a": {asker}}, {Asker}, {}.

[text bye]
[not a head]
Good bye`;

Deno.test("desk file: alarms for all queues and for one, and ready texts in their order", () => {
  for (const text of [FILE, `\uFEFF${FILE.replaceAll("\n", "\r\n")}\n\n`]) {
    const { alarms, queueAlarms, texts } = parseDeskFile(text, "desk.txt");
    assertEquals(alarms, { unseen: 300_000, unanswered: 7_200_000 });
    assertEquals([...queueAlarms], [["billing", { unanswered: 600_000 }]]);
    assertEquals([...texts.keys()], ["hello", "bye"]);
    assertEquals(texts.get("bye"), "[not a head]\nGood bye");
  }
  assertEquals(parseDeskFile("", "desk.txt").alarms, {});
});

Deno.test("desk file: three words are filled in, once, and nothing else", () => {
  const text = parseDeskFile(FILE, "desk.txt").texts.get("hello") ?? "";
  assertEquals(
    fillText(text, { asker: "{operator}", operator: "bob$&", inquiry: 42 }),
    "Hello {operator},\n\n# this is part of the text\n" +
      'bob$& looks at 42 now: {"a": {operator}}, {Asker}, {}.',
  );
});

Deno.test("desk file: what is wrong is named with its line", () => {
  const cases: readonly (readonly [text: string, says: string])[] = [
    ["\nunseen 5m", "line 2: a section begins with [alarms], [alarms QUEUE] or [text NAME]"],
    ["[text]", "line 1: a section begins with"],
    ["[texts a]", "line 1: a section begins with"],
    ["[alarms]\n[alarms]", "line 2: there is a section of this name already"],
    ["[text a]\nx\n[text a]\ny", "line 3: there is a section of this name already"],
    ["[alarms 9]", 'line 1: "9" is no name'],
    ["[alarms]\n\nunseen", "line 3: an alarm is `unseen 10m` or `unanswered 2h`"],
    ["[alarms]\nunseen 0s", "line 2: an alarm is"],
    ["[alarms]\nanswered 5m", "line 2: an alarm is"],
    ["[text a]\n\n[text b]\nx", 'line 1: the text "a" cannot be sent: The text is empty'],
    ["[text a]\n\x07", 'line 1: the text "a" cannot be sent: The text holds'],
    [`[text a]\n${"x".repeat(40_000)}`, 'line 1: the text "a" cannot be sent: '],
  ];
  for (const [text, says] of cases) {
    const { message } = assertThrows(() => parseDeskFile(text, "desk.txt"), ConfigError);
    assertEquals(message.slice(0, 10 + says.length), `desk.txt, ${says}`, text);
  }
});
