// The user `console`: an operator without a stored token, who is an admin at the server's own terminal. Only
// the console there logs in as it.

import { userNameOf } from "../../chat/people/names.ts";
import type { Repository } from "../../store/repository.ts";
import type { UserRecord } from "../../store/records.ts";

const CONSOLE = "console";

/** The console's account; the first start creates it. @throws what the store throws */
export function ensureConsoleUser(
  { users }: Repository,
  { now }: { now: number },
): Promise<UserRecord> {
  return users.ensureAccount({ name: userNameOf(CONSOLE), role: "operator", now });
}
