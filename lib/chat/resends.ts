// Messages that a user sends again and may not send any more: stored ones are acknowledged, others are
// refused. Knows no store and no connection.

import type { Appended } from "../store/records.ts";
import { ChatError, type ErrorCode } from "../wire/errors.ts";
import type { Principal } from "./people/principal.ts";

/** Why a user may not do in a room that they may see what they may have done there before. */
const REVOCABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "muted",
  "banned",
  "not_in_room",
  "rate_limited",
  "forbidden",
]);

/** Answers after which a client sends again. */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["unavailable", "storage_full"]);

/**
 * The refusal, where what it refuses may have been stored before it held. A token that is not good for it
 * is refused whatever is stored.
 * @throws the error, where nothing is to be looked for
 */
export function refusalOfResend(error: unknown, principal: Principal): ChatError {
  if (!(error instanceof ChatError) || !REVOCABLE.has(error.code)) throw error;
  const isOfToken = error.code === "forbidden" &&
    (principal.scopes !== undefined || principal.isBot);
  if (isOfToken) throw error;
  return error;
}

/**
 * The answer of the store to a draft that was posted to be recognised only, as `resendOnly`, where there is
 * a refusal.
 * @throws {ChatError} the refusal, unless the draft is stored, or that is not known
 */
export function checkResend(appended: Appended, refusal: ChatError | undefined): Appended {
  const isRefused = "refused" in appended && !UNDECIDED.has(appended.refused);
  if (refusal !== undefined && isRefused) throw refusal;
  return appended;
}
