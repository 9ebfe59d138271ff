import { assert, assertEquals } from "@std/assert";
import { ensureAdminToken } from "../../lib/server/admin_token.ts";
import { hashToken } from "../../lib/server/tokens.ts";
import { openSqlite } from "../../lib/store/sqlite.ts";
import { openRepository } from "../../lib/store/sql_repository.ts";
import type { Repository } from "../../lib/store/repository.ts";

const NOW = Date.UTC(2026, 0, 1);

Deno.test("admin token: the first start writes it, for its own user alone", async () => {
  await inDirectory(async ({ repository, path }) => {
    assert(await ensureAdminToken(repository, { path, now: NOW }));
    assertEquals(await findRole(repository, path), "admin");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("admin token: a later start leaves it as it is", async () => {
  await inDirectory(async ({ repository, path }) => {
    await ensureAdminToken(repository, { path, now: NOW });
    const token = Deno.readTextFileSync(path);
    assertEquals(await ensureAdminToken(repository, { path, now: NOW }), false);
    assertEquals(Deno.readTextFileSync(path), token);
  });
});

Deno.test("admin token: a first start that was cut off does not lock the admin out", async () => {
  await inDirectory(async ({ repository, path }) => {
    Deno.writeTextFileSync(path, "");
    Deno.writeTextFileSync(`${path}.new`, "half of a tok");
    assert(await ensureAdminToken(repository, { path, now: NOW }));
    assertEquals(await findRole(repository, path), "admin");
    const names = Array.from(Deno.readDirSync(path.replace(/\/[^/]*$/, "")), ({ name }) => name);
    assertEquals(names.filter((name) => name.startsWith("admin")), ["admin.token"]);
  });
});

async function findRole(repository: Repository, path: string): Promise<string | undefined> {
  const tokenHash = await hashToken(Deno.readTextFileSync(path).trim());
  return (await repository.users.findByToken(tokenHash, { now: NOW }))?.role;
}

async function inDirectory(
  work: (place: { repository: Repository; path: string }) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-" });
  try {
    await using repository = await openRepository(
      await openSqlite({ path: `${directory}/parley.db` }),
      { now: () => NOW },
    );
    await work({ repository, path: `${directory}/admin.token` });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
