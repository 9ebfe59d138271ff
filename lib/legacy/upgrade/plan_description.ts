// Describes an upgrade of the legacy tables for the person who decides about it, and finds
// obstacles to it. Pure; uses no database.

import {
  LEGACY_COLUMNS,
  LEGACY_TABLES,
  type LegacyColumn,
  type LegacyTableName,
  type LegacyTables,
} from "./tables.ts";

/** The requirements on a column of the old program. */
interface Expected {
  readonly type: RegExp;
  /** The type as shown to people. */
  readonly description: string;
  readonly fits: (column: LegacyColumn) => boolean;
}

const KEY = "INT AUTO_INCREMENT PRIMARY KEY";
const isAutoKey = (column: LegacyColumn): boolean => column.isAutoKey;
/** Whether an INSERT may leave the column out. */
const isFree = (column: LegacyColumn): boolean => column.isNullable || column.hasDefault;
/** NULLs get a value during the upgrade, and the column its new type. */
const isAny = (): boolean => true;

const INTEGER = /^int(\(\d+\))?$/;
const ANY_INTEGER = /^(tiny|small|medium|big)?int(\(\d+\))?( unsigned)?$/;
const TIME = /^(datetime|timestamp)(\(\d\))?$/;

const EXPECTED: Readonly<Record<string, Expected>> = {
  "Users.user_id": { type: INTEGER, description: KEY, fits: isAutoKey },
  "Users.username": {
    type: /^(var)?char\((\d|\d\d|1\d\d|2[0-4]\d|25[0-5])\)$/,
    description: "VARCHAR(255)",
    fits: isAny,
  },
  "Users.created_at": { type: TIME, description: "DATETIME", fits: isAny },
  "Messages.message_id": { type: ANY_INTEGER, description: KEY, fits: isAutoKey },
  "Messages.user_id": { type: ANY_INTEGER, description: "INT", fits: isAny },
  "Messages.content": {
    type: /^((tiny|medium|long)?text|(var)?char\(\d+\))$/,
    description: "TEXT",
    fits: isAny,
  },
  "Messages.timestamp": { type: TIME, description: "DATETIME", fits: isAny },
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

/** The most bytes that fit into the widest column of the upgrade. */
const MAX_CONTENT_BYTES = 2 ** 24 - 1;

/** What was found and what the upgrade would change. */
export function formatPlan(legacy: LegacyTables): string {
  const { users, messages } = legacy;
  const own = LEGACY_TABLES.flatMap((table) =>
    ownColumns(legacy, table).map(({ name }) => `${table}.${quote(name)}`)
  );
  return [
    `The database "${legacy.database}" holds the tables of the old program:`,
    `  Users with ${count(users, "row")}, Messages with ${count(messages, "row")}` +
    ` (${charsetsOf(legacy).join(", ")}).`,
    "The upgrade changes these two tables in place and keeps every row and every character:",
    "  - names and texts become utf8mb4, and the tables InnoDB where they are not;",
    "  - all messages become the lobby's first ones, in order of message_id, with times read in the",
    `    database's zone (${legacy.zone});`,
    "  - the first user of each valid name keeps it as an account name; others keep it for display;",
    '  - a message whose user is missing is shown as by "unknown";',
    "  - a message without a text is kept as an empty message;",
    "  - columns and tables of this program are added" +
    (own.length === 0 ? "." : `; columns of your own stay: ${own.join(", ")}.`),
    "First stop the old program and create a backup: it cannot write to these tables afterwards.",
    "An interrupted upgrade continues at the next start with --upgrade-legacy.",
  ].join("\n");
}

/** The plan as a refusal: nothing was changed, and how to start the upgrade. */
export function formatOffer(legacy: LegacyTables): string {
  return `${
    formatPlan(legacy)
  }\nNothing has been changed. To upgrade, start with --upgrade-legacy.`;
}

/** The obstacles to an upgrade, one a line; undefined when there are none. */
export function findRefusal(legacy: LegacyTables): string | undefined {
  const obstacles = obstaclesOf(legacy);
  if (obstacles.length === 0) return undefined;
  return [
    `The database "${legacy.database}" holds the tables of the old program, but they`,
    "cannot be upgraded as they are:",
    ...obstacles.map((obstacle) => `  - ${obstacle}`),
    "Nothing has been changed. Change this, or use a separate database.",
  ].join("\n");
}

function obstaclesOf(legacy: LegacyTables): readonly string[] {
  const obstacles = LEGACY_TABLES.flatMap((table) => [
    ...columnObstacles(legacy, table),
    ...tableObstacles(legacy, table),
  ]);
  if (legacy.leastUser !== undefined && legacy.leastUser < 0) {
    obstacles.push("Users.user_id has values below 0");
  }
  if (legacy.longestContent > MAX_CONTENT_BYTES) {
    obstacles.push("Messages.content has a text of more than 16 MiB as UTF-8");
  }
  return [
    ...obstacles,
    ...legacy.references.map((reference) => `${reference}, which the upgrade changes`),
  ];
}

function columnObstacles(legacy: LegacyTables, table: LegacyTableName): readonly string[] {
  const obstacles = [];
  for (const column of legacy.tables[table].columns) {
    const { name } = column;
    const expected = EXPECTED[`${table}.${name}`];
    if (expected !== undefined) {
      if (expected.type.test(column.type) && expected.fits(column)) continue;
      obstacles.push(
        `${table}.${name} is not ${expected.description}, the type of the old program`,
      );
    } else if (NEW_COLUMNS[table].includes(name.toLowerCase())) {
      obstacles.push(`${table}.${quote(name)} has the name of a column that the upgrade adds`);
    } else if (!isFree(column)) {
      obstacles.push(
        `${table}.${quote(name)} must have a value: give it a default or allow NULL`,
      );
    }
  }
  return obstacles;
}

function tableObstacles(legacy: LegacyTables, table: LegacyTableName): readonly string[] {
  const { isPartitioned, uniques, triggers } = legacy.tables[table];
  const empty = ownColumns(legacy, table).filter(({ isNullByDefault }) => isNullByDefault);
  // For a unique index, rows with NULL in one of its columns always differ.
  const breakable = Array.from(uniques)
    .filter(([, columns]) => !columns.some((part) => empty.some(({ name }) => name === part)));
  return [
    ...(isPartitioned ? [`${table} is partitioned, so it cannot have a foreign key`] : []),
    ...breakable.map(([name]) =>
      `${table} has the unique index ${quote(name)}: for example, two guests may have one name`
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

/** Escapes a name from outside: no character of it may control a terminal. */
function quote(name: string): string {
  return /^\w+$/.test(name) ? name : JSON.stringify(name).replaceAll(/[^\x20-\x7e]/g, "?");
}
