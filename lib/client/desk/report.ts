// `desk report`: what has become of the inquiries of a period, for an operator in a shell.

import { safeJson } from "../../terminal/safe_text.ts";
import { notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { requestPatiently } from "../link/patient_request.ts";
import { withSession } from "../link/with_session.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { describeReport, formatReport } from "../output/report_wording.ts";
import { formatDuration } from "../output/wording.ts";

interface ReportOptions {
  readonly periodMs: number;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** Prints the report. @throws {Failure} */
export async function report(context: ClientContext, options: ReportOptions): Promise<void> {
  const { periodMs, json, timeoutMs } = options;
  const { output } = context;
  const within = `within ${formatDuration(timeoutMs)}`;
  const reply = await withSession(
    context,
    {
      timeoutMs,
      overdue: () => new Failure("timeout", `The server did not answer ${within}`),
    },
    (session, limit) =>
      requestPatiently(context, { type: "report", period_ms: periodMs }, { session, limit }),
  );
  if (json) return output.stdout(`${safeJson(reply)}\n`);
  output.stdout(formatReport(reply).map((line) => `${line}\n`).join(""));
  for (const line of describeReport(reply)) writeLine(output, notice(line));
}
