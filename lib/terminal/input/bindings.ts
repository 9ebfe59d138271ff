// The keys that move the cursor, delete or kill: which way, and how far. As in GNU Readline, but that
// Ctrl-W kills to the blank and Alt-Backspace to the word.

import type { Motion } from "./draft.ts";

export const MOTIONS: Readonly<Record<string, Motion>> = {
  "ctrl-b": { to: "left", by: "unit" },
  "ctrl-f": { to: "right", by: "unit" },
  left: { to: "left", by: "unit" },
  right: { to: "right", by: "unit" },
  "alt-b": { to: "left", by: "word" },
  "alt-f": { to: "right", by: "word" },
  "ctrl-left": { to: "left", by: "word" },
  "ctrl-right": { to: "right", by: "word" },
  "alt-left": { to: "left", by: "word" },
  "alt-right": { to: "right", by: "word" },
};
export const DELETIONS: Readonly<Record<string, Motion>> = {
  backspace: { to: "left", by: "unit" },
  "shift-backspace": { to: "left", by: "unit" },
  "ctrl-d": { to: "right", by: "unit" },
  delete: { to: "right", by: "unit" },
};
export const KILLS: Readonly<Record<string, Motion>> = {
  "ctrl-w": { to: "left", by: "blank" },
  "alt-backspace": { to: "left", by: "word" },
  "ctrl-backspace": { to: "left", by: "word" },
  "alt-d": { to: "right", by: "word" },
  "ctrl-delete": { to: "right", by: "word" },
};
