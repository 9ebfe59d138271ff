// Asks a person in a terminal who they want to be, once.

import { isAccountName } from "../wire/text.ts";
import { Failure } from "./exit.ts";
import type { PrivateFiles } from "./private_files.ts";
import { findRememberedName, rememberName } from "./remembered_name.ts";

const RULE = "2 to 32 letters, digits, - and _, a letter first, no - or _ last";

/** A terminal that takes a line at a time. */
export interface LineTerminal {
  write(text: string): void;
  /** The next line, without its newline; undefined when there will be none. */
  readLine(): Promise<string | undefined>;
}

/** The name chosen in an earlier run, else one asked for and remembered. @throws {Failure} */
export async function getChosenName(
  state: PrivateFiles,
  terminal: LineTerminal,
): Promise<string> {
  const remembered = await findRememberedName(state);
  if (remembered?.chosen === true) return remembered.name;
  const offer = remembered === undefined ? "" : ` [${remembered.name}]`;
  for (;;) {
    terminal.write(`Your name${offer}: `);
    const line = await terminal.readLine();
    if (line === undefined) throw new Failure("usage", "A name is needed: --name NAME gives it");
    const name = line.trim() === "" ? remembered?.name ?? "" : line.trim();
    if (isAccountName(name)) {
      await rememberName(state, name);
      return name;
    }
    terminal.write(`A name is ${RULE}.\n`);
  }
}
