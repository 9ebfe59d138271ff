// G18: the live line in a terminal emulator: random drafts, arrivals and sizes leave every message once
// and whole, and no text, in any field, makes the terminal do anything.

import { failure, notice } from "../../../lib/terminal/view_lines.ts";
import { message } from "../../support/clients/fake_peer.ts";
import { EmulatedTerminal } from "../../support/terminals/emulated_terminal.ts";
import { checkHistory, type Kind } from "../../support/terminals/line_histories.ts";
import { pasted } from "../../support/terminals/pty.ts";
import { Random } from "../../support/random.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const HISTORIES: Readonly<Record<Size, number>> = { ci: 10_000, long: 200_000 };
const HOSTILE_TEXTS: Readonly<Record<Size, number>> = { ci: 3_000, long: 100_000 };
const KINDS: readonly Kind[] = ["hostile", "resized", "cut off"];
/** So many are shown by one terminal before the next begins. */
const TEXTS_A_TERMINAL = 50;
const HOSTILE_PARTS = [
  "\x1b[2J",
  "\x1b]52;c;cm0=\x07",
  "\x1bP1$r\x1b\\",
  "\x9b31m",
  "\x9d0;x\x9c",
  "\x1b[6n",
  "\x1b[201~",
  "\x1bc",
  "\r",
  "\n",
  "\b",
  "\x7f",
  "\u202e",
  "\u200b",
  "\u{e0041}",
  "\ud800",
  "\u0301".repeat(20),
  "\u2028",
];

export const liveLine: Goal = {
  id: "G18",
  title: "the live line",
  asked:
    "10000 random histories in a terminal emulator, two thirds of them with resizes: every message in " +
    "screen or scrollback once and whole, the draft once, what is entered is what was typed; " +
    "3000 hostile texts in every field: no control sequence but those of the line",
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  const findings = new Findings();
  const random = new Random(context.seed);
  const histories = await runHistories(HISTORIES[size], { random, context, findings });
  const texts = await showHostile(HOSTILE_TEXTS[size], { random, findings });
  return findings.verdict({
    reached: `${histories} histories, ${texts} hostile texts`,
    counts: { histories, texts },
  });
}

async function runHistories(
  count: number,
  { random, context, findings }: {
    readonly random: Random;
    readonly context: GoalContext;
    readonly findings: Findings;
  },
): Promise<number> {
  for (let n = 0; n < count; n++) {
    const kind = KINDS[n % KINDS.length] ?? "hostile";
    const seed = random.next();
    try {
      await checkHistory(new Random(seed), kind);
    } catch (error) {
      const { message, cause } = error as Error;
      findings.fault(`history ${kind} ${seed}: ${cause instanceof Error ? cause.message : ""}`);
      context.progress(message);
      return n;
    }
    if (n % 1_000 === 0) context.progress(`${n} histories`);
  }
  return count;
}

/** The emulator's screen throws for what the line may not send. */
async function showHostile(
  count: number,
  { random, findings }: { readonly random: Random; readonly findings: Findings },
): Promise<number> {
  let shown = 0;
  while (shown < count) {
    const texts = Array.from({ length: TEXTS_A_TERMINAL }, () => hostileText(random));
    const terminal = new EmulatedTerminal({ columns: 2 + random.below(100), history: texts });
    try {
      for (const text of texts) {
        const row = [{ text, style: "plain" as const }];
        terminal.view.setPrompt({ rows: [row], before: row, current: text });
        const event = message(shown++, { room: text, from: text, content: text });
        await terminal.show({ kind: "event", event }, notice(text), failure(text));
        await terminal.type(pasted(text), text, "\x1b[A");
        await terminal.resize(2 + random.below(100), 2 + random.below(40));
      }
    } catch (error) {
      findings.fault(`hostile texts: ${(error as Error).message}`);
      return shown;
    }
  }
  return shown;
}

function hostileText(random: Random): string {
  let text = "";
  for (let part = random.below(8); part >= 0; part--) {
    text += random.below(3) === 0 ? random.text(10) : random.pick(HOSTILE_PARTS);
  }
  return text;
}
