// What an error of MySQL means, and that no text of a server or a user is passed on.

import { assertEquals } from "@std/assert";
import { isUnknownDatabase, openErrorOf, sqlErrorOf } from "../../../lib/store/mysql/errors.ts";
import type { OpenFault, SqlFault } from "../../../lib/store/sql.ts";

const SECRET = "Duplicate entry 'a secret' for key";

function mysqlError(errno: number, code = "ER_SOMETHING", message = SECRET): Error {
  return Object.assign(new Error(message), { errno, code });
}

Deno.test("mysql errors: an answer is judged by its number", () => {
  const cases: readonly (readonly [number, SqlFault])[] = [
    [1062, "duplicate"],
    [1050, "exists"],
    [1205, "locked"],
    [3572, "locked"],
    [1213, "conflict"],
    [1021, "full"],
    [1114, "full"],
    [1053, "lost"],
    [1290, "lost"],
    [1927, "lost"],
    [1452, "refused"],
    [1406, "refused"],
    [1064, "refused"],
  ];
  for (const [errno, kind] of cases) {
    const error = sqlErrorOf(mysqlError(errno), true);
    assertEquals([error.kind, error.errno], [kind, errno]);
    assertEquals(error.message.startsWith(`MySQL error ${errno}`), true, error.message);
    assertEquals([error.message.includes("secret"), error.cause], [false, undefined]);
  }
});

Deno.test("mysql errors: an engine without space is full, another of its faults is not", () => {
  const full = 'Got error 28 "No space left on device" from storage engine InnoDB';
  assertEquals(sqlErrorOf(mysqlError(1030, "ER_GET_ERRNO", full), true).kind, "full");
  const other = 'Got error 280 "Unknown" from storage engine InnoDB';
  assertEquals(sqlErrorOf(mysqlError(1030, "ER_GET_ERRNO", other), true).kind, "lost");
});

Deno.test("mysql errors: without an answer the connection is lost, whatever is thrown", () => {
  for (
    const error of [new Error("in closed state"), mysqlError(0, "ECONNRESET"), "odd", undefined]
  ) {
    assertEquals(sqlErrorOf(error, false).kind, "lost");
  }
  assertEquals(sqlErrorOf(mysqlError(1062), false).kind, "duplicate");
});

Deno.test("mysql errors: a mapped error stays what it is", () => {
  const error = sqlErrorOf(mysqlError(1062), true);
  assertEquals(sqlErrorOf(error, false) === error, true);
});

Deno.test("mysql errors: who starts the server is told what to change", () => {
  const target = { host: "::1", port: 3306, user: "ada", database: "chat" };
  const cases: readonly (readonly [unknown, OpenFault, string])[] = [
    [mysqlError(1045), "refused", 'refuses user "ada"'],
    [mysqlError(1044), "refused", 'no database "chat"'],
    [mysqlError(1049), "refused", 'no database "chat"'],
    [mysqlError(1040, "ER_CON_COUNT_ERROR"), "unreachable", "error 1040: too many"],
    [mysqlError(-111, "ECONNREFUSED"), "unreachable", "[::1]:3306: ECONNREFUSED"],
    [new Error("closed"), "unreachable", "did not answer"],
    [new Deno.errors.NotCapable("net"), "refused", "--allow-net=[::1]:3306"],
  ];
  for (const [error, kind, says] of cases) {
    const open = openErrorOf(target, error);
    assertEquals(open.kind, kind);
    assertEquals(open.message.includes(says), true, open.message);
    assertEquals(open.message.includes("secret"), false, open.message);
  }
  assertEquals([isUnknownDatabase(mysqlError(1049)), isUnknownDatabase("x")], [true, false]);
});
