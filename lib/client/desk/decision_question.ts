// `ask --choice` and `approve`: a question for a decision. The exit code is the answer to a script, so that
// no text is ever taken for an approval.

import { monotonicUlid } from "@std/ulid";
import type { RoomEvent } from "../../wire/event.ts";
import type { DecisionQuestion } from "../../config/desk/desk_commands.ts";
import { type Line, notice } from "../../terminal/view_lines.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { compose, type ComposeOptions } from "../message_input.ts";
import { type Output, OutputClosed, writeLine } from "../output/plain_and_json_views.ts";
import { describeStanding } from "../output/wording.ts";
import { runQuestion } from "./question_run.ts";

/** How long asking alone may take. */
const ASKING_MS = 30_000;

type AskingOptions = DecisionQuestion & ComposeOptions;

/** Asks, waits, and prints the choice. @throws {Failure} when nobody has decided. */
export async function askForChoice(context: ClientContext, options: AskingOptions): Promise<void> {
  const event = await askForDecision(context, options);
  if (event === undefined) return;
  if (!options.json) context.output.stdout(safeText(event.choice ?? "") + "\n");
}

/**
 * Asks for an approval, and waits. Returns only when a person has approved it.
 * @throws {Failure} rejected: a person has denied it; timeout: nobody has decided; tryAgain: not known
 */
export async function approve(context: ClientContext, options: AskingOptions): Promise<void> {
  const event = await askForDecision(context, options);
  if (event === undefined) return;
  if (event.choice !== options.choices[0]) throw new Failure("rejected", describeDecision(event));
}

/** @returns the decision; undefined when it is not waited for */
async function askForDecision(
  context: ClientContext,
  options: AskingOptions,
): Promise<RoomEvent | undefined> {
  const { choices, needs, queue, key, waits, timeoutMs, json } = options;
  const { text: content } = await compose(context, options);
  const { output } = context;
  const show = (line: Line) => writeLine(output, line);
  const { question, event } = await runQuestion(context, {
    source: {
      kind: "new",
      content,
      cid: key ?? monotonicUlid(),
      choices,
      needs,
      queue,
      expiresMs: timeoutMs,
      describe: (ok) => notice(describeStanding(ok)),
    },
    timeoutMs: waits ? timeoutMs : Math.max(timeoutMs, ASKING_MS),
    waits,
    show,
  });
  if (event === undefined) {
    output.stdout(`${question.inquiry}\n`);
    return undefined;
  }
  if (json) printIfRead(output, safeJson(event));
  if (event.type !== "decision") throw notDecided(event);
  show(notice(describeDecision(event)));
  return event;
}

/** Prints a line. A reader of stdout who has gone never turns a denial into an end without error. */
export function printIfRead(output: Output, line: string): void {
  try {
    output.stdout(`${line}\n`);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}

/** Nobody has decided: the question is closed. */
export function notDecided({ state, room }: RoomEvent): Failure {
  return new Failure("timeout", `Nobody has decided ${room}: it is ${state}`);
}

/** `bob decided "approve": drained, go`. */
export function describeDecision({ from, choice, content = "" }: RoomEvent): string {
  const reason = content === "" ? "" : `: ${content.replaceAll("\n", " ")}`;
  return `${from} decided "${choice}"${reason}`;
}
