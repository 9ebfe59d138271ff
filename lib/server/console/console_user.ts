// The user `console`: an operator without a token, made at the first start. Nobody can log in as it.

import type { Hub } from "../../chat/hub.ts";
import type { Principal } from "../../chat/principal.ts";
import { userNameOf } from "../../chat/names.ts";

const CONSOLE = "console";

/** Who answers at the console. @throws what the store throws */
export async function ensureConsoleUser(
  { repository: { users }, principals }: Pick<Hub, "repository" | "principals">,
  { now }: { now: number },
): Promise<Principal> {
  const account = { name: userNameOf(CONSOLE), role: "operator", now } as const;
  return principals.open(await users.ensureAccount(account));
}
