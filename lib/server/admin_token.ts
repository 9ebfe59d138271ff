// The first admin: an account made at the first start, whose token is written to a file only the
// server's own user can read. Deleting the file and starting again gives a new token.

import { nameKey } from "../chat/names.ts";
import type { Repository } from "../store/repository.ts";
import { hashToken, newToken } from "./tokens.ts";

const ADMIN = "admin";

/**
 * Makes the admin's account and writes a token for it, when the file is not there.
 * @returns whether a token was written
 * @throws what Deno.open throws
 */
export async function ensureAdminToken(
  { users }: Repository,
  { path, now }: { path: string; now: number },
): Promise<boolean> {
  const admin = await users.ensureAccount({
    name: ADMIN,
    nameKey: nameKey(ADMIN),
    role: "admin",
    now,
  });
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
  using _closed = file;
  const token = newToken();
  await users.addToken(admin.id, { tokenHash: await hashToken(token), now });
  // Short enough for one write; synced, since the store keeps no copy of it.
  file.writeSync(new TextEncoder().encode(`${token}\n`));
  file.syncSync();
  return true;
}
