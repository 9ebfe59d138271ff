// What a MySQL that refuses comes to at the start: every code that is known, and what a real server says.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MYSQL_CODES } from "../../../lib/store/mysql/error_codes.ts";
import { ensureAdminToken } from "../../../lib/server/process/admin_token.ts";
import { ensureConsoleUser } from "../../../lib/server/console/console_user.ts";
import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { OpenError, openErrorFrom, type OpenFault, SqlError } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import { type RefusedAt, startFakeMysql } from "../../support/stores/fake_mysql.ts";
import { isMysqlMissing, type MysqlTestDatabase, testMysql } from "../../support/stores/mysql.ts";
import { startOwnMysqlServer } from "../../support/stores/mysql_server.ts";

const LONG_MS = 10_000;
const SECRET = "Duplicate entry 'a secret' for key";
const REFUSED = [
  ...[1044, 1045, 1049, 1129, 1130, 1142, 1143, 1227, 1251, 1275, 1286, 1290, 1370, 1461, 1524],
  ...[1665, 1698, 1792, 1820, 1836, 1862, 2049, 3118, 3159, 3955, 4151, 1036],
];
const UNREACHABLE = [1040, 1041, 1042, 1053, 1203, 1226, 1317, 1927, 1969, 3024, 3032, 4031];

async function openingError(port: number): Promise<OpenError> {
  return await assertRejects(
    async () => {
      const options = { host: "127.0.0.1", port, user: "ada", password: "pa55", database: "chat" };
      await using _repository = await openRepository(await openMysql(options), { now: () => 0 });
    },
    OpenError,
  );
}

/** All that a server asks of its database before it listens. @returns what a person is told */
async function startOn(options: MysqlOptions): Promise<OpenError | undefined> {
  const directory = await Deno.makeTempDir();
  try {
    await using repository = await openRepository(await openMysql(options), { now: () => 0 });
    await ensureAdminToken(repository, {
      path: `${directory}/admin.token`,
      now: 0,
      ownsStore: false,
    });
    await ensureConsoleUser(repository, { now: 0 });
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return openErrorFrom(error);
    if (error instanceof OpenError) return error;
    throw error;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function assertPlain(message: string): void {
  assertEquals(/secret|pa55|ER_[A-Z]|\n|undefined/.test(message), false, message);
}

Deno.test("mysql open: every known code is told by its number and a sentence, never by the server's text", async () => {
  for (const errno of MYSQL_CODES.keys()) {
    for (const at of ["greeting", "login", "statement"] satisfies RefusedAt[]) {
      // Where the database is missing, it is made: another connection.
      await using server = startFakeMysql({ errno, text: SECRET, at });
      const { kind, message } = await openingError(server.port);
      assertPlain(message);
      assertMatch(message, new RegExp(`error ${errno}\\b`));
      if (REFUSED.includes(errno)) assertEquals(kind, "refused", message);
      if (UNREACHABLE.includes(errno)) assertEquals(kind, "unreachable", message);
    }
  }
  for (const errno of [...REFUSED, ...UNREACHABLE]) assert(MYSQL_CODES.has(errno), `${errno}`);
});

Deno.test("mysql open: a code that is not known is told by its number", async () => {
  await using server = startFakeMysql({ errno: 4242, text: SECRET, at: "statement" });
  const { message } = await openingError(server.port);
  assertEquals(message, `Cannot use MySQL at 127.0.0.1:${server.port}: MySQL error 4242`);
});

/** An account with the rights on the test's database, made by `how`. */
async function createAccount(
  database: MysqlTestDatabase,
  { grants = "ALL", how = "" }: { grants?: string; how?: string },
): Promise<{ user: string; drop: () => Promise<unknown> }> {
  const user = `u${crypto.randomUUID().slice(0, 8)}`;
  const account = `'${user}'@'%'`;
  await database.run(`CREATE USER ${account} IDENTIFIED BY 'pa55' ${how}`);
  await database.run(`GRANT ${grants} ON ${database.options.database}.* TO ${account}`);
  return { user, drop: () => database.run(`DROP USER ${account}`) };
}

const ACCOUNTS: readonly (readonly [how: string, grants: string, says: RegExp])[] = [
  ["ACCOUNT LOCK", "ALL", /account is locked/],
  ["PASSWORD EXPIRE", "ALL", /password has expired/],
  ["REQUIRE SSL", "ALL", /refuses user "u\w+" from here: .*\?tls=required/],
  ["", "SELECT", /error 1142: this user lacks a privilege/],
];
for (const [how, grants, says] of ACCOUNTS) {
  testMysql(
    `mysql open: an account with ${how || grants} is told what is wrong`,
    async (database) => {
      const account = await createAccount(database, { how, grants });
      try {
        const options = { ...database.options, user: account.user, password: "pa55" };
        const error = await assertRejects(
          async () => void await openRepository(await openMysql(options), { now: () => 0 }),
          OpenError,
        );
        assertEquals(error.kind, "refused");
        assertMatch(error.message, says);
        assertPlain(error.message);
      } finally {
        await account.drop();
      }
    },
  );
}

interface Setting {
  readonly set: string;
  readonly reset: string;
  readonly kind: OpenFault;
  readonly says: RegExp;
}

const SETTINGS: readonly Setting[] = [
  {
    set: "max_prepared_stmt_count = 0",
    reset: "max_prepared_stmt_count = 16382",
    kind: "refused",
    says: /error 1461: .*max_prepared_stmt_count/,
  },
  {
    set: "binlog_format = 'STATEMENT'",
    reset: "binlog_format = 'ROW'",
    kind: "refused",
    says: /1665.*binlog_format = 'ROW'/,
  },
  {
    set: "max_allowed_packet = 1024",
    reset: "max_allowed_packet = 16777216",
    kind: "refused",
    says: /max_allowed_packet 1024/,
  },
  {
    set: "read_only = ON",
    reset: "read_only = OFF",
    kind: "refused",
    says: /error 1290: the server is read-only/,
  },
  {
    set: "max_connections = 10",
    reset: "max_connections = 100",
    kind: "unreachable",
    says: /error 1040: too many connections/,
  },
];

Deno.test({
  name: "mysql open: how a server is set is told with the way out",
  ignore: isMysqlMissing(),
  async fn(): Promise<void> {
    await using server = await startOwnMysqlServer(["--log-bin=binlog"]);
    const at = { host: "127.0.0.1", port: server.port, database: undefined };
    const root = await MysqlConnection.open({ ...at, user: "root" }, LONG_MS);
    await root.command("CREATE DATABASE chat");
    await root.command("CREATE USER 'ada'@'%' IDENTIFIED BY 'pa55'");
    await root.command("GRANT ALL ON chat.* TO 'ada'@'%'");
    for (const { set, reset, kind, says } of SETTINGS) {
      await root.command(`SET GLOBAL ${set}`);
      const crowd = kind === "unreachable"
        ? await Promise.all(
          Array.from({ length: 9 }, () =>
            MysqlConnection.open({ ...at, user: "ada", password: "pa55" }, LONG_MS)),
        )
        : [];
      const error = await openingError(server.port);
      assertEquals(error.kind, kind, error.message);
      assertMatch(error.message, says);
      assertPlain(error.message);
      for (const connection of crowd) await connection.close();
      await root.command(`SET GLOBAL ${reset}`);
    }
    // However few statements can be prepared, the start ends in a line for a person, or not at all.
    for (let count = 1, isOpen = false; !isOpen; count += 2) {
      await root.command(`SET GLOBAL max_prepared_stmt_count = ${count}`);
      const failure = await startOn({ ...at, user: "ada", password: "pa55", database: "chat" });
      isOpen = failure === undefined;
      if (failure !== undefined) {
        assertEquals([failure.kind, failure.message.includes("1461")], ["refused", true]);
      }
    }
    await root.command("SET GLOBAL max_prepared_stmt_count = 16382");
    // With all as it was, it opens.
    const options = { ...at, user: "ada", password: "pa55", database: "chat" };
    await using _repository = await openRepository(await openMysql(options), { now: () => 0 });
    await root.close();
  },
});
