import { assertEquals } from "@std/assert";
import type { SecretAnswers } from "../../lib/terminal/input/secret_entry.ts";
import { SecretPrompt } from "../../lib/terminal/secret_prompt.ts";
import { FakeClock, settle } from "../support/fakes/fake_clock.ts";

/** A keyboard on which a test types; `undefined` is the end of the terminal. */
class FakeKeyboard {
  readonly modes: string[] = [];
  #waiting: ((bytes: Uint8Array | undefined) => void) | undefined;
  readonly #typed: (Uint8Array | undefined)[] = [];

  type(text: string | undefined): void {
    const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
    const take = this.#waiting;
    this.#waiting = undefined;
    if (take === undefined) this.#typed.push(bytes);
    else take(bytes);
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#typed.length > 0) return Promise.resolve(this.#typed.shift());
    const { promise, resolve } = Promise.withResolvers<Uint8Array | undefined>();
    this.#waiting = resolve;
    return promise;
  }

  setMode(mode: "unseen" | "restored"): void {
    this.modes.push(mode);
  }
}

function open(): { keyboard: FakeKeyboard; prompt: SecretPrompt; shown: string[] } {
  const keyboard = new FakeKeyboard();
  const shown: string[] = [];
  const write = (text: string) => void shown.push(text);
  const prompt = new SecretPrompt({ clock: new FakeClock(), write, keyboard });
  return { keyboard, prompt, shown };
}

async function answerTo(...typed: readonly (string | undefined)[]): Promise<SecretAnswers> {
  const { keyboard, prompt } = open();
  using _ = prompt;
  const answer = prompt.ask("Password: ");
  for (const text of typed) {
    keyboard.type(text);
    await settle();
  }
  return await answer;
}

Deno.test("secret prompt: what is typed up to Enter is the answer, edited as one is used to", async () => {
  const cases: readonly [typed: string[], text: string][] = [
    [["hunter2\r"], "hunter2"],
    [["hunter2\n"], "hunter2"],
    [["wrong\x15right\r"], "right"],
    [["abé👩‍👧\x7f\x7fc\r"], "abc"],
    [["\x7f\x7fa\r"], "a"],
    [["a", "b", "\x1b[D", "c\r"], "abc"],
    [[" with blanks \r"], " with blanks "],
    [["\r"], ""],
    [["\x1b[200~pasted\x1b[201~", "\r"], "pasted"],
    [["\x1b[200~pas\r\nted\r\x1b[201~"], "pas"],
  ];
  for (const [typed, text] of cases) {
    assertEquals(
      await answerTo(...typed),
      { kind: "entered", texts: [text] },
      JSON.stringify(typed),
    );
  }
});

Deno.test("secret prompt: Ctrl-C interrupts; Ctrl-D on an empty line and a closed terminal end", async () => {
  assertEquals(await answerTo("abc\x03"), { kind: "interrupted" });
  assertEquals(await answerTo("\x04"), { kind: "ended" });
  assertEquals(await answerTo("abc", undefined), { kind: "ended" });
  assertEquals(await answerTo("abc\x04d\r"), { kind: "entered", texts: ["abcd"] });
});

Deno.test("secret prompt: what is typed ahead is for the next question, and nothing of it is shown", async () => {
  const { keyboard, prompt, shown } = open();
  keyboard.type("first\rsecond\rthi");
  assertEquals(await prompt.ask("One: "), { kind: "entered", texts: ["first"] });
  assertEquals(await prompt.ask("Two: "), { kind: "entered", texts: ["second"] });
  const last = prompt.ask("Three: ");
  keyboard.type("rd\r");
  assertEquals(await last, { kind: "entered", texts: ["third"] });
  assertEquals(shown, ["One: ", "\n", "Two: ", "\n", "Three: ", "\n"]);
  prompt[Symbol.dispose]();
  prompt[Symbol.dispose]();
  assertEquals(keyboard.modes, ["unseen", "restored"]);
});

Deno.test("secret prompt: several questions at once, each below the one before", async () => {
  const { keyboard, prompt, shown } = open();
  using _ = prompt;
  const answers = prompt.ask("New: ", "Again: ");
  keyboard.type("one\rtwo\r");
  assertEquals(await answers, { kind: "entered", texts: ["one", "two"] });
  assertEquals(shown.join(""), "New: \nAgain: \n");
});
