// The first admin: an account made at the first start, whose token is written to a file only the
// server's own user can read. Deleting the file and starting again gives a new token.

import { userNameOf } from "../chat/names.ts";
import type { Repository } from "../store/repository.ts";
import { hashToken, newToken } from "./tokens.ts";

const ADMIN = "admin";

/**
 * Makes the admin's account and writes a token for it, when the file is not there.
 * @returns whether a token was written
 * @throws what Deno.open and Deno.rename throw
 */
export async function ensureAdminToken(
  { users }: Repository,
  { path, now }: { path: string; now: number },
): Promise<boolean> {
  const admin = await users.ensureAccount({ name: userNameOf(ADMIN), role: "admin", now });
  if (isKept(path)) return false;
  const token = newToken();
  await users.addToken(admin.id, { tokenHash: await hashToken(token), now });
  writeWhole(path, `${token}\n`);
  return true;
}

/** Whether there is a token; an empty file is what is left of a start that was cut off. */
function isKept(path: string): boolean {
  try {
    return Deno.lstatSync(path).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Under its name the file is there as a whole or not at all: the store keeps no copy of the token. */
function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.new`;
  removeIfThere(unfinished);
  {
    using file = Deno.openSync(unfinished, { write: true, createNew: true, mode: 0o600 });
    // Short enough for one write.
    file.writeSync(new TextEncoder().encode(text));
    file.syncSync();
  }
  Deno.renameSync(unfinished, path);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
