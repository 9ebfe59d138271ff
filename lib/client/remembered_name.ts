// The name to use when none is given: the one a person chose once, else one made up once. Either
// way every later run is the same guest.

import type { PrivateFiles } from "./private_files.ts";
import { isAccountName } from "../wire/text.ts";

const FILE = "name.json";
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

export interface RememberedName {
  readonly name: string;
  /** Whether a person chose it; else it was made up. */
  readonly chosen: boolean;
}

/** What was remembered; undefined when nothing was, or nothing that could be a name. */
export async function findRememberedName(files: PrivateFiles): Promise<RememberedName | undefined> {
  return parseRemembered(await files.find(FILE) ?? "");
}

/** Remembers the name a person chose. */
export async function rememberName(files: PrivateFiles, name: string): Promise<void> {
  await files.write(FILE, JSON.stringify({ name, chosen: true }));
}

/** The remembered name; makes one up (`guest-7k2m9q`) and remembers it when there is none. */
export async function getRememberedName(files: PrivateFiles): Promise<string> {
  const found = await findRememberedName(files);
  if (found !== undefined) return found.name;
  const made = JSON.stringify({ name: makeUpName(), chosen: false });
  const first = parseRemembered(await files.writeFirst(FILE, made));
  if (first !== undefined) return first.name;
  await files.write(FILE, made);
  return parseRemembered(made)?.name ?? "guest";
}

function makeUpName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return "guest-" + Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

function parseRemembered(text: string): RememberedName | undefined {
  try {
    const { name, chosen } = JSON.parse(text) ?? {};
    if (typeof name !== "string" || !isAccountName(name)) return undefined;
    return { name, chosen: chosen === true };
  } catch {
    return undefined;
  }
}
