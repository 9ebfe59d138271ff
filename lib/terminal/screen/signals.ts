// What calls a person who does not look at the terminal: a bell, the window's title, a notification of the
// desktop. Pure; texts are made safe here. Sources: xterm's control sequences; OSC 9 of iTerm2, OSC 777 of
// rxvt-unicode.

import { safeText } from "../safe_text.ts";

export const BELL = "\x07";
/** Puts the window's title on the terminal's stack, and takes it from there. */
export const PUSH_TITLE = "\x1b[22;2t";
export const POP_TITLE = "\x1b[23;2t";

const LONGEST = 120;
const END = "\x07";

/** Terminals that show OSC 9 as a notification; others may ignore it, or take it for a progress. */
const OSC_9 = /^(?:iTerm\.app|WezTerm|ghostty|xterm-kitty|xterm-ghostty|wezterm)$/;
const OSC_777 = /^(?:foot|foot-extra|rxvt-unicode|rxvt-unicode-256color)$/;

/** Sets the window's title. */
export function formatTitle(title: string): string {
  return `\x1b]2;${flat(title)}${END}`;
}

/** Notifies the desktop, in a terminal that does; empty in others. */
export function formatNotification(
  text: string,
  { name, program = "" }: {
    /** The terminal's name in terminfo. */
    readonly name: string;
    /** What TERM_PROGRAM says. */
    readonly program?: string | undefined;
  },
): string {
  if (OSC_9.test(program) || OSC_9.test(name)) return `\x1b]9;${flat(text)}${END}`;
  if (OSC_777.test(name)) {
    return `\x1b]777;notify;Parley;${flat(text).replaceAll(";", ",")}${END}`;
  }
  return "";
}

/** One line, without controls, not too long. */
function flat(text: string): string {
  return safeText(text).replace(/\s+/g, " ").slice(0, LONGEST);
}
