// Loaded before the server's program: as long as a file lies in its data, no SQLite database may grow,
// as on a full disk. Statements, locks and the program itself are as they are.

import { existsSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** Below the directory in which the server is started. */
const FILE = "data/disk-is-full";
const LOOK_MS = 5;
/** SQLite makes of a lower limit the size that the database has. */
const FULL_PAGES = 1;
const MOST_PAGES = 4_294_967_294;

const databases = new Set<DatabaseSync>();
const { prepare } = DatabaseSync.prototype;
let isFull = false;

DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string): StatementSync {
  databases.add(this);
  return prepare.call(this, sql);
};

Deno.unrefTimer(setInterval(() => {
  if (existsSync(FILE) === isFull) return;
  isFull = !isFull;
  for (const database of databases) {
    if (!database.isOpen) continue;
    prepare.call(database, `PRAGMA max_page_count = ${isFull ? FULL_PAGES : MOST_PAGES}`).all();
  }
}, LOOK_MS));
