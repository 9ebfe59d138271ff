// `queue`: the inquiries that wait, for an operator in a shell.

import type { InquirySummary } from "../../wire/summaries.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import { notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { requestPatiently } from "../link/patient_request.ts";
import { withSession } from "../link/with_session.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { formatDuration, NO_OPEN_INQUIRIES } from "../output/wording.ts";

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
  const within = `within ${formatDuration(timeoutMs)}`;
  const { inquiries, more } = await withSession(
    context,
    {
      timeoutMs,
      overdue: () => new Failure("timeout", `The server did not answer ${within}`),
    },
    (session, time) =>
      requestPatiently(context, { type: "queue", limit, queue }, { session, limit: time }),
  );
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
