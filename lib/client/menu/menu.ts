// The numbered menu of `client menu`: shows what can be done, reads a number, does it, until the person
// quits. Knows nothing of what the items do.

import { failure, notice } from "../../terminal/view_lines.ts";
import { toFailure } from "../exit.ts";
import { type Dialog, DialogOver } from "./dialog.ts";

export interface MenuItem {
  /** What it does, in the person's words. */
  readonly title: string;
  /** @throws an error that is shown; the menu continues */
  readonly run: () => Promise<void>;
}

const QUIT = /^(?:0|q|quit|exit|\/quit)$/i;
const QUESTION = "Number (Enter shows the menu): ";

/** Runs until the person quits. @throws {Failure} interrupted */
export async function runMenu(
  items: readonly MenuItem[],
  { dialog, signal }: { readonly dialog: Dialog; readonly signal: AbortSignal },
): Promise<void> {
  dialog.showRows(layOutMenu(items));
  for (let answer = await choose(dialog); answer !== undefined; answer = await choose(dialog)) {
    const item = /^\d{1,3}$/.test(answer) ? items[Number(answer) - 1] : undefined;
    if (answer === "") dialog.showRows(layOutMenu(items));
    else if (item === undefined) dialog.show(notice(describeUnknown(answer, items.length)));
    else await runItem(item, { dialog, signal });
  }
}

/** What was typed; undefined when that is to quit. */
async function choose(dialog: Dialog): Promise<string | undefined> {
  try {
    const answer = await dialog.ask(QUESTION);
    return QUIT.test(answer) ? undefined : answer;
  } catch (error) {
    if (error instanceof DialogOver) return undefined;
    throw error;
  }
}

/** Ctrl-D at a question of an item, and Ctrl-C in the live line, lead back to the menu. */
async function runItem(
  { run }: MenuItem,
  { dialog, signal }: { readonly dialog: Dialog; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await run();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DialogOver) return;
    const { reason, message } = toFailure(error);
    if (reason !== "interrupted") dialog.show(failure(message));
  }
}

function layOutMenu(items: readonly MenuItem[]): readonly string[] {
  const rows = items.map(({ title }, at) => `${String(at + 1).padStart(2)}  ${title}`);
  return [...rows, " 0  Quit"];
}

function describeUnknown(answer: string, count: number): string {
  return `There is no ${JSON.stringify(answer)}: type a number from 0 to ${count}, then Enter`;
}
