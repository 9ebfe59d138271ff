// A login by a password while the live line has the terminal: nothing is printed.

import type { ClientContext } from "../context.ts";
import { redeem } from "./login.ts";
import type { AccountFiles } from "./use_token.ts";

const TIMEOUT_MS = 30_000;

const SILENT = {
  stdout: (): void => {},
  stderr: (): void => {},
  whenRoom: (): undefined => undefined,
  columnsOf: (): undefined => undefined,
};

/** What logs in and keeps the token for later runs: the user's name. */
export function loginOf(
  context: Omit<ClientContext, "identity">,
  files: AccountFiles,
): (name: string, password: string) => Promise<string> {
  return (name, password) =>
    redeem({ ...context, output: SILENT }, {
      ...files,
      // Another user than the one of the command line is wanted.
      isNameGiven: false,
      auth: { method: "password", name, password },
      timeoutMs: TIMEOUT_MS,
    });
}
