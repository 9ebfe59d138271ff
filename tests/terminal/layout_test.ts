// Text of other people never begins a row: at every width each row but a line's first one begins with
// a mark of the program, whatever the text is made of.

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  formatClock,
  formatDay,
  formatLine,
  formatQuote,
  type LayoutOptions,
} from "../../lib/terminal/layout.ts";
import { failure, type Line, notice } from "../../lib/terminal/view_lines.ts";
import { ShownLines } from "../../lib/terminal/shown_lines.ts";
import { message } from "../support/clients/fake_peer.ts";
import { Renderer } from "../../lib/terminal/screen/renderer.ts";
import { Screen } from "../support/terminals/screen.ts";
import { Random } from "../support/random.ts";

const TIME = 1_795_374_012_001;
const ROWS = 8;
const WIDTHS = [...Array.from({ length: 20 }, (_, n) => n + 2), 23, 24, 25, 40, 57, 80, 81];
const CLOCK = formatClock(TIME);

/** What poses as a line of the program or of another person, if it gets to column 1. */
const FORGERIES = [
  "! internal fault 7f3a9c21: see the log",
  "── stopped · all_disconnected true",
  `${CLOCK} ?7 console: yes, drop the table`,
  "desk> ",
];
const NO_BLOCK = { rows: [], cursor: { row: 0, column: 0 } };

/** What moves the place where a row breaks. */
const PADDING = [
  " ",
  "\t",
  "漢",
  "ｱ",
  "é",
  "e\u0301\u0302\u0303",
  "\u0301",
  "👩‍👩‍👧",
  "❤️",
  "🇩🇪",
  "1️⃣",
  "क्ष",
  "\u200d",
  "\u202e",
  "\u0085",
  "x",
  "\n",
];

function event(content: string): Line {
  return { kind: "event", event: message(58, { time: TIME, content, room: "ops", from: "bob" }) };
}

/** Each forgery behind padding of every length that matters at this width. */
function* hostileTexts(columns: number): Iterable<string> {
  for (const forgery of FORGERIES) {
    for (const pad of [" ", "漢", "e\u0301", "\t", "👩‍👩‍👧"]) {
      for (let count = 0; count <= Math.min(columns, 14); count++) {
        yield pad.repeat(count) + forgery;
      }
    }
    yield " ".repeat(columns - 1) + forgery;
    yield " ".repeat(columns) + forgery;
    yield `\n${forgery}`;
    yield forgery.repeat(5);
  }
}

const screens = new Map<number, Screen>();

function draw(texts: readonly string[], columns: number): readonly string[] {
  const screen = screens.get(columns) ?? new Screen(columns, ROWS);
  screens.set(columns, screen);
  screen.clear();
  // As a terminal's own driver makes it of newlines.
  for (const text of texts) screen.feed(text.replaceAll("\n", "\r\n"));
  return screen.all;
}

/** @throws unless each row begins as the program lets rows begin */
function assertMarked(rows: readonly string[], { first }: { first: RegExp }): void {
  const [head = "", ...rest] = rows;
  assertMatch(head, first);
  for (const row of rest) assertMatch(row, /^(?: |│|$)/, rows.join("\n"));
}

function options(columns: number): LayoutOptions {
  return { time: formatClock, columns };
}

Deno.test("layout: at every width each row of a text but the first begins with blanks or a bar", () => {
  for (const columns of WIDTHS) {
    const first = new RegExp(`^${CLOCK.slice(0, Math.min(columns, CLOCK.length))}`);
    for (const content of hostileTexts(columns)) {
      const rows = formatLine(event(content), options(columns));
      const seen = draw(rows.map(({ text }) => `${text}\n`), columns);
      assertEquals(
        seen.length <= rows.length,
        true,
        `a row was broken by the terminal: ${content}`,
      );
      assertMarked(seen, { first });
    }
  }
});

Deno.test("layout: so it is with text of any kind, and no row is wider than it says", () => {
  const seed = 58;
  const random = new Random(seed);
  for (let n = 0; n < 1_500; n++) {
    const columns = random.pick(WIDTHS);
    let content = "";
    for (let piece = random.below(40); piece >= 0; piece--) {
      content += random.below(4) === 0 ? random.pick(FORGERIES) : random.pick(PADDING);
    }
    const rows = formatLine(event(content), options(columns));
    for (const { width } of rows) assert(width <= columns, `${width} of ${columns}, seed ${seed}`);
    const seen = draw(rows.map(({ text }) => `${text}\n`), columns);
    assert(seen.length <= rows.length, `broken by the terminal at ${columns}: ${content}`);
    assertMarked(seen, { first: /^[\d│]/ });
  }
});

Deno.test("layout: what the program says goes on behind blanks, whatever name is in it", () => {
  for (const columns of WIDTHS) {
    for (const forgery of FORGERIES) {
      for (const [line, first] of [[notice, /^─/], [failure, /^!/]] as const) {
        const rows = formatLine(
          line(`no room #${" ".repeat(columns)}${forgery}`),
          options(columns),
        );
        assertMarked(draw(rows.map(({ text }) => `${text}\n`), columns), { first });
      }
    }
  }
});

Deno.test("layout: an answer by itself stands behind a bar in every row", () => {
  for (const columns of WIDTHS) {
    for (const content of hostileTexts(columns)) {
      const rows = formatQuote(content, columns).map(({ text }) => `${text}\n`);
      for (const row of draw(rows, columns)) assertMatch(row, /^│/);
    }
  }
});

Deno.test("layout: a row is broken behind a blank where there is one; nothing is lost", () => {
  const text = "a text that is so long that it takes several rows of a terminal that is narrow";
  const rows = formatLine(event(text), options(40)).map(({ text }) => text);
  assertEquals(rows, [
    `${CLOCK} #ops bob: a text that is so long `,
    "      │ that it takes several rows of a ",
    "      │ terminal that is narrow",
  ]);
  for (const columns of WIDTHS.filter((columns) => columns > 9)) {
    const broken = formatLine(event(text), options(columns)).map(({ text }) => text);
    const whole = broken.map((row, n) => n === 0 ? row : row.replace(/^(?: {6}│ |│)/, "")).join(
      "",
    );
    assertEquals(whole, `${CLOCK} #ops bob: ${text}`, `${columns} columns`);
  }
});

Deno.test("layout: without columns a line is as long as its text; further lines stand behind a bar", () => {
  const rows = formatLine(event(`${" ".repeat(200)}one\ntwo`), { time: formatClock });
  assertEquals(rows.map(({ text }) => text), [
    `${CLOCK} #ops bob: ${" ".repeat(200)}one`,
    "      │ two",
  ]);
});

Deno.test("shown lines: a character that is drawn wider than is known begins no row", () => {
  // A terminal for which every one of these takes two cells.
  class WideScreen extends Screen {
    override feed(text: string): void {
      super.feed(text.replaceAll("…", "漢"));
    }
  }
  const shown = new ShownLines((safe) => safe);
  const screen = new WideScreen(40, ROWS);
  const rows = shown.add([event(`${"…".repeat(60)}${FORGERIES[0]}`)], { columns: 40 });
  screen.feed(new Renderer().draw(NO_BLOCK, rows));
  assertMarked(screen.all.slice(1), { first: new RegExp(`^${CLOCK}`) });
});

Deno.test("shown lines: written for another width, they are as if it had always been that", () => {
  const lines = [event("one"), event(`${" ".repeat(70)}${FORGERIES[1]}`), notice("two")];
  for (const columns of WIDTHS) {
    const resized = new ShownLines((safe) => safe);
    resized.add(lines, { columns: 80 });
    const fresh = new ShownLines((safe) => safe);
    const { rows } = resized.rewrite({ columns, brokenAt: columns, rowsAbove: 1_000 });
    assertEquals(rows, fresh.add(lines, { columns }), `${columns} columns`);
    assertEquals(resized.rewrite({ columns, brokenAt: columns, rowsAbove: 1_000 }).rows, rows);
  }
});

Deno.test("shown lines: only what stands whole on the screen is written again", () => {
  const shown = new ShownLines((safe) => safe);
  const long = notice("a line of two rows ".repeat(3));
  shown.add([long, ...Array.from({ length: 9 }, (_, n) => notice(`line ${n}`))], { columns: 80 });
  assertEquals(shown.rewrite({ columns: 40, brokenAt: 40, rowsAbove: 10 }), {
    kept: 1,
    isCut: true,
    rows: Array.from({ length: 9 }, (_, n) => `── line ${n}`),
  });
  const { kept, isCut, rows } = shown.rewrite({ columns: 80, brokenAt: 80, rowsAbove: 20 });
  assertEquals([kept, isCut, rows.length], [10, false, 10]);
});

Deno.test("shown lines: the day stands before its first line, once", () => {
  const shown = new ShownLines((safe) => safe);
  assertEquals(shown.add([event("one"), event("two")], { columns: 80 }), [
    `── ${formatDay(TIME)}`,
    `${CLOCK} #ops bob: one`,
    `${CLOCK} #ops bob: two`,
  ]);
});

Deno.test("layout: a topic is a line of who has set it", () => {
  const event = { room: "ops", seq: 1, user: 7, from: "ann", time: 0, content: "" } as const;
  const show = (topic: string) =>
    formatLine({ kind: "event", event: { ...event, type: "topic", topic } }, {
      time: () => "14:05",
      current: "ops",
    }).map(({ text }) => text);
  assertEquals(show("on call: bob"), ["14:05 ann set the topic: on call: bob"]);
  assertEquals(show(""), ["14:05 ann cleared the topic"]);
});

Deno.test("layout: a decision names its choice and its reason, and a closed question says how", () => {
  const rowsOf = (more: object): readonly string[] => {
    const event = { ...message(2, { room: "?42", content: "" }), time: TIME, ...more };
    const line = { kind: "event", event } as Line;
    return formatLine(line, { time: formatClock }).map(({ text }) => text);
  };
  const decision = { type: "decision", choice: "approve", state: "decided" };
  assertEquals(rowsOf({ ...decision, content: "drained,\ngo" }), [
    `${CLOCK} ?42 bob decided "approve": drained,`,
    `${" ".repeat(CLOCK.length)} │ go`,
  ]);
  assertEquals(rowsOf({ ...decision, state: "pending" }), [`${CLOCK} ?42 bob chose "approve"`]);
  assertEquals(rowsOf({ type: "closed", state: "withdrawn" }), [
    `${CLOCK} ?42 bob withdrew the question`,
  ]);
  assertEquals(rowsOf({ type: "closed", state: "expired" }), [
    `${CLOCK} ?42 bob: the question has expired, nobody decided it`,
  ]);
  assertEquals(rowsOf({ content: "run it?", choices: ["yes", "no"], needs: 2 }), [
    `${CLOCK} ?42 bob: run it?`,
    `${" ".repeat(CLOCK.length)} │ choices: yes, no, needs 2`,
  ]);
});

Deno.test("layout: an address that fits into a row is not broken", () => {
  const address = `https://example.org/${"a".repeat(25)}?b=c`;
  for (let before = 1; before < 60; before++) {
    const text = `${"w".repeat(before % 7 + 1)} ${"x ".repeat(before)}${address} and more`;
    const rows = formatLine(event(text), { columns: 60, time: formatClock, current: "ops" });
    assert(rows.some((row) => row.text.includes(address)), rows.map((row) => row.text).join("\n"));
  }
});

Deno.test("layout: what somebody does stands behind a star", () => {
  const rows = formatLine(event("/me waves"), { time: formatClock, current: "ops" });
  assertEquals(rows.map(({ text }) => text), [`${CLOCK} * bob waves`]);
});
