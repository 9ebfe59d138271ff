// The text of a message before it goes anywhere: an argument or all of stdin, refused here when no
// server would take it. A text from stdin is kept in a file, because it is nowhere else.

import { monotonicUlid } from "@std/ulid";
import { ChatError } from "../wire/errors.ts";
import { DEFAULT_LIMITS } from "../wire/limits.ts";
import { checkText, type TextLimits } from "../wire/text.ts";
import { type ClientContext, unsentOf } from "./context.ts";
import { keepText } from "./files/text_store.ts";
import { Failure } from "./exit.ts";
import type { Session } from "./link/session.ts";
import { readStdin } from "./stdin_text.ts";

/** No server can take more: its frames are this long at most. */
const LONGEST: TextLimits = { ...DEFAULT_LIMITS, content: DEFAULT_LIMITS.frame };

export interface Composition {
  readonly text: string;
  /** The bytes of stdin, to be kept if they cannot be sent. */
  readonly bytes?: Uint8Array;
}

export interface ComposeOptions {
  /** Without it all of stdin is the text. */
  readonly text?: string;
  readonly stdin: (into: Uint8Array) => Promise<number | null>;
}

/** The text that is to be sent. @throws {Failure} usage, when no server would take it. */
export async function compose(
  context: ClientContext,
  options: ComposeOptions,
): Promise<Composition> {
  let composition: Composition;
  if (options.text !== undefined) {
    composition = { text: options.text };
  } else {
    const { text, fault, bytes } = await readStdin(options.stdin);
    if (text === undefined) throw await unsendable(context, { fault: fault ?? "", bytes });
    composition = { text, bytes };
  }
  await check(context, composition, LONGEST);
  return composition;
}

/** Whether this server takes it. @throws {Failure} usage */
export async function checkFor(
  session: Session,
  { context, composition }: { readonly context: ClientContext; readonly composition: Composition },
): Promise<void> {
  const { content } = session.welcome.limits;
  const limits = content === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, content };
  await check(context, composition, limits);
}

async function check(
  context: ClientContext,
  { text, bytes }: Composition,
  limits: TextLimits,
): Promise<void> {
  try {
    checkText(text, limits);
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw await unsendable(context, { fault: error.message, bytes });
  }
}

async function unsendable(
  context: ClientContext,
  { fault, bytes }: { readonly fault: string; readonly bytes?: Uint8Array },
): Promise<Failure> {
  if (bytes === undefined || bytes.length === 0) return new Failure("usage", fault);
  const path = await keepText(unsentOf(context), { name: monotonicUlid(), content: bytes });
  return new Failure("usage", `${fault}; the text from stdin is kept in ${path}`);
}
