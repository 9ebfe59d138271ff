// The settings of a session, independent of the defaults that an administrator has chosen: nothing that
// is stored or shown may depend on those. Settings that a server does not know are left out.

/** How long a statement waits for a row lock of another transaction, in seconds. */
const LOCK_WAIT_S = 1;
const MAX_BIGINT = "18446744073709551615";

/**
 * By the names of SHOW VARIABLES, with the values it shows. None needs a privilege: of what does, such
 * as auto_increment_increment, nothing relies on the value.
 */
const SETTINGS: Readonly<Record<string, string | number>> = {
  // Values that cannot be represented are refused, and no other dialect of SQL is in use.
  sql_mode:
    "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
  // CURRENT_TIMESTAMP is UTC.
  time_zone: "+00:00",
  // Some errors differ only in their text.
  lc_messages: "en_US",

  autocommit: "ON",
  completion_type: "NO_CHAIN",
  foreign_key_checks: "ON",
  unique_checks: "ON",

  // A query gives all that it finds, in the order of whole values.
  sql_auto_is_null: "OFF",
  sql_safe_updates: "OFF",
  div_precision_increment: 4,
  max_sort_length: 1024,

  // Our own deadlines apply, and waiting for a lock ends well before them.
  innodb_lock_wait_timeout: LOCK_WAIT_S,
  lock_wait_timeout: 30,
  max_execution_time: 0,
  net_read_timeout: 30,
  net_write_timeout: 60,
  wait_timeout: 28_800,
  idle_transaction_timeout: 0,
  idle_readonly_transaction_timeout: 0,
  idle_write_transaction_timeout: 0,

  // The schema is changed in any way that the change allows.
  alter_algorithm: "DEFAULT",
};

/**
 * A subquery of ours has another result for each row: MariaDB would keep each in a temporary table, which costs
 * more than the look-up.
 */
const NO_CACHE = "optimizer_switch = 'subquery_cache=off'";

/**
 * The first commands. The limits also apply to the query for the other settings; only MariaDB reads its
 * part of the comment. init_connect may have chosen another character set.
 */
export const SESSION_COMMANDS: readonly string[] = [
  `SET SESSION sql_select_limit = ${MAX_BIGINT}, sql_big_selects = 1 ` +
  `/*M!, max_statement_time = 0, ${NO_CACHE} */ /*M!100207 , tmp_disk_table_size = ${MAX_BIGINT} */`,
  "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE",
];

/** Shows which of the settings there are, and what they are. */
export const SHOW_SESSION = "SHOW SESSION VARIABLES WHERE Variable_name IN (" +
  Object.keys(SETTINGS).map((name) => `'${name}'`).join(", ") + ")";

/** The statement that sets those that differ; undefined when none does. */
export function settingsCommand(
  shown: Iterable<readonly [name: string, value: string]>,
): string | undefined {
  const assignments = [];
  for (const [name, value] of shown) {
    const wanted = SETTINGS[name];
    if (wanted === undefined || isSame(value, wanted)) continue;
    assignments.push(`${name} = ${typeof wanted === "number" ? wanted : `'${wanted}'`}`);
  }
  return assignments.length === 0 ? undefined : `SET SESSION ${assignments.join(", ")}`;
}

function isSame(shown: string, wanted: string | number): boolean {
  return typeof wanted === "number" ? Number(shown) === wanted : shown === wanted;
}
