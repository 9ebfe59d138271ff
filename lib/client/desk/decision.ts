// `decision INQUIRY` and `decision --key KEY`: what has become of a question, now or when it is known. It
// changes nothing at the server.

import type { DeskCommand } from "../../config/desk/desk_commands.ts";
import { APPROVAL } from "../../config/desk/desk_commands.ts";
import { type Line, notice } from "../../terminal/view_lines.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { describeDecision, notDecided, printIfRead } from "./decision_question.ts";
import { runQuestion } from "./question_run.ts";
import type { QuestionResult } from "./question_source.ts";

type DecisionOptions = Omit<Extract<DeskCommand, { kind: "decision" }>, "kind">;

/** Prints the choice or the state. @throws {Failure} unless it is decided, and not denied */
export async function decision(context: ClientContext, options: DecisionOptions): Promise<void> {
  const { asked, waits, timeoutMs, json } = options;
  const { output } = context;
  const show = (line: Line) => writeLine(output, line);
  const result = await runQuestion(context, {
    source: { kind: "known", asked: "key" in asked ? { cid: asked.key } : asked },
    timeoutMs,
    waits,
    show,
  });
  const { event, status } = result;
  const word = event?.choice ?? event?.state ?? status?.state ?? "open";
  printIfRead(output, json ? safeJson(status ?? event ?? {}) : safeText(word));
  if (event?.type === "decision") show(notice(describeDecision(event)));
  checkDecided(result);
}

/** @throws {Failure} rejected, timeout, tryAgain */
function checkDecided({ event, status, question }: QuestionResult): void {
  const { room, choices } = question;
  if (event?.type === "closed") throw notDecided(event);
  if (event === undefined) {
    if (status?.state === "answered") return;
    throw new Failure("tryAgain", `${room} is not decided yet`);
  }
  const isApproval = choices.length === APPROVAL.length &&
    choices.every((choice, at) => choice === APPROVAL[at]);
  if (isApproval && event.choice !== APPROVAL[0]) {
    throw new Failure("rejected", `${room} was denied`);
  }
}
