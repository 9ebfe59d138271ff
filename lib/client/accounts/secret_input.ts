// A secret from a person or a pipe: asked for unseen in a terminal, else the one line of stdin. It is
// never an argument, because every user of the machine sees those.

import { SecretPrompt } from "../../terminal/secret_prompt.ts";
import type { SleepClock } from "../../time.ts";
import { isLongEnough, normalizePassword, PASSWORD_RULE } from "../../wire/secrets/password.ts";
import { Failure } from "../exit.ts";
import { readStdin } from "../stdin_text.ts";

const QUESTIONS = { token: "Token: ", code: "Code: ", password: "Password: " } as const;
type Secret = keyof typeof QUESTIONS;

/** The standard streams, as far as a secret needs them. */
export interface SecretInput {
  readonly isTerminal: boolean;
  readonly stdin: (into: Uint8Array) => Promise<number | null>;
  /** Shows a question. */
  readonly write: (text: string) => void;
  readonly clock: SleepClock;
}

/**
 * A token. @throws {Failure} usage, when there is none or the text cannot be one; interrupted
 */
export async function readToken(input: SecretInput): Promise<string> {
  const token = (await readSecret(input, "token")).trim();
  if (token === "") throw new Failure("usage", "No token was given: it is read from stdin");
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Failure("usage", "This is no token: a token is one line without blanks");
}

/** The secret as it was typed; a pipe gives one line. @throws {Failure} */
export async function readSecret(
  input: SecretInput,
  what: Secret,
): Promise<string> {
  if (!input.isTerminal) return await readPipedSecret(input, what);
  const [secret = ""] = await askSecrets(input, QUESTIONS[what]);
  return secret;
}

/** The answers, one for each question. @throws {Failure} interrupted, or usage at the input's end */
export async function askSecrets(
  input: SecretInput,
  ...questions: readonly string[]
): Promise<readonly string[]> {
  using prompt = new SecretPrompt(input);
  const answers = await prompt.ask(...questions);
  if (answers.kind === "entered") return answers.texts;
  if (answers.kind === "interrupted") throw new Failure("interrupted", "Interrupted");
  throw new Failure("usage", "Nothing was entered, and nothing was changed");
}

async function readPipedSecret(
  { stdin }: SecretInput,
  what: Secret,
): Promise<string> {
  const { text, fault } = await readStdin(stdin);
  if (text === undefined) throw new Failure("usage", fault ?? "Stdin cannot be read");
  // A file that an editor has written may end with blank lines.
  const line = text.replace(/\n+$/, "");
  if (!line.includes("\n")) return line;
  throw new Failure("usage", `Stdin holds several lines: a ${what} is one line`);
}

/**
 * A new password, asked for twice; undefined when there is to be none.
 * @throws {Failure} usage, when the two differ or this is no password; interrupted
 */
export async function askNewPassword(
  input: SecretInput,
  { isOptional }: { readonly isOptional: boolean },
): Promise<string | undefined> {
  const first = isOptional ? "New password (Enter alone for none): " : "New password: ";
  const [password = "", again = ""] = await askSecrets(input, first, "The same again: ");
  if (password !== again) {
    throw new Failure("usage", `The two passwords are not the same. ${UNCHANGED}`);
  }
  return isOptional && password === "" ? undefined : checkNewPassword(password);
}

/** @throws {Failure} usage, when no server would take it */
export function checkNewPassword(password: string): string {
  const fault = findPasswordFault(password);
  if (fault === undefined) return password;
  throw new Failure("usage", `${fault}. ${UNCHANGED}`);
}

/** Why a text cannot be a new password; undefined when it can. Never repeats it. */
export function findPasswordFault(text: string): string | undefined {
  if (text === "") return "The password is empty";
  const password = normalizePassword(text);
  if (password !== undefined && isLongEnough(password)) return undefined;
  return `This can be no password: it takes ${PASSWORD_RULE}`;
}

const UNCHANGED = "Nothing was changed";
