// The name to use when none is given: the one a person used last, else one that was generated once.
// Either way every later run is the same guest.

import { type Check, isBoolean, isText, optional, parseChecked, shaped } from "../../wire/shape.ts";
import { isAccountName } from "../../wire/text.ts";
import { FileFault } from "./file_fault.ts";
import type { PrivateFiles } from "./private_files.ts";

const FILE = "name.json";
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

interface RememberedName {
  readonly name: string;
  /** Whether a person chose it; else it was generated. */
  readonly chosen: boolean;
}

/** A remembered name, or none, or a file without a name. */
export interface NameMemory {
  readonly remembered?: RememberedName;
  /** Where the file is that holds no name. */
  readonly damaged?: string;
}

/** The name that an earlier run has remembered. @throws {FileFault} when it cannot be read */
export async function recallName(files: PrivateFiles): Promise<NameMemory> {
  const text = await files.find(FILE);
  if (text === undefined) return {};
  const remembered = parseRemembered(text);
  return remembered === undefined ? { damaged: files.pathOf(FILE) } : { remembered };
}

/**
 * Remembers a name that a server has accepted, if it can: without it a person is asked again. The name
 * of a script replaces no other. Never rejects because of a file.
 */
export async function rememberName(
  files: PrivateFiles,
  { name, by }: { readonly name: string; readonly by: "person" | "script" },
): Promise<void> {
  try {
    const known = await files.find(FILE);
    const text = formatRemembered({ name, chosen: by === "person" });
    if (known === undefined) await files.writeFirst(FILE, text);
    else if (by === "person" && known !== text) await files.write(FILE, text);
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
  }
}

interface GeneratedNameOptions {
  /** What becomes of a run whose generated name cannot be remembered. */
  readonly unkept: "fails" | "goes on";
  /** Shows a line to the person. */
  readonly show: (text: string) => void;
}

/**
 * The remembered name; generates one (`guest-7k2m9q`) and remembers it when there is none.
 * @throws {FileFault}
 */
export async function getRememberedName(
  files: PrivateFiles,
  { unkept, show }: GeneratedNameOptions,
): Promise<string> {
  const generated: RememberedName = { name: generateName(), chosen: false };
  try {
    const { remembered, damaged } = await recallName(files);
    if (remembered !== undefined) return remembered.name;
    const text = formatRemembered(generated);
    if (damaged === undefined) {
      return parseRemembered(await files.writeFirst(FILE, text))?.name ?? generated.name;
    }
    await files.write(FILE, text);
    show(`${damaged} held no name: you are ${generated.name} now, and --name gives another`);
  } catch (error) {
    if (unkept === "fails" || !(error instanceof FileFault)) throw error;
  }
  return generated.name;
}

/** A name that is almost surely free: `guest-7k2m9q`. */
export function generateName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return "guest-" + Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join("");
}

function formatRemembered({ name, chosen }: RememberedName): string {
  return JSON.stringify({ name, chosen });
}

const isKeptName: Check<Partial<RememberedName>> = shaped({
  name: optional(isText),
  chosen: optional(isBoolean),
});

function parseRemembered(text: string): RememberedName | undefined {
  const { name = "", chosen = false } = parseChecked(text, isKeptName) ?? {};
  return isAccountName(name) ? { name, chosen } : undefined;
}
