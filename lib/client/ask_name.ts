// Asks a person in a terminal for their name.

import { isAccountName } from "../wire/text.ts";
import { ChatError } from "../wire/errors.ts";
import { Failure } from "./exit.ts";
import { FileFault } from "./files/file_fault.ts";
import type { PrivateFiles } from "./files/private_files.ts";
import { type NameMemory, recallName } from "./files/remembered_name.ts";

const RULE = "2 to 32 letters, digits, - and _, a letter first, no - or _ last";

/** A terminal that takes a line at a time. */
export interface LineTerminal {
  write(text: string): void;
  /** The next line, without its newline; undefined when there will be none. */
  readLine(): Promise<string | undefined>;
}

/**
 * The name chosen in an earlier run, else the person's answer. It is not remembered here: the server
 * has not accepted it yet.
 * @throws {Failure} when the terminal is closed
 */
export async function getChosenName(state: PrivateFiles, terminal: LineTerminal): Promise<string> {
  const { remembered, damaged } = await recallName(state).catch(unlessFileFault);
  if (remembered?.chosen === true) return remembered.name;
  if (damaged !== undefined) terminal.write(`${damaged} holds no name.\n`);
  return await askName(terminal, remembered?.name);
}

/** Asks until the answer is a valid name. @param offered the name for Enter alone. @throws {Failure} */
export async function askName(terminal: LineTerminal, offered?: string): Promise<string> {
  const offer = offered === undefined ? "" : ` [${offered}]`;
  for (;;) {
    terminal.write(`Your name${offer}: `);
    const line = await terminal.readLine();
    if (line === undefined) throw new Failure("usage", "A name is needed: --name NAME gives it");
    const name = line.trim() === "" ? offered ?? "" : line.trim();
    if (isAccountName(name)) return name;
    terminal.write(`A name is ${RULE}.\n`);
  }
}

/** Why the server refuses this name; undefined when the error is about something else. */
export function refusalOfName(error: unknown): string | undefined {
  const cause = error instanceof Failure ? error.cause : undefined;
  if (!(cause instanceof ChatError) || cause.details.field !== "auth.name") return undefined;
  return cause.message;
}

/** The same, with the way in for a person whose name that is; `name` is what was asked for. */
export function describeRefusedName(error: unknown, name: string): string | undefined {
  const refusal = refusalOfName(error);
  const { cause } = error instanceof Failure ? error : {};
  const isTaken = cause instanceof ChatError && cause.code === "name_taken";
  return isTaken ? `${refusal}; if it is yours: client login ${name}` : refusal;
}

/** A file that cannot be read counts as missing: the person can be asked. */
function unlessFileFault(error: unknown): NameMemory {
  if (error instanceof FileFault) return {};
  throw error;
}
