// `desk report`: what has become of the inquiries of a period, for an operator in a shell.

import { safeJson } from "../../terminal/safe_text.ts";
import { notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { describeReport, formatReport } from "../output/report_wording.ts";
import { askOnce } from "./ask_once.ts";

interface ReportOptions {
  readonly periodMs: number;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** Prints the report. @throws {Failure} */
export async function report(context: ClientContext, options: ReportOptions): Promise<void> {
  const { periodMs, json, timeoutMs } = options;
  const { output } = context;
  const reply = await askOnce(context, { type: "report", period_ms: periodMs }, { timeoutMs });
  if (json) return output.stdout(`${safeJson(reply)}\n`);
  output.stdout(formatReport(reply).map((line) => `${line}\n`).join(""));
  for (const line of describeReport(reply)) writeLine(output, notice(line));
}
