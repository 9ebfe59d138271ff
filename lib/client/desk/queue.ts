// `queue`: the inquiries that wait, for an operator in a shell.

import type { InquirySummary } from "../../wire/summaries.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import { notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { NO_OPEN_INQUIRIES } from "../output/wording.ts";
import { askOnce } from "./ask_once.ts";

export interface QueueOptions {
  /** Those of one queue; all when missing. */
  readonly queue?: string;
  readonly limit: number;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** Prints a line for each inquiry, the longest waiting first. @throws {Failure} */
export async function queue(context: ClientContext, options: QueueOptions): Promise<void> {
  const { limit, queue, json, timeoutMs } = options;
  const { output } = context;
  const request = { type: "queue", limit, queue } as const;
  const { inquiries, more } = await askOnce(context, request, { timeoutMs });
  const format = json ? (one: InquirySummary) => safeJson(one) : formatInquiry;
  output.stdout(inquiries.map((one) => `${format(one)}\n`).join(""));
  if (inquiries.length === 0) writeLine(output, notice(NO_OPEN_INQUIRIES));
  if (more) writeLine(output, notice("… and more after them"));
}

/** `42 2026-11-28 14:05 ann [approve|deny] Run migration 42 on db3?`. */
function formatInquiry(
  { inquiry, since, from, content = "(deleted)", choices, needs, state }: InquirySummary,
): string {
  const [first = ""] = content.split("\n");
  const terms = choices === undefined ? "" : `[${choices.join("|")}] `;
  const pending = needs === undefined
    ? ""
    : `(needs ${needs}${state === "pending" ? ", begun" : ""}) `;
  const when = `${formatDay(since)} ${formatClock(since)}`;
  return safeText(`${inquiry} ${when} ${from} ${terms}${pending}${first}`.replaceAll("\t", " "));
}
