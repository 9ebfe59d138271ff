import { assertEquals, assertRejects } from "@std/assert";
import { MYSQL_FULL_TEXT } from "../../../lib/store/mysql/full_text.ts";
import { type Sql, SqlError } from "../../../lib/store/sql.ts";

/** A database that answers each statement with this error. */
function failing(error: SqlError): Sql {
  return { query: () => Promise.reject(error), execute: () => Promise.reject(error) };
}

const QUERY = {
  all: [{ tokens: ["xthe"], isPrefix: false }],
  none: [],
  joins: "",
  condition: "1 = 1",
  params: [],
  columns: "m.seq",
  below: 100,
  limit: 20,
};

Deno.test("mysql search: what the database gives up in time or in size is too common, not a fault", async () => {
  const tooCommon = [
    { errno: 1969, what: "MariaDB's time" },
    { errno: 3024, what: "MySQL's time" },
    { errno: 188, what: "InnoDB's size" },
  ];
  for (const { errno, what } of tooCommon) {
    const sql = failing(new SqlError("unknown", what, errno));
    assertEquals(await MYSQL_FULL_TEXT.find(sql, QUERY), undefined, what);
  }
});

Deno.test("mysql search: any other error is one", async () => {
  const sql = failing(new SqlError("unknown", "gone away", 2006));
  await assertRejects(() => MYSQL_FULL_TEXT.find(sql, QUERY), SqlError, "gone away");
});
