// The user `console`: an operator without a token, made at the first start. Nobody can log in as it.

import type { Principal, Principals } from "../../chat/principal.ts";
import type { Repository } from "../../store/repository.ts";
import { userNameOf } from "../../chat/names.ts";

const CONSOLE = "console";

/** Who answers at the console. @throws what the store throws */
export async function ensureConsoleUser(
  { users }: Repository,
  { principals, now }: { principals: Principals; now: number },
): Promise<Principal> {
  const account = { name: userNameOf(CONSOLE), role: "operator", now } as const;
  return principals.open(await users.ensureAccount(account));
}
