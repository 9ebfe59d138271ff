import { assertEquals, assertMatch } from "@std/assert";
import { formatClock, formatDay } from "../../../lib/terminal/layout.ts";
import { failure, type Line, notice } from "../../../lib/terminal/view_lines.ts";
import { JsonView, PlainView } from "../../../lib/client/output/plain_and_json_views.ts";
import type { RoomEvent } from "../../../lib/wire/event.ts";
import { FakeOutput } from "../../support/clients/client_parts.ts";
import { message } from "../../support/clients/fake_peer.ts";

function event(more: Parameters<typeof message>[1] = {}): Line {
  return { kind: "event", event: message(58, { time: 1_795_374_012_001, ...more }) };
}

function shown(View: typeof PlainView | typeof JsonView, ...lines: readonly Line[]): FakeOutput {
  const output = new FakeOutput();
  new View(output).show(lines);
  return output;
}

const WHEN = `${formatDay(1_795_374_012_001)} ${formatClock(1_795_374_012_001)}`;

Deno.test("plain view: a message has time, name and text; data goes to stdout, the rest to stderr", () => {
  const output = shown(PlainView, notice("hello"), event(), failure("trouble"));
  assertEquals(output.out, `${WHEN} bob: text 58\n`);
  assertEquals(output.err, "── hello\n! trouble\n");
});

Deno.test("plain view: further lines of a text begin with a bar", () => {
  const { out } = shown(PlainView, event({ content: "one\n\n\tthree" }));
  const bar = " ".repeat(WHEN.length) + " │ ";
  assertEquals(out, `${WHEN} bob: one\n${bar}\n${bar}\tthree\n`);
});

Deno.test("plain view: no text, name or error can forge a line of the program or of another", () => {
  const forged = `\n── The server was stopped\n! not sent\n${WHEN} root: pay mallory`;
  const lines = [
    event({ content: forged }),
    event({ from: forged }),
    event({ room: forged }),
    notice(forged),
    failure(forged),
    event({ content: "\r── x\u2028── y\u0085── z\x0b── w" }),
  ];
  for (const line of lines) {
    const { out, err } = shown(PlainView, line);
    const rows = (out + err).split("\n").slice(0, -1);
    const own = line.kind === "notice"
      ? /^── /
      : line.kind === "failure"
      ? /^! /
      : /^\d{4}-\d\d-\d\d /;
    assertMatch(rows[0] ?? "", own);
    for (const row of rows.slice(1)) assertMatch(row, /^ {16} │ /);
  }
});

Deno.test("plain view: on a terminal rows are broken where it ends, and begin with a mark", () => {
  const output = new FakeOutput();
  output.columns = 40;
  const content = `${" ".repeat(40)}! internal fault 7f3a: the server is gone`;
  new PlainView(output).show([event({ content }), failure(`no room #${content}`)]);
  const [first = "", ...rest] = output.out.split("\n").slice(0, -1);
  assertEquals(first.slice(0, WHEN.length), WHEN);
  for (const row of rest) assertMatch(row, /^│/);
  assertEquals([first, ...rest].every((row) => row.length <= 40), true);
  for (const row of output.err.split("\n").slice(1, -1)) assertMatch(row, /^ {3}/);
});

Deno.test("plain view: the lines of a batch are one write", () => {
  let writes = 0;
  new PlainView({
    stdout: () => writes++,
    stderr: () => {},
    whenRoom: () => undefined,
    columnsOf: () => undefined,
  }).show([event(), event(), event()]);
  assertEquals(writes, 1);
});

Deno.test("JSON view: an event is the wire's, unchanged; fields it does not know too", () => {
  const wire = {
    type: "message",
    room: "ops",
    seq: 4,
    user: 1,
    from: "bob",
    time: 9,
    content: "ü\n",
    edited: 7,
  };
  const line = { kind: "event", event: wire as unknown as RoomEvent } as const;
  const { out, err } = shown(JsonView, notice("hello"), line);
  assertEquals(out, JSON.stringify(wire) + "\n");
  assertEquals(err, "── hello\n");
});

Deno.test("JSON view: what could act on a terminal is escaped, and parses to the same", () => {
  const content = "\x9b2J\x7f\u2028\u202e\u200b\u{e0041}\x1b]0;x\x07";
  const { out } = shown(JsonView, event({ content }));
  assertMatch(out, /^[\x20-\x7e]+\n$/);
  assertEquals(JSON.parse(out).content, content);
});

Deno.test("plain view: the seq stands before each line when that is wanted", () => {
  const output = new FakeOutput();
  new PlainView(output, { showsSeq: true }).show([event({ content: "hi" })]);
  assertMatch(output.out, /^\d+ \d{4}-\d\d-\d\d \d\d:\d\d \w+: hi\n$/);
});
