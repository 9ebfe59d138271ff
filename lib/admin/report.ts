// What an administrator's command has to say: to people by tables and sentences, to programs by
// the objects of the protocol.

import type { Output } from "../client/output/plain_and_json_views.ts";
import { safeJson } from "../terminal/safe_text.ts";

export interface Report {
  /** What --json prints, one a line. */
  readonly objects: readonly object[];
  /** What a person reads on stdout, each line with its newline. */
  readonly text?: string;
  /** Sentences for a person beside that, on stderr. */
  readonly notes?: readonly string[];
}

export function printReport(
  { objects, text = "", notes = [] }: Report,
  { output, json }: { readonly output: Output; readonly json: boolean },
): void {
  if (json) return output.stdout(objects.map((object) => `${safeJson(object)}\n`).join(""));
  output.stdout(text);
  for (const note of notes) output.stderr(`${note}\n`);
}

/** A reply without what belongs to its request: the same whenever the command is run. */
export function withoutRequestId<T extends { readonly re?: unknown }>(reply: T): Omit<T, "re"> {
  const { re: _, ...rest } = reply;
  return rest;
}
