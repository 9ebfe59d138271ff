import { assertEquals, assertRejects } from "@std/assert";
import { ensureAdminToken } from "../../../lib/server/process/admin_token.ts";
import { hashToken } from "../../../lib/server/tokens.ts";
import { openSqlite } from "../../../lib/store/sqlite/driver.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import type { Repository } from "../../../lib/store/repository.ts";

const NOW = Date.UTC(2026, 0, 1);

Deno.test("admin token: the first start writes it, for its own user alone", async () => {
  await inDirectory(async ({ repository, path }) => {
    assertEquals(
      await ensureAdminToken(repository, { path, now: NOW, ownsStore: true }),
      "written",
    );
    assertEquals(await findRole(repository, path), "admin");
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("admin token: a later start leaves it as it is", async () => {
  await inDirectory(async ({ repository, path }) => {
    await ensureAdminToken(repository, { path, now: NOW, ownsStore: true });
    const token = Deno.readTextFileSync(path);
    assertEquals(await ensureAdminToken(repository, { path, now: NOW, ownsStore: true }), "known");
    assertEquals(Deno.readTextFileSync(path), token);
  });
});

Deno.test("admin token: a first start that was cut off does not lock the admin out", async () => {
  await inDirectory(async ({ repository, path }) => {
    Deno.writeTextFileSync(path, "");
    Deno.writeTextFileSync(`${path}.new`, "half of a tok");
    assertEquals(
      await ensureAdminToken(repository, { path, now: NOW, ownsStore: true }),
      "written",
    );
    assertEquals(await findRole(repository, path), "admin");
    const names = Array.from(Deno.readDirSync(path.replace(/\/[^/]*$/, "")), ({ name }) => name);
    assertEquals(names.filter((name) => name.startsWith("admin")).sort(), [
      "admin.token",
      "admin.token.sha256",
    ]);
  });
});

const SHARED = { now: NOW, ownsStore: false } as const;

/** A folder of a server that shares its store. */
async function otherFolder(): Promise<{ path: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir({ prefix: "parley-folder-" });
  return {
    path: `${directory}/admin.token`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

Deno.test("admin token: servers of one store, each with a folder, each have one that works", async () => {
  await inDirectory(async ({ repository, path }) => {
    await using other = await otherFolder();
    for (const at of [path, other.path]) {
      assertEquals(await ensureAdminToken(repository, { path: at, ...SHARED }), "written");
    }
    for (const at of [path, other.path]) {
      assertEquals(await ensureAdminToken(repository, { path: at, ...SHARED }), "known");
      assertEquals(await findRole(repository, at), "admin");
    }
  });
});

Deno.test("admin token: deleted, it ends, and no other does", async () => {
  await inDirectory(async ({ repository, path }) => {
    await using other = await otherFolder();
    for (const at of [path, other.path]) {
      await ensureAdminToken(repository, { path: at, ...SHARED });
    }
    const ended = Deno.readTextFileSync(path);
    Deno.removeSync(path);
    assertEquals(await ensureAdminToken(repository, { path, ...SHARED }), "written");
    assertEquals(await roleOf(repository, ended), undefined);
    assertEquals(await findRole(repository, path), "admin");
    assertEquals(await findRole(repository, other.path), "admin");
  });
});

Deno.test("admin token: a copy of a folder does not bring back one that has ended", async () => {
  await inDirectory(async ({ repository, path }) => {
    await using copy = await otherFolder();
    await ensureAdminToken(repository, { path, ...SHARED });
    const ended = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(copy.path, ended, { mode: 0o600 });
    Deno.removeSync(path);
    await ensureAdminToken(repository, { path, ...SHARED });
    assertEquals(await ensureAdminToken(repository, { path: copy.path, ...SHARED }), "written");
    assertEquals(await roleOf(repository, ended), undefined);
    assertEquals(await findRole(repository, path), "admin");
    assertEquals(await findRole(repository, copy.path), "admin");
  });
});

Deno.test("admin token: a store that was created again gets the token of the kept folder", async () => {
  await using folder = await otherFolder();
  const { path } = folder;
  for (const outcome of ["written", "added"] as const) {
    await inDirectory(async ({ repository }) => {
      assertEquals(await ensureAdminToken(repository, { path, ...SHARED }), outcome);
      assertEquals(await findRole(repository, path), "admin");
    });
  }
});

Deno.test("admin token: one that this program did not create, or that others can read, is not used", async () => {
  await inDirectory(async ({ repository, path }) => {
    for (const [text, mode] of [["letmein", 0o600], ["x".repeat(43), 0o644]] as const) {
      Deno.writeTextFileSync(path, text, { mode });
      Deno.chmodSync(path, mode);
      assertEquals(await ensureAdminToken(repository, { path, ...SHARED }), "unusable");
      assertEquals(await findRole(repository, path), undefined);
    }
  });
});

Deno.test("admin token: what was cut off behind the store is finished by the next start", async () => {
  await inDirectory(async ({ repository, path }) => {
    await ensureAdminToken(repository, { path, ...SHARED });
    Deno.renameSync(path, `${path}.new`);
    const token = Deno.readTextFileSync(`${path}.new`);
    assertEquals(await ensureAdminToken(repository, { path, ...SHARED }), "written");
    assertEquals(Deno.readTextFileSync(path), token);
    assertEquals(await findRole(repository, path), "admin");
  });
});

Deno.test("admin token: many at once in one folder write one", async () => {
  await inDirectory(async ({ repository, path }) => {
    const starts = Array.from(
      { length: 5 },
      () => ensureAdminToken(repository, { path, ...SHARED }),
    );
    assertEquals((await Promise.all(starts)).filter((outcome) => outcome === "written").length, 1);
    assertEquals(await findRole(repository, path), "admin");
  });
});

Deno.test("admin token: in a folder that cannot be written the store is left as it is", async () => {
  await inDirectory(async ({ repository, path }) => {
    await ensureAdminToken(repository, { path, ...SHARED });
    const nowhere = `${path}/admin.token`;
    await assertRejects(() => ensureAdminToken(repository, { path: nowhere, ...SHARED }));
    assertEquals(await findRole(repository, path), "admin");
  });
});

async function roleOf(repository: Repository, token: string): Promise<string | undefined> {
  const tokenHash = hashToken(token.trim());
  return (await repository.users.findByToken(tokenHash, { now: NOW }))?.role;
}

async function findRole(repository: Repository, path: string): Promise<string | undefined> {
  const tokenHash = hashToken(Deno.readTextFileSync(path).trim());
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
