// Requests that were stored while longer texts were allowed: sent again they are too long, and are looked for
// before they are refused (protocol 5.3). Knows no room and no socket.

import type { ClientFrameType } from "../../wire/frame.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Fields } from "../../wire/json.ts";
import type { Command, CommandResult } from "../commands/command.ts";

/** Limits that no text breaks which fits in a frame. */
export const ANY_LENGTH = {
  content: Infinity,
  content_encoded: Infinity,
  content_lines: Infinity,
  topic: Infinity,
} as const;

/** The command that only recognises a request which this one refuses; undefined where nothing is looked for. */
export function findRecogniser(
  command: Command<ClientFrameType>,
  { body, error: refusal }: { body: Fields; error: unknown },
): Command<ClientFrameType> | undefined {
  const { recognise } = command;
  const isTooLong = refusal instanceof ChatError && refusal.code === "too_long";
  if (!isTooLong || recognise === undefined || body.cid === undefined) return undefined;
  const { needs, scope, bucket } = command;
  return {
    needs,
    scope,
    bucket,
    async run(frame, context): Promise<CommandResult> {
      try {
        return await recognise(frame, context, refusal);
      } catch (error) {
        // The same for a room that is hidden and one that is missing.
        throw error instanceof ChatError ? refusal : error;
      }
    },
  };
}
