// Cases that were once answered wrongly, or might be, stored as files: a line of JSON with the
// expected answer, and after its newline the bytes to send.

import { concat, type HostileCase } from "./case.ts";

/** A case with the number of its class and a short title. */
export interface CorpusCase {
  readonly number: number;
  readonly title: string;
  readonly hostile: HostileCase;
}

const NEWLINE = 0x0a;
const ENDING = ".case";

export function formatCase({ number, title, hostile }: CorpusCase): Uint8Array {
  const { bytes, ...expected } = hostile;
  const head = JSON.stringify({ class: number, title, ...expected });
  return concat([new TextEncoder().encode(`${head}\n`), bytes]);
}

export function parseCase(file: Uint8Array): CorpusCase {
  const end = file.indexOf(NEWLINE);
  const head = JSON.parse(new TextDecoder().decode(file.subarray(0, end)));
  const { class: number, title, ...expected } = head;
  return { number, title, hostile: { ...expected, bytes: file.slice(end + 1) } };
}

/** All cases of a directory, in the order of their files' names. */
export function readCorpus(directory: URL): readonly CorpusCase[] {
  const names = Array.from(Deno.readDirSync(directory), ({ name }) => name);
  return names.filter((name) => name.endsWith(ENDING)).sort()
    .map((name) => parseCase(Deno.readFileSync(new URL(name, directory))));
}

/** Adds a case under a name made from its class and title. */
export function saveCase(directory: URL, kept: CorpusCase): void {
  const words = kept.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  const name = `${String(kept.number).padStart(2, "0")}-${words.slice(0, 60)}${ENDING}`;
  Deno.writeFileSync(new URL(name, directory), formatCase(kept));
}
