// Accounts and their passwords, on every database: what coincides with a change of a password is refused,
// and administrators do not run out.

import { assertEquals } from "@std/assert";
import type { Repository } from "../../lib/store/repository.ts";
import type { UserRecord } from "../../lib/store/records.ts";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { openTestRepository, testEachStore } from "../support/stores/databases.ts";
import { createGuest, newTokenHash } from "../support/stores/store_facts.ts";

const NOW = 1_000;

const token = () => ({ tokenHash: newTokenHash(), now: NOW });

/** A guest who has registered with the hash `from`. */
async function createAccount(
  repository: Repository,
  { name = "ann", password = "from" }: { name?: string; password?: string } = {},
): Promise<UserRecord> {
  const guest = await createGuest(repository, name);
  await repository.accounts.register(guest.id, { name: userNameOf(name), password, now: NOW });
  return guest;
}

testEachStore(
  "accounts: a login by a password that was replaced gets no token",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { accounts } = repository;
    const { id } = await createAccount(repository);
    const first = await accounts.addToken(id, { password: "from", token: token(), most: 9 });
    assertEquals(first?.ended, []);
    const ended = await accounts.setPassword(id, {
      from: "from",
      to: "to",
      keep: undefined,
      now: NOW,
    });
    assertEquals(ended?.length, 2);
    assertEquals(
      await accounts.addToken(id, { password: "from", token: token(), most: 9 }),
      undefined,
    );
    await accounts.update(id, { isSuspended: true, now: NOW });
    assertEquals(
      await accounts.addToken(id, { password: "to", token: token(), most: 9 }),
      undefined,
    );
  },
);

testEachStore(
  "accounts: of changes of one password at once one is made, and no login outlives it",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { accounts, tokens } = repository;
    const { id } = await createAccount(repository);
    const change = (to: string) =>
      accounts.setPassword(id, { from: "from", to, keep: undefined, now: NOW });
    const logIn = () => accounts.addToken(id, { password: "from", token: token(), most: 9 });
    const [a, , b] = await Promise.all([change("a"), logIn(), change("b"), logIn(), logIn()]);
    assertEquals([a, b].filter((ended) => ended === undefined).length, 1);
    assertEquals(await tokens.list(id, { after: 0, limit: 10, now: NOW }), []);
    const login = await accounts.find("ann");
    assertEquals(login?.password, a === undefined ? "b" : "a");
  },
);

testEachStore(
  "accounts: a new password ends the codes for its user, and no others",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { accounts, codes } = repository;
    const ann = await createAccount(repository);
    const bob = await createAccount(repository, { name: "bob" });
    const hashes = await Promise.all(
      ([["device", ann], ["reset", ann], ["device", bob]] as const).map(async ([kind, user]) => {
        const codeHash = newTokenHash();
        await codes.add({
          codeHash,
          kind,
          creator: user.id,
          user: user.id,
          uses: 1,
          now: NOW,
          expires: NOW + 1_000,
        });
        return codeHash;
      }),
    );
    await accounts.setPassword(ann.id, { from: "from", to: "to", keep: undefined, now: NOW });
    const found = await Promise.all(hashes.map((hash) => codes.find(hash, { now: NOW })));
    assertEquals(found.map((code) => code?.user?.name), [undefined, undefined, "bob"]);
  },
);

testEachStore(
  "accounts: of administrators who demote each other at once one stays",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { accounts, users } = repository;
    const admins = await Promise.all(
      ["ann", "bob", "eve"].map((name) =>
        accounts.create({ name: userNameOf(name), role: "admin", isBot: false, now: NOW })
      ),
    );
    for (const { id } of admins) await users.addToken(id, token());
    // An administrator who has no way in does not count.
    await accounts.create({ name: userNameOf("zoe"), role: "admin", isBot: false, now: NOW });
    const done = await Promise.all(
      admins.map(({ id }, at) =>
        accounts.update(
          id,
          at === 0 ? { isSuspended: true, now: NOW } : { role: "member", now: NOW },
        )
      ),
    );
    assertEquals(done.filter((one) => one === "last_admin").length, 1);
    const listed = await accounts.list({ after: "", limit: 10 });
    assertEquals(listed.filter((one) => one.role === "admin" && !one.isSuspended).length, 2);
  },
);

testEachStore(
  "accounts: a guest who registers is an account once, under a name of their own",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { accounts, users } = repository;
    const guest = await createGuest(repository, "ann");
    await createGuest(repository, "bob");
    const register = (name: string) =>
      accounts.register(guest.id, { name: userNameOf(name), password: undefined, now: NOW })
        .catch(({ name }: Error) => name);
    assertEquals(await register("B0b"), "NameHeldError");
    const done = await Promise.all([register("ann"), register("Anna")]);
    assertEquals(done.toSorted(), [false, true]);
    const [found] = [...(await users.findMany([guest.id])).values()];
    assertEquals([found?.role, found?.name], ["member", done[0] === true ? "ann" : "Anna"]);
  },
);

testEachStore(
  "accounts: the oldest tokens of the same program make room for a new one",
  async (database) => {
    await using repository = await openTestRepository(database);
    const { accounts, tokens, users } = repository;
    const { id } = await createAccount(repository);
    const others: number[] = [];
    for (const client of ["phone", "script", "script", "desk"]) {
      others.push(await users.addToken(id, { ...token(), client }));
    }
    const login = { password: "from", token: { ...token(), client: "script" }, most: 5 };
    const added = await accounts.addToken(id, login);
    assertEquals(added?.ended, [{ token: others[1] ?? 0, user: id }]);
    const listed = await tokens.list(id, { after: 0, limit: 10, now: NOW });
    assertEquals(listed.map(({ client }) => client), ["", "phone", "script", "desk", "script"]);
  },
);
