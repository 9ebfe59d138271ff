// Lines that come faster than a person types are a paste that the terminal did not mark. They are one
// input, so that none is entered before the person has seen them. Pure.

import type { Input } from "./keys.ts";

/** So many lines at once can be typed ahead; more are a burst. */
const TYPED_AHEAD = 3;
/** Input that follows a burst within this belongs to it. */
const FOLLOWS_MS = 100;

export type BurstInput =
  | Input
  /** Lines that came at once; `continues` when they go on with those of the burst before. */
  | { readonly kind: "burst"; readonly text: string; readonly continues: boolean };

/** Finds the bursts in the input of one terminal. */
export class BurstDetector {
  /** When the last burst ended. */
  #endedAt = -Infinity;

  /** The input of one read, with its lines as one burst if it is one. */
  take(inputs: readonly Input[], nowMs: number): readonly BurstInput[] {
    const texts = inputs.map(textOf);
    // A key such as Ctrl-C is a person's.
    if (texts.includes(undefined)) this.#endedAt = -Infinity;
    const continues = nowMs - this.#endedAt < FOLLOWS_MS;
    const lines = texts.filter((text) => text === "\n").length;
    if (!texts.some((text) => text !== undefined)) return inputs;
    if (lines <= TYPED_AHEAD && !(continues && lines + texts.join("").length > 1)) return inputs;
    this.#endedAt = nowMs;
    const first = texts.findIndex((text) => text !== undefined);
    return inputs.flatMap((input, n): readonly BurstInput[] => {
      if (n === first) return [{ kind: "burst", text: texts.join(""), continues }];
      return texts[n] === undefined ? [input] : [];
    });
  }
}

/** What an input adds to a text; undefined for keys that add nothing. */
function textOf(input: Input): string | undefined {
  if (input.kind === "text") return input.text;
  if (input.kind !== "key") return undefined;
  if (input.key === "enter" || input.key === "ctrl-j") return "\n";
  return input.key === "tab" ? "\t" : undefined;
}
