// A chat with --plain: what a screen reader gets is lines, one below the other, in words.

import { assert, assertEquals } from "@std/assert";
import { formatPlain, toPlainText } from "../../../lib/terminal/plain/plain_text.ts";
import { PlainView } from "../../../lib/terminal/plain/plain_view.ts";
import type { Terminal } from "../../../lib/terminal/process_terminal.ts";
import { type Line, notice } from "../../../lib/terminal/view_lines.ts";
import { message } from "../../support/clients/fake_peer.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";
import { listSources } from "../../layers/source.ts";

const ADA = 7;

/** A person with a keyboard, and all that was written to them. */
class Listener {
  written = "";
  readonly clock = new FakeClock();
  readonly entered: string[] = [];
  readonly left: string[] = [];
  readonly view: PlainView;
  #bytes: Uint8Array[] = [];
  #wake = Promise.withResolvers<void>();

  constructor() {
    this.view = new PlainView({
      clock: this.clock,
      complete: (line) => ["/join ", "/quit "].filter((command) => command.startsWith(line)),
      completeWord: (line) => line.endsWith("b") ? ["bob: "] : [],
      entered: ({ text }) => void this.entered.push(text),
      leave: (by) => void this.left.push(by),
      openTerminal: () => this.#terminal(),
    });
    this.view.setPrompt({ rows: [], before: [], current: "lobby", you: ADA });
  }

  async type(text: string): Promise<void> {
    this.#bytes.push(new TextEncoder().encode(text));
    this.#wake.resolve();
    await settle();
  }

  /** What was written since the last call. */
  take(): string {
    const { written } = this;
    this.written = "";
    return written.replaceAll("\r\n", "\n");
  }

  #terminal(): Terminal {
    return {
      name: "dumb",
      size: { columns: 40, rows: 24 },
      isBusy: false,
      write: (text) => void (this.written += text),
      read: async (signal) => {
        while (this.#bytes.length === 0) {
          this.#wake = Promise.withResolvers();
          await this.#wake.promise;
        }
        return signal.aborted ? undefined : this.#bytes.shift();
      },
      setMode: () => {},
      lend: async (work) => void await work(),
      close: () => Promise.resolve(),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.view.close();
    await this.type(" ");
  }
}

function event(content: string, more: { user?: number; room?: string } = {}): Line {
  const { user = 9, room = "lobby" } = more;
  return { kind: "event", event: message(1, { room, user, content }) };
}

Deno.test("plain: every text of the program is words, digits and ASCII punctuation", async () => {
  const found = new Set<string>();
  for (const folder of ["lib/client", "lib/terminal"]) {
    for await (const path of listSources(folder)) {
      if (/terminal\/(?:screen|input)\/|safe_text|cells/.test(path)) continue;
      const code = (await Deno.readTextFile(path)).replace(/^\s*(?:\/\/|\/?\*).*$/gm, "");
      for (const [sign] of code.matchAll(/[^\p{ASCII}]/gu)) found.add(sign);
    }
  }
  assert(found.size > 3, [...found].join(" "));
  for (const sign of found) {
    const plain = toPlainText(`a ${sign} b`);
    assert(/^[\p{L}\p{N}\x20-\x7e]*$/u.test(plain) && !plain.includes("?"), `${sign}: ${plain}`);
  }
  assertEquals(toPlainText("#ops · 3 members · a…"), "#ops, 3 members, a...");
});

Deno.test("plain: own lines begin with You, others' with their name, the program's with a dash", () => {
  const options = { user: ADA, current: "lobby", columns: 30 };
  const format = (line: Line) => formatPlain(line, options);
  assertEquals(format(event("hello", { user: ADA })), ["You: hello"]);
  assertEquals(format(event("hello", { room: "ops" })), ["#ops bob: hello"]);
  assertEquals(format({ ...event("ada?"), isCall: true } as Line), ["For you, bob: ada?"]);
  assertEquals(format(event("/me waves")), ["bob waves"]);
  assertEquals(format(notice("14 new · /history")), ["- 14 new, /history"]);
  const forged = format(event(`one\n- Error: gone\n${"x".repeat(28)}- Error: gone`));
  assert(forged.slice(1).every((row) => row.startsWith("  ")), forged.join("\n"));
});

Deno.test("plain: nothing appears while a line is typed, and no control sequence ever", async () => {
  await using listener = new Listener();
  listener.view.show([event("one")]);
  assertEquals(listener.take(), "bob: one\n");
  await listener.type("hel");
  listener.view.show([event("two"), notice("three")]);
  await listener.type("lo");
  assertEquals(listener.take(), "hello");
  await listener.type("\x7f\x7f\x1b[A");
  await listener.type("p\r");
  assertEquals(listener.entered, ["help"]);
  assertEquals(listener.take(), "\b \b\b \bp\nbob: two\n- three\n");
  listener.view.ring();
  assertEquals(listener.take(), "\x07");
});

Deno.test("plain: lines wait half a minute at most, and the typed text stands again below", async () => {
  await using listener = new Listener();
  await listener.type("half a sen");
  listener.view.show([event("one")]);
  listener.take();
  await listener.clock.advance(30_000);
  assertEquals(listener.take(), "\nbob: one\nhalf a sen");
  listener.view.setHold(false);
  listener.view.show([event("two")]);
  assertEquals(listener.take(), "\nbob: two\nhalf a sen");
});

Deno.test("plain: Tab completes, Ctrl-C clears and then leaves, a secret is not shown", async () => {
  await using listener = new Listener();
  await listener.type("b\t");
  assertEquals(listener.take(), "b\b \bbob: ");
  await listener.type("\x03");
  assertEquals(listener.take(), "\n- Line cleared\n");
  await listener.type("\x03\x03");
  assertEquals(listener.left, ["interrupt"]);
  listener.take();
  const asked = listener.view.askSecrets(["Password: "]);
  await listener.type("hunter2\r");
  assertEquals(await asked, ["hunter2"]);
  assertEquals(listener.take(), "Password: \n");
});

Deno.test("plain: a large paste is shown first, and sent by a second Enter", async () => {
  await using listener = new Listener();
  await listener.type(Array.from({ length: 12 }, (_, n) => `line ${n}\r`).join(""));
  assertEquals(listener.entered, []);
  listener.take();
  await listener.clock.advance(1_000);
  await listener.type("\r");
  assert(listener.take().includes("- Enter sends it as one message"));
  await listener.type("\r");
  assertEquals(listener.entered.map((text) => text.split("\n").length), [12]);
});

Deno.test("plain: what was changed is told in words", () => {
  const event = message(1, { room: "lobby", content: "db3 is back" });
  const options = { user: ADA, current: "lobby", columns: 80 };
  const shown = (line: Partial<Extract<Line, { kind: "event" }>>) =>
    formatPlain({ kind: "event", event, ...line }, options);
  assertEquals(shown({ event: { ...event, edited: 2 } }), ["bob edited: db3 is back"]);
  assertEquals(shown({ event: { ...event, type: "edit", of: 1 } }), ["bob edited: db3 is back"]);
  assertEquals(shown({ event: { ...event, content: undefined, deleted: 2 } }), ["bob (deleted)"]);
  const about = { from: "kim", user: 3, text: "你好" };
  assertEquals(shown({ handle: "k7", isCall: true, event: { ...event, to: 3 }, about }), [
    "k7 For you, bob: db3 is back",
    "  in reply to kim: 你好",
  ]);
  assertEquals(shown({ event: { ...event, type: "delete", of: 1 }, about }), [
    "bob deleted a message of kim",
  ]);
});
