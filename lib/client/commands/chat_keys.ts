// The keys of a chat that act at once: they go to a room, take a message back, or complete a word.

import { completeWord } from "../places/completion.ts";
import { dropNewest, type OwnTarget } from "../slash/own_commands.ts";
import { goNext } from "../slash/place_commands.ts";
import type { SlashTable } from "../slash/slash_table.ts";

/** Alt-1 to Alt-9 go to a room, Alt-A to the next with something new. @returns whether it is one */
export function usePlaceKey(
  key: string,
  { commands, target }: { commands: SlashTable<OwnTarget>; target: OwnTarget },
): boolean {
  const action = { "alt-a": goNext, "alt-q": dropNewest }[key];
  action?.(target);
  if (action !== undefined) return true;
  const number = /^alt-([1-9])$/.exec(key)?.[1];
  if (number === undefined) return false;
  commands.run(`/room ${number}`, target);
  return true;
}

/** What the word before the cursor may become. */
export function completeWordIn(line: string, { loop, places }: OwnTarget): readonly string[] {
  const { current, you } = loop.conversation;
  return completeWord(line, { places: places.places, current, user: you?.user });
}
