// The index of the search for each database.

import { MYSQL_FULL_TEXT } from "../mysql/full_text.ts";
import { SQLITE_FULL_TEXT } from "../sqlite/full_text.ts";
import type { SqlDriver } from "../sql.ts";
import type { FullText } from "./full_text.ts";

export const FULL_TEXT: Readonly<Record<SqlDriver["dialect"], FullText>> = {
  mysql: MYSQL_FULL_TEXT,
  sqlite: SQLITE_FULL_TEXT,
};
