// The user `console`: an operator without a token, made at the first start. Nobody can log in as it.

import type { Identity } from "../../chat/access.ts";
import { userNameOf } from "../../chat/names.ts";
import type { Repository } from "../../store/repository.ts";

const CONSOLE = "console";

/** Who answers at the console. @throws what the store throws */
export async function ensureConsoleUser(
  { users }: Repository,
  { now }: { now: number },
): Promise<Identity> {
  const account = { name: userNameOf(CONSOLE), role: "operator", now } as const;
  const { id, name, role } = await users.ensureAccount(account);
  return { user: id, name, role };
}
