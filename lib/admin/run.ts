// Runs an administrator's command on the running server, and prints what it reports. What each command
// does is in the file of its subject.

import { toFailure } from "../client/exit.ts";
import { OutputClosed } from "../client/output/plain_and_json_views.ts";
import { processOutput } from "../client/output/process_output.ts";
import type { ActionOf, AdminAction, AdminCommand } from "../config/people/admin_command.ts";
import { EXIT_CODES } from "../exit_codes.ts";
import { RunningClock } from "../time.ts";
import { addBan, listActs, listBans, removeBan, setPanic } from "./bans.ts";
import { activate, addAccount, listAccounts, setRole, showUser, suspend } from "./accounts.ts";
import {
  createDeviceCode,
  createJoinCode,
  createResetCode,
  listCodes,
  revokeCode,
} from "./codes.ts";
import type { AdminSession } from "./admin_session.ts";
import { type AdminSurroundings, asAdmin } from "./connect.ts";
import { printReport, type Report } from "./report.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";

/** A session reads the clock every 10 s: with a longer gap the process was stopped. */
const USUAL_GAP_MS = 12_000;

type Runners = {
  readonly [K in AdminAction["kind"]]: (
    session: AdminSession,
    action: ActionOf<K>,
  ) => Promise<Report>;
};

const RUNNERS: Runners = {
  "user list": listAccounts,
  "user show": showUser,
  "user add": addAccount,
  "user role": setRole,
  "user suspend": suspend,
  "user activate": activate,
  "code join": createJoinCode,
  "code reset": createResetCode,
  "code device": createDeviceCode,
  "code list": listCodes,
  "code revoke": revokeCode,
  "token list": listTokens,
  "token create": createToken,
  "token revoke": revokeToken,
  "ban list": listBans,
  "ban log": listActs,
  "ban add": addBan,
  "ban remove": removeBan,
  panic: setPanic,
};

/** @returns the exit code; an error is a line on stderr */
export async function runAdminCommand(
  { action, json, ...where }: AdminCommand,
  surroundings: Pick<
    AdminSurroundings,
    "tokenPath" | "readFile" | "mayConnect" | "commandFor"
  >,
): Promise<number> {
  const output = processOutput;
  const clock = new RunningClock({ usualGapMs: USUAL_GAP_MS });
  try {
    // The compiler cannot see that the kind of the action and its runner belong together.
    const run = RUNNERS[action.kind] as (
      session: AdminSession,
      action: AdminAction,
    ) => Promise<Report>;
    const report = await asAdmin(
      { ...surroundings, ...where, output, clock },
      (session) => run(session, action),
    );
    printReport(report, { output, json });
    await output.finishStdout(output.failed);
    return EXIT_CODES.done;
  } catch (error) {
    // The reader has closed the pipe, as `head` does.
    if (error instanceof OutputClosed) return EXIT_CODES.done;
    const failure = toFailure(error);
    output.stderr(`parley-server: ${failure.message}\n`);
    return failure.exitCode;
  } finally {
    await output.finishStderr();
  }
}
