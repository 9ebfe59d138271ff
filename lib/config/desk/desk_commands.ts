// The client's commands for the desk: questions that are decided, and what operators do in a shell.

import { type CommandUnknownOpts, InvalidArgumentError } from "@commander-js/extra-typings";
import { isRoomName, parseInquiry } from "../../wire/room_ref.ts";
import { CHOICES, isChoice, MOST_NEEDED } from "../../wire/requests/desk.ts";
import { isLongerThan } from "../../wire/text.ts";
import { parseDuration } from "../people/duration.ts";
import { ANSWER_HELP, APPROVE_HELP, DECISION_HELP, QUEUE_HELP } from "./desk_help.ts";

/** How a question for a decision is asked. */
export interface DecisionQuestion {
  /** Without it all of stdin is the question. */
  readonly text?: string;
  readonly choices: readonly string[];
  /** How many different operators must make the same choice. */
  readonly needs: number;
  /** The name of the queue. */
  readonly queue?: string;
  /** The asker's own name for the question: the same one again finds the same question. */
  readonly key?: string;
  /** Whether to wait for the decision. */
  readonly waits: boolean;
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** A command for the desk, with its arguments. */
export type DeskCommand =
  | { readonly kind: "approve"; readonly question: DecisionQuestion }
  | {
    readonly kind: "decision";
    /** By its number, or by the key of one's own question. */
    readonly asked: { readonly inquiry: number } | { readonly key: string };
    readonly waits: boolean;
    readonly json: boolean;
    readonly timeoutMs: number;
  }
  | {
    readonly kind: "queue";
    /** The queue that is listed; all when missing. */
    readonly queue?: string;
    readonly limit: number;
    readonly json: boolean;
    readonly timeoutMs: number;
  }
  | {
    readonly kind: "answer";
    readonly inquiry: number;
    /** Without it stdin is the answer. */
    readonly text?: string;
    /** The seq of the question; the latest when missing. */
    readonly to?: number;
    /** Whether it is sent although another operator has just answered. */
    readonly anyway?: true;
    readonly json: boolean;
    readonly timeoutMs: number;
  };

/** What `approve` asks for; the first is the approval, the second its denial. */
export const APPROVAL: readonly [approve: string, deny: string] = ["approve", "deny"];

const TIMEOUT_MS = 30_000;
const DECISION_MS = 30 * 60_000;
const QUEUE_LIMIT = 50;
const MOST_LIMIT = 100;
const KEY_BYTES = 64;

/** Adds the commands to the client's program. */
export function addDeskCommands(
  program: CommandUnknownOpts,
  choose: (command: DeskCommand) => void,
): void {
  program.command("approve")
    .description(
      "ask an operator to approve, and wait: 0 approved, 3 denied, 124 nobody, 75 not known",
    )
    .argument("[text]", "what is to be approved; without it all of stdin")
    .option("--needs <n>", "how many different operators must approve", parseNeeds)
    .option("--queue <name>", "the queue in which it waits", parseQueue)
    .option("--key <key>", "a question with the same key is asked only once", parseKey)
    .option("--no-wait", "print the number of the inquiry, and do not wait")
    .option("--json", "print the decision as it is on the wire")
    .option("--timeout <time>", "how long to wait: 10s, 5m, 1h (default 30m)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", APPROVE_HELP)
    .action((text, { needs = 1, queue, key, wait: waits, json = false, timeout = DECISION_MS }) => {
      const choices = APPROVAL;
      const question = {
        text,
        choices,
        needs,
        queue,
        key,
        waits,
        json: json === true,
        timeoutMs: timeout,
      };
      choose({ kind: "approve", question });
    });
  program.command("decision")
    .description("what has become of a question: its number, or --key of one's own")
    .argument("[inquiry]", "the number of the inquiry", parseNumber)
    .option("--key <key>", "the key by which it was asked", parseKey)
    .option("--wait", "wait until it is decided or closed")
    .option("--json", "print the answer of the server as it is on the wire")
    .option(
      "--timeout <time>",
      "how long to wait: 10s, 5m (default 30s, 30m to --wait)",
      parseDuration,
    )
    .allowExcessArguments(false)
    .addHelpText("after", DECISION_HELP)
    .action((inquiry, { key, wait = false, json = false, timeout }, command) => {
      const byNumber = inquiry === undefined ? undefined : { inquiry };
      const asked = key === undefined ? byNumber : { key };
      if (asked === undefined || (byNumber !== undefined && key !== undefined)) {
        command.error("decision takes either the number of an inquiry or --key");
        return;
      }
      const waits = wait === true;
      const timeoutMs = timeout ?? (waits ? DECISION_MS : TIMEOUT_MS);
      choose({ kind: "decision", asked, waits, json: json === true, timeoutMs });
    });
  program.command("queue")
    .description("for operators: list the inquiries that wait, the longest waiting first")
    .option("--queue <name>", "those of one queue", parseQueue)
    .option("--limit <n>", `how many (default ${QUEUE_LIMIT}, at most ${MOST_LIMIT})`, parseLimit)
    .option("--json", "print them as they are on the wire, one a line")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", QUEUE_HELP)
    .action(({ limit = QUEUE_LIMIT, queue, json = false, timeout = TIMEOUT_MS }) => {
      choose({ kind: "queue", queue, limit, json: json === true, timeoutMs: timeout });
    });
  program.command("answer")
    .description(
      "for operators: answer an inquiry by a text; the exit code says whether it is stored",
    )
    .argument("<inquiry>", "the number of the inquiry", parseNumber)
    .argument("[text]", "the answer; without it all of stdin is the answer")
    .option("--to <seq>", "the question that is answered (default: the latest)", parseSeq)
    .option("--anyway", "send it although another operator has just answered")
    .option("--json", "print the server's ok, with the answer's seq")
    .option("--timeout <time>", "give up after this: 10s, 5m (default 30s)", parseDuration)
    .allowExcessArguments(false)
    .addHelpText("after", ANSWER_HELP)
    .action((inquiry, text, { to, anyway, json = false, timeout = TIMEOUT_MS }) => {
      choose({
        kind: "answer",
        inquiry,
        text,
        to,
        anyway: anyway === true ? true : undefined,
        json: json === true,
        timeoutMs: timeout,
      });
    });
}

/** Choices as they are given: `--choice red,blue`, or `--choice red --choice blue`. */
export function parseChoices(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(",")];
}

/** Why these are no choices; undefined when they are. */
export function faultOfChoices(choices: readonly string[]): string | undefined {
  const { least, most, bytes } = CHOICES;
  if (choices.length < least || choices.length > most) {
    return `--choice takes ${least} to ${most} words, as in --choice red,blue: there ` +
      (choices.length === 1 ? "is 1" : `are ${choices.length}`);
  }
  const wrong = choices.find((word) => !isChoice(word));
  if (wrong !== undefined) {
    return `--choice ${JSON.stringify(wrong)} is no choice: a word has 1 to ${bytes} bytes ` +
      "and no blanks";
  }
  const same = choices.find((word, at) => choices.indexOf(word) !== at);
  return same === undefined ? undefined : `--choice has ${same} twice`;
}

/** 1 to 10. */
export function parseNeeds(text: string): number {
  return parseUpTo(text, MOST_NEEDED);
}

/** 1 to 64 bytes without control characters. */
export function parseQueue(text: string): string {
  if (isRoomName(text)) return text.toLowerCase();
  throw new InvalidArgumentError("A queue's name is letters, digits, - and _, a letter first.");
}

/** @throws {InvalidArgumentError} */
export function parseKey(text: string): string {
  // deno-lint-ignore no-control-regex
  const isKey = text !== "" && !isLongerThan(text, KEY_BYTES) && !/[\0-\x1f\x7f-\x9f]/.test(text);
  if (isKey) return text;
  throw new InvalidArgumentError("A key is 1 to 64 bytes without control characters.");
}

function parseNumber(text: string): number {
  const inquiry = parseInquiry(text);
  if (inquiry !== undefined) return inquiry;
  throw new InvalidArgumentError("The number of an inquiry is like 42 or '?42'.");
}

function parseLimit(text: string): number {
  return parseUpTo(text, MOST_LIMIT);
}

function parseSeq(text: string): number {
  return parseUpTo(text, Number.MAX_SAFE_INTEGER);
}

function parseUpTo(text: string, most: number): number {
  const count = Number(text);
  if (/^\d{1,16}$/.test(text) && count >= 1 && count <= most) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
}
