// What an upgrade of the old program's tables comes to, in words for the person who decides, and what
// stands in its way. Pure; touches no database.

import {
  LEGACY_COLUMNS,
  LEGACY_TABLES,
  type LegacyColumn,
  type LegacyTableName,
  type LegacyTables,
} from "./tables.ts";

/** What the old program's rows need of a column. */
interface Expected {
  readonly type: RegExp;
  /** The same for people. */
  readonly says: string;
  readonly fits: (column: LegacyColumn) => boolean;
}

const KEY = "INT AUTO_INCREMENT PRIMARY KEY";
const isAutoKey = (column: LegacyColumn): boolean => column.isAutoKey;
/** Whether a row may be added that does not name it. */
const isFree = (column: LegacyColumn): boolean => column.isNullable || column.hasDefault;
/** What is NULL in it is given a value, and the column its own type. */
const isAny = (): boolean => true;

const INTEGER = /^int(\(\d+\))?$/;
const ANY_INTEGER = /^(tiny|small|medium|big)?int(\(\d+\))?( unsigned)?$/;
const TIME = /^(datetime|timestamp)(\(\d\))?$/;

const EXPECTED: Readonly<Record<string, Expected>> = {
  "Users.user_id": { type: INTEGER, says: KEY, fits: isAutoKey },
  "Users.username": {
    type: /^(var)?char\((\d|\d\d|1\d\d|2[0-4]\d|25[0-5])\)$/,
    says: "VARCHAR(255)",
    fits: isAny,
  },
  "Users.created_at": { type: TIME, says: "DATETIME", fits: isAny },
  "Messages.message_id": { type: ANY_INTEGER, says: KEY, fits: isAutoKey },
  "Messages.user_id": { type: ANY_INTEGER, says: "INT", fits: isAny },
  "Messages.content": {
    type: /^((tiny|medium|long)?text|(var)?char\(\d+\))$/,
    says: "TEXT",
    fits: isAny,
  },
  "Messages.timestamp": { type: TIME, says: "DATETIME", fits: isAny },
};

/** Columns that the upgrade adds. */
const NEW_COLUMNS: Readonly<Record<LegacyTableName, readonly string[]>> = {
  Users: ["role", "name_key", "name_skeleton"],
  Messages: [
    "room_id",
    "seq",
    "time",
    "kind",
    "cid",
    "target_seq",
    "reply_to",
    "author",
    "is_guest",
  ],
};

/** What fits into the widest column that the upgrade makes. */
const MOST_CONTENT_BYTES = 2 ** 24 - 1;

/** What was found and what the upgrade does, for somebody who has not decided yet. */
export function formatPlan(legacy: LegacyTables): string {
  const { users, messages } = legacy;
  const own = LEGACY_TABLES.flatMap((table) =>
    ownColumns(legacy, table).map(({ name }) => `${table}.${quote(name)}`)
  );
  return [
    `The database "${legacy.database}" holds the tables of the program this one grew from:`,
    `  Users with ${count(users, "row")}, Messages with ${count(messages, "row")}` +
    ` (${charsetsOf(legacy).join(", ")}).`,
    "The upgrade changes these two tables in place and keeps every row and every character:",
    "  - names and texts become utf8mb4, and the tables InnoDB where they are not;",
    "  - all messages become the lobby's first ones, in order of message_id, with times read in the",
    `    database's zone (${legacy.zone});`,
    "  - the first user of each name that can be one keeps it as an account's; the others are shown;",
    '  - a message without a user, or of one who is missing, shows as by "unknown"; one without a',
    "    text is kept as an empty one;",
    "  - columns and tables of this program are added" +
    (own.length === 0 ? "." : `; columns of your own stay: ${own.join(", ")}.`),
    "Stop the old program and make a backup first: it cannot write to these tables afterwards.",
    "An upgrade that is interrupted goes on at the next start with --upgrade-legacy.",
  ].join("\n");
}

/** The same as a refusal: nothing was changed, and how to go on. */
export function formatOffer(legacy: LegacyTables): string {
  return `${
    formatPlan(legacy)
  }\nNothing has been changed. To upgrade, start with --upgrade-legacy.`;
}

/** Why the tables cannot be upgraded, a line each; undefined when they can. */
export function findRefusal(legacy: LegacyTables): string | undefined {
  const obstacles = obstaclesOf(legacy);
  if (obstacles.length === 0) return undefined;
  return [
    `The database "${legacy.database}" holds the tables of the program this one grew from, but they`,
    "cannot be upgraded as they are:",
    ...obstacles.map((obstacle) => `  - ${obstacle}`),
    "Nothing has been changed. Change this, or give this program a database of its own.",
  ].join("\n");
}

function obstaclesOf(legacy: LegacyTables): readonly string[] {
  const obstacles = LEGACY_TABLES.flatMap((table) => [
    ...columnObstacles(legacy, table),
    ...tableObstacles(legacy, table),
  ]);
  if (legacy.leastUser !== undefined && legacy.leastUser < 0) {
    obstacles.push("Users.user_id goes below 0");
  }
  if (legacy.longestContent > MOST_CONTENT_BYTES) {
    obstacles.push("Messages.content has a text of more than 16 MiB as UTF-8");
  }
  return [...obstacles, ...legacy.references.map((reference) => `${reference}, which changes`)];
}

function columnObstacles(legacy: LegacyTables, table: LegacyTableName): readonly string[] {
  const obstacles = [];
  for (const column of legacy.tables[table].columns) {
    const { name } = column;
    const expected = EXPECTED[`${table}.${name}`];
    if (expected !== undefined) {
      if (expected.type.test(column.type) && expected.fits(column)) continue;
      obstacles.push(`${table}.${name} is not ${expected.says}, as the old program made it`);
    } else if (NEW_COLUMNS[table].includes(name.toLowerCase())) {
      obstacles.push(`${table}.${quote(name)} has the name of a column that is to be added`);
    } else if (!isFree(column)) {
      obstacles.push(
        `${table}.${quote(name)} must have a value: give it a default or let it be NULL`,
      );
    }
  }
  return obstacles;
}

function tableObstacles(legacy: LegacyTables, table: LegacyTableName): readonly string[] {
  const { isPartitioned, uniques, triggers } = legacy.tables[table];
  const empty = ownColumns(legacy, table).filter(({ isNullByDefault }) => isNullByDefault);
  // Rows with NULL in one of its columns are never the same to an index.
  const breakable = Array.from(uniques)
    .filter(([, columns]) => !columns.some((part) => empty.some(({ name }) => name === part)));
  return [
    ...(isPartitioned ? [`${table} is partitioned, so it can have no foreign key`] : []),
    ...breakable.map(([name]) =>
      `${table} has the unique index ${quote(name)}: two guests may have one name, for example`
    ),
    ...triggers.map((name) => `${table} has the trigger ${quote(name)}`),
  ];
}

function ownColumns(legacy: LegacyTables, table: LegacyTableName): readonly LegacyColumn[] {
  return legacy.tables[table].columns.filter(({ name }) => !LEGACY_COLUMNS[table].includes(name));
}

function charsetsOf({ tables }: LegacyTables): readonly string[] {
  const names = tables.Users.columns.filter(({ name }) => name === "username");
  const texts = tables.Messages.columns.filter(({ name }) => name === "content");
  return [...new Set([...names, ...texts].flatMap(({ charset }) => charset ?? []))];
}

function count(many: number, noun: string): string {
  return `${many.toLocaleString("en")} ${noun}${many === 1 ? "" : "s"}`;
}

/** A name that somebody else chose: nothing in it may act on a terminal. */
function quote(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name).replaceAll(/[^\x20-\x7e]/g, "?");
}
