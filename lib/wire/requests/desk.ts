// Decodes the requests to the desk (protocol §10).

import { ChatError } from "../errors.ts";
import { type DecisionTerms, INQUIRY_STATES } from "../event.ts";
import {
  badField,
  findBoolean,
  findCid,
  findInteger,
  findPageLimit,
  getAccountName,
  getInteger,
  getUserName,
} from "../fields.ts";
import type { DeskRequests, Expected } from "../frames/desk.ts";
import { type Fields, isFields } from "../json.ts";
import type { Limits } from "../limits.ts";
import { isRoomName } from "../room_ref.ts";
import { isLongerThan } from "../text.ts";
import { type Decoders, FROM_ONE, getContent } from "./decoder.ts";

/** How many choices a question may have, and how long each may be. */
export const CHOICES = { least: 2, most: 8, bytes: 32 };
/** Neither blanks nor anything that does not show. */
const WORD = /^[^\s\p{C}]+$/u;
/** How many operators a question may need. */
export const MOST_NEEDED = 10;
const MOST_EXPIRES_MS = 30 * 24 * 3_600_000;
/** Ten years. */
const LONGEST_PERIOD_MS = 3_650 * 24 * 3_600_000;
const MOST_SNOOZED_MS = 365 * 24 * 3_600_000;

const CHOICE_TAKES = `a word of 1 to ${CHOICES.bytes} bytes without blanks`;

export const DESK_DECODERS: Decoders<keyof DeskRequests> = {
  inquiry: ({ id, body }, limits) => ({
    type: "inquiry",
    id,
    content: getContent(body, limits),
    cid: findCid(body),
    ...findTerms(body),
    queue: findQueue(body),
  }),
  queue: ({ id, body }, limits) => ({
    type: "queue",
    id,
    queue: findQueue(body),
    limit: findPageLimit(body, limits),
  }),
  report: ({ id, body }) => ({
    type: "report",
    id,
    period_ms: findUpTo(body, "period_ms", LONGEST_PERIOD_MS),
  }),
  respond: ({ id, body }, limits) => ({
    type: "respond",
    id,
    inquiry: getInteger(body, "inquiry", FROM_ONE),
    ...getAnswer(body, limits),
    cid: findCid(body),
    to: findInteger(body, "to", FROM_ONE),
    anyway: findBoolean(body, "anyway"),
  }),
  decide: ({ id, body }, limits) => ({
    type: "decide",
    id,
    inquiry: getInteger(body, "inquiry", FROM_ONE),
    choice: getChoice(body.choice, "choice"),
    content: body.content === undefined ? undefined : getContent(body, limits),
    cid: findCid(body),
  }),
  withdraw: ({ id, body }) => ({
    type: "withdraw",
    id,
    inquiry: getInteger(body, "inquiry", FROM_ONE),
  }),
  claim: ({ id, body }) => ({ type: "claim", id, ...getWork(body) }),
  release: ({ id, body }) => ({ type: "release", id, ...getWork(body) }),
  assign: ({ id, body }) => ({ type: "assign", id, ...getWork(body), user: getUserName(body) }),
  snooze: ({ id, body }) => ({
    type: "snooze",
    id,
    ...getWork(body),
    for_ms: findUpTo(body, "for_ms", MOST_SNOOZED_MS) ?? getInteger(body, "for_ms", FROM_ONE),
  }),
  resolve: ({ id, body }) => ({ type: "resolve", id, ...getWork(body) }),
  reopen: ({ id, body }) => ({ type: "reopen", id, ...getWork(body) }),
  seen: ({ id, body }) => ({
    type: "seen",
    id,
    inquiry: getInteger(body, "inquiry", FROM_ONE),
  }),
  question: ({ id, body }) => ({ type: "question", id, ...getReference(body) }),
};

function getWork(body: Fields): { readonly inquiry: number; readonly expect?: Expected } {
  return { inquiry: getInteger(body, "inquiry", FROM_ONE), expect: findExpected(body) };
}

const EXPECT_TAKES = 'an object with "state", "assignee" or both';
const STATES: readonly unknown[] = INQUIRY_STATES;

function findExpected({ expect }: Fields): Expected | undefined {
  if (expect === undefined) return undefined;
  if (!isFields(expect)) throw badField("expect", { found: expect, expected: EXPECT_TAKES });
  const { state, assignee } = expect;
  // A misspelt expectation must not pass as none.
  if (state === undefined && assignee === undefined) {
    throw badField("expect", { found: expect, expected: EXPECT_TAKES });
  }
  if (state !== undefined && !STATES.includes(state)) {
    const expected = `one of ${INQUIRY_STATES.join(", ")}`;
    throw badField("expect.state", { found: state, expected });
  }
  return {
    state: state as Expected["state"],
    assignee: assignee === undefined || assignee === null
      ? assignee
      : getAccountName({ name: assignee }, "expect.assignee"),
  };
}

/** @throws {ChatError} bad_field */
function findQueue({ queue }: Fields): string | undefined {
  if (queue === undefined) return undefined;
  const expected = "the name of a queue: 1 to 64 letters, digits, - and _, a letter first";
  if (typeof queue === "string" && isRoomName(queue)) return queue.toLowerCase();
  throw badField("queue", { found: queue, expected });
}

/** A text, the seq of a draft, or both. */
function getAnswer(
  body: Fields,
  limits: Limits,
): Pick<DeskRequests["respond"], "content" | "draft"> {
  const draft = findInteger(body, "draft", FROM_ONE);
  const isDraft = draft !== undefined && body.content === undefined;
  return isDraft ? { draft } : { content: getContent(body, limits), draft };
}

/** What a question asks for, beside its text. */
interface AskedTerms extends Pick<DecisionTerms, "needs"> {
  readonly choices?: readonly string[];
  readonly expires_ms?: number | undefined;
}

/** @throws {ChatError} bad_field, also for terms without choices: they would have no effect */
function findTerms(fields: Fields): AskedTerms {
  const choices = findChoices(fields);
  const expires_ms = findUpTo(fields, "expires_ms", MOST_EXPIRES_MS);
  const needs = findUpTo(fields, "needs", MOST_NEEDED);
  if (choices !== undefined) return { choices, expires_ms, needs };
  for (const [field, value] of Object.entries({ expires_ms, needs })) {
    if (value === undefined) continue;
    const message = `Field "${field}" has no effect without "choices"`;
    throw new ChatError("bad_field", message, { field });
  }
  return {};
}

function findChoices({ choices }: Fields): readonly string[] | undefined {
  if (choices === undefined) return undefined;
  const { least, most } = CHOICES;
  if (!Array.isArray(choices)) {
    throw badField("choices", {
      found: choices,
      expected: `an array of ${least} to ${most} words`,
    });
  }
  if (choices.length < least || choices.length > most) {
    const message = `Field "choices" has ${choices.length} entries: it takes ${least} to ${most}`;
    throw new ChatError("bad_field", message, { field: "choices" });
  }
  const words = choices.map((choice: unknown, at) => getChoice(choice, `choices.${at}`));
  if (new Set(words).size === words.length) return words;
  const message = 'Field "choices" has the same word twice: each choice is another word';
  throw new ChatError("bad_field", message, { field: "choices" });
}

/** Whether a question can have this choice. */
export function isChoice(word: string): boolean {
  return word.isWellFormed() && WORD.test(word) && !isLongerThan(word, CHOICES.bytes);
}

function getChoice(choice: unknown, field: string): string {
  if (typeof choice === "string" && isChoice(choice)) return choice;
  throw badField(field, { found: choice, expected: CHOICE_TAKES });
}

function findUpTo(fields: Fields, field: string, most: number): number | undefined {
  const value = findInteger(fields, field, FROM_ONE);
  if (value === undefined || value <= most) return value;
  throw badField(field, { found: value, expected: `a whole number of 1 to ${most}` });
}

/** One of the two. */
function getReference(fields: Fields): DeskRequests["question"] {
  const cid = findCid(fields);
  if (cid === undefined) return { inquiry: getInteger(fields, "inquiry", FROM_ONE) };
  if (fields.inquiry === undefined) return { cid };
  const message = 'Field "cid" is one too many beside "inquiry": either names an inquiry';
  throw new ChatError("bad_field", message, { field: "cid" });
}
