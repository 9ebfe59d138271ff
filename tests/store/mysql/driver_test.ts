// What is MySQL's own: two servers on one database, and a network that loses what passes.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import type { Repository } from "../../../lib/store/repository.ts";
import { type Appended, roomId, userId } from "../../../lib/store/records.ts";
import { OpenError, type OpenFault, type Sql } from "../../../lib/store/sql.ts";
import { openRepository } from "../../../lib/store/sql_repository.ts";
import {
  HOW_TO_TEST_MYSQL,
  isMysqlMissing,
  type MysqlTestDatabase,
  testMysql,
} from "../../support/stores/mysql.ts";
import { MysqlRelay } from "../../support/stores/mysql_relay.ts";
import { type Asked, overhear } from "../../support/stores/recording_driver.ts";
import { openTestRepository } from "../../support/stores/databases.ts";
import { createGuest, createRoom, draft, LOBBY } from "../../support/stores/store_facts.ts";
import { freePort } from "../../support/processes/ports.ts";

const NOW = 1_000;
const UNAVAILABLE: Appended = { refused: "unavailable" };

function stored(seq: number): Appended {
  return { seq, time: NOW, dup: false };
}

// The one line that says why so many are ignored.
if (isMysqlMissing()) {
  Deno.test.ignore(`mysql: nothing is tested on MySQL: ${HOW_TO_TEST_MYSQL}`, () => {});
}

/** A test whose repository reaches its database through a relay. */
function testRelayed(
  name: string,
  body: (scene: { repository: Repository; relay: MysqlRelay; user: number }) => Promise<void>,
): void {
  testMysql(`mysql: ${name}`, async (database) => {
    await using relay = new MysqlRelay(database.options);
    const options = { ...database.options, host: "127.0.0.1", port: relay.port };
    await using repository = await openRepository(await openMysql(options), {
      now: () => NOW,
      waitMs: 3_000,
    });
    const { id: user } = await createGuest(repository);
    await body({ repository, relay, user });
  });
}

async function contents({ messages }: Repository): Promise<readonly string[]> {
  const events = await messages.after(LOBBY, 0, 1_000);
  assertEquals(events.map((event) => event.seq), events.map((_, index) => index + 1));
  return events.map((event) => event.body.content);
}

testMysql(
  "mysql: two servers write to the same rooms, and every seq is there once",
  async (database) => {
    await using one = await openTestRepository(database);
    await using two = await openTestRepository(database);
    assertEquals(one.epoch, two.epoch);
    const rooms = await Promise.all([1, 2, 3, 4].map((n) => createRoom(one, `room${n}`)));
    const users = await Promise.all(
      [one, two].map((server, n) => createGuest(server, `guest${n}`)),
    );
    const count = 300;
    const answers = await Promise.all(
      [one, two].map(({ messages }, server) =>
        Promise.all(Array.from({ length: count }, async (_, n) => {
          const room = rooms[n % rooms.length]?.id ?? 0;
          const one = draft(users[server]?.id ?? 0, {
            room: roomId(room),
            content: `${server} ${n}`,
            cid: `${n}`,
          });
          const [answer] = await messages.append([one]);
          assert(answer !== undefined && "seq" in answer);
          return { room, seq: answer.seq, content: one.body.content };
        }))
      ),
    );
    for (const room of rooms) {
      const events = await two.messages.after(room.id, 0, 1_000);
      assertEquals(events.map((event) => event.seq), events.map((_, index) => index + 1));
      const reported = answers.flat().filter((answer) => answer.room === room.id);
      assertEquals(events.length, reported.length);
      for (const { seq, content } of reported) assertEquals(events[seq - 1]?.body.content, content);
      // Of one server, what was asked first comes first.
      for (const server of ["0", "1"]) {
        const own = events.filter((event) => event.body.content.startsWith(server));
        const order = own.map((event) => Number(event.body.content.slice(2)));
        assertEquals(order, order.toSorted((a, b) => a - b));
      }
    }
  },
);

testMysql("mysql: one cid on two servers at once is stored once", async (database) => {
  await using one = await openTestRepository(database);
  await using two = await openTestRepository(database);
  const { id: user } = await createGuest(one);
  const cids = Array.from({ length: 60 }, (_, n) => `c${n}`);
  const answers = await Promise.all(
    [one, two].map(({ messages }) =>
      Promise.all(cids.map((cid) => messages.append([draft(user, { content: cid, cid })])))
    ),
  );
  const [first = [], second = []] = answers.map((each) => each.flat());
  for (const [index, cid] of cids.entries()) {
    const [a, b] = [first[index], second[index]];
    assert(a !== undefined && "seq" in a && b !== undefined && "seq" in b, cid);
    assertEquals([a.seq, a.time], [b.seq, b.time]);
    assertEquals(a.dup !== b.dup, true);
  }
  assertEquals((await contents(one)).toSorted(), cids.toSorted());
});

testMysql(
  "mysql: a writer whose connection is killed while it waits goes on with another",
  async (database) => {
    await using repository = await openTestRepository(database);
    const driver = await database.open();
    await using _closed = driver;
    const { id: user } = await createGuest(repository);
    await repository.messages.append([draft(user, { content: "before" })]);
    const late = await driver.transaction(async (sql) => {
      await sql.queryLocking("SELECT room_id FROM Rooms WHERE room_id = 1");
      const late = repository.messages.append([draft(user, { content: "killed", cid: "c" })]);
      const victim = await whoWaits(database);
      await database.run(`KILL CONNECTION ${victim}`);
      return { late };
    });
    assertEquals(await late.late, [stored(2)]);
    assertEquals(await contents(repository), ["before", "killed"]);
  },
);

/** The connection that waits for a lock on the test's database. */
async function whoWaits(database: MysqlTestDatabase): Promise<number> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    const [row] = await database.run(
      "SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE Rooms%' " +
        `AND db = '${database.options.database}'`,
    );
    if (row !== undefined) return Number(row.id);
  }
  throw new Error("Nobody waits for the lock");
}

for (
  const [fate, says] of [
    ["answer lost", "a commit whose answer is lost is found"],
    ["commit lost", "a commit that is lost is done again"],
  ] as const
) {
  for (const cid of ["c", undefined]) {
    testRelayed(`${says}, ${cid === undefined ? "without" : "with"} a cid`, async (scene) => {
      const { repository, relay, user } = scene;
      await repository.messages.append([draft(user, { content: "before" })]);
      relay.loseNextCommit(fate);
      const drafts = [draft(user, { content: "a" }), draft(user, { content: "b", cid })];
      const answers = repository.messages.append(drafts);
      const later = repository.messages.append([draft(user, { content: "c" })]);
      assertEquals(await answers, [stored(2), stored(3)]);
      assertEquals(await later, [stored(4)]);
      assertEquals(await contents(repository), ["before", "a", "b", "c"]);
    });
  }
}

testRelayed("a database that goes and comes back loses nothing", async (scene) => {
  const { repository, relay, user } = scene;
  await repository.messages.append([draft(user, { content: "before" })]);
  const comeBack = relay.takeDown();
  const waiting = repository.messages.append([draft(user, { content: "meanwhile" })]);
  await assertRejects(() => repository.messages.after(LOBBY, 0, 1));
  comeBack();
  assertEquals(await waiting, [stored(2)]);
  assertEquals(await contents(repository), ["before", "meanwhile"]);
});

testMysql("mysql: a frozen database is waited for no longer than promised", async (database) => {
  await using relay = new MysqlRelay(database.options);
  const options = { ...database.options, host: "127.0.0.1", port: relay.port };
  await using repository = await openRepository(await openMysql(options), {
    now: () => NOW,
    // Long enough that "sent" is on its way by then, however busy the machine is.
    waitMs: 1_000,
  });
  const { id: user } = await createGuest(repository);
  await repository.messages.append([draft(user, { content: "before" })]);
  const thaw = relay.freeze();
  const sent = repository.messages.append([draft(user, { content: "sent" })]);
  const unsent = new Promise((resolve) => setTimeout(resolve, 10))
    .then(() => repository.messages.append([draft(user, { content: "never sent" })]));
  assertEquals([await sent, await unsent], [[UNAVAILABLE], [UNAVAILABLE]]);
  thaw();
  // How long the thaw takes is a matter of timing.
  let answers: readonly Appended[] = [UNAVAILABLE];
  while (answers[0] === undefined || "refused" in answers[0]) {
    answers = await repository.messages.append([draft(user, { content: "after" })]);
  }
  assertEquals(await contents(repository), ["before", "sent", "after"]);
});

testMysql("mysql: a page is read without the rest of a long room", async (database) => {
  const driver = await database.open();
  const asked: Asked[] = [];
  await using repository = await openRepository(overhear(driver, asked), {
    now: () => NOW,
    limits: { pending: 10_000 },
  });
  const { id: user } = await createGuest(repository);
  await repository.messages.append(Array.from({ length: 5_000 }, () => draft(user)));
  await driver.query("ANALYZE TABLE Messages, Users");
  asked.length = 0;
  await repository.messages.after(LOBBY, 2_000, 50);
  await repository.messages.before(LOBBY, 3_000, 50);
  await repository.messages.before(LOBBY, Number.MAX_SAFE_INTEGER, 50);
  await repository.messages.firstAt(LOBBY, NOW);
  await repository.members.markRead({ room: LOBBY, user: userId(user + 1), seq: 4_900 });
  for (const { sql, params } of asked) {
    const rows = await driver.transaction(async (one) => {
      const before = await rowsRead(one);
      await one.query(sql, params);
      return await rowsRead(one) - before;
    });
    assertEquals(rows <= 2 * 101, true, `${rows}: ${sql}`);
  }
});

/** Rows that a connection has read so far, in any way. */
async function rowsRead(sql: Sql): Promise<number> {
  const rows = await sql.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, row) => sum + Number(row.Value), 0);
}

testMysql("mysql: a missing database is made, and its text is utf8mb4", async (database) => {
  const { options, run } = database;
  await run(`DROP DATABASE ${options.database}`);
  await using repository = await openRepository(await database.open(), { now: () => 1_000 });
  assertEquals((await repository.rooms.find("lobby"))?.id, LOBBY);
  const [row] = await run(
    "SELECT default_character_set_name AS text FROM information_schema.schemata " +
      `WHERE schema_name = '${options.database}'`,
  );
  assertEquals(row?.text, "utf8mb4");
});

testMysql(
  "mysql: what a server's defaults leave open is set for every connection",
  async (database) => {
    await using driver = await database.open();
    const select = "SELECT @@innodb_lock_wait_timeout AS wait, @@time_zone AS zone, " +
      "@@character_set_client AS text, @@sql_mode AS mode, @@optimizer_switch AS switches";
    const all = [
      ...await driver.query(select),
      ...await driver.transaction((sql) => sql.query(select)),
      ...await driver.writer.transaction((sql) => sql.query(select)),
    ];
    for (const { wait, zone, text, mode, switches } of all) {
      assertEquals([wait, zone, text], [1, "+00:00", "utf8mb4"]);
      assertMatch(String(mode), /STRICT_ALL_TABLES/);
      // MySQL has no such cache.
      assertEquals(/subquery_cache=on/.test(String(switches)), false);
    }
    assertEquals(all.length, 3);
  },
);

testMysql("mysql: a transaction sees what others commit meanwhile", async (database) => {
  await using driver = await database.open();
  await driver.execute("CREATE TABLE A (n INT)");
  const seen = await driver.transaction(async (sql) => {
    const before = await sql.query("SELECT n FROM A");
    await driver.execute("INSERT INTO A (n) VALUES (7)");
    return [...before, ...await sql.query("SELECT n FROM A")];
  });
  assertEquals(seen, [{ n: 7 }]);
});

testMysql("mysql: one process at a time changes the schema", async (database) => {
  await using one = await database.open();
  await using two = await database.open();
  const order: string[] = [];
  const change = (driver: typeof one, name: string) =>
    driver.withSchemaLock(async (sql) => {
      order.push(`${name} begins`);
      await sql.query("SELECT SLEEP(0.05) AS slept");
      order.push(`${name} ends`);
    });
  await Promise.all([change(one, "a"), change(two, "b")]);
  const [first] = order[0]?.split(" ") ?? [];
  const second = first === "a" ? "b" : "a";
  assertEquals(order, [`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
});

testMysql("mysql: several servers may begin on one new database at once", async (database) => {
  const open = async () => await openRepository(await database.open(), { now: () => 1_000 });
  const repositories = await Promise.all([1, 2, 3].map(open));
  assertEquals(new Set(repositories.map(({ epoch }) => epoch)).size, 1);
  for (const repository of repositories) {
    assertEquals((await repository.rooms.list({ limit: 10 })).length, 1);
    await repository[Symbol.asyncDispose]();
  }
});

testMysql(
  "mysql: what cannot be opened is said in a line, without the password",
  async (database) => {
    const cases: readonly (readonly [Partial<MysqlOptions>, OpenFault, RegExp])[] = [
      [{ port: freePort() }, "unreachable", /^Cannot reach MySQL at .*: ECONNREFUSED$/],
      [{ host: "no-such-host.invalid" }, "unreachable", /no-such-host/],
      [{ user: "nobody_here", password: "pa55" }, "refused", /refuses user "nobody_here"/],
      [{ database: "a`b" }, "refused", /"a`b"/],
      [{ database: "" }, "refused", /""/],
    ];
    for (const [wrong, kind, says] of cases) {
      const error = await assertRejects(
        () => openMysql({ ...database.options, ...wrong }),
        OpenError,
      );
      assertEquals(error.kind, kind, error.message);
      assertMatch(error.message, says);
      assertEquals(/pa55|\n/.test(error.message), false);
    }
  },
);

testMysql("mysql: it needs one address and no code from strings", async (database) => {
  const { host, port } = database.options;
  const run = async (allowed: string) => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--cached-only",
        "--no-check",
        `--allow-net=${allowed}`,
        "--v8-flags=--disallow-code-generation-from-strings",
        new URL("../../support/stores/mysql_program.ts", import.meta.url).pathname,
        JSON.stringify(database.options),
      ],
      stderr: "inherit",
    }).output();
    return new TextDecoder().decode(stdout).trimEnd();
  };
  assertMatch(await run(`${host}:${port}`), /"seq":1,/);
  assertEquals(
    await run("127.0.0.1:1"),
    `refused: Cannot connect to ${host}:${port}: start with --allow-net=${host}:${port}`,
  );
});
