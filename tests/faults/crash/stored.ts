// Reads the store's tables directly, once the server has stopped.

import { DatabaseSync } from "node:sqlite";
import type { TestDatabase } from "../../support/stores/databases.ts";

export interface StoredRow {
  readonly room: string;
  readonly seq: number;
  readonly cid: string;
  readonly content: string;
}

export interface Stored {
  /** Every message, by room and seq. */
  readonly rows: readonly StoredRow[];
  /** The last seq of each room, from its row. */
  readonly lastSeqs: ReadonlyMap<string, number>;
  /** The database's own integrity errors. */
  readonly damage: readonly string[];
}

const ROWS =
  "SELECT r.name AS room, m.seq AS seq, m.cid AS cid, m.content AS content FROM Messages m " +
  "JOIN Rooms r ON r.room_id = m.room_id ORDER BY m.room_id, m.seq";
const LAST_SEQS = "SELECT name AS room, last_seq AS seq FROM Rooms";

export function readSqlite(path: string): Stored {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const all = (sql: string): readonly Record<string, unknown>[] => database.prepare(sql).all();
    const integrity = all("PRAGMA integrity_check").map((row) => String(row.integrity_check));
    const orphans = all("PRAGMA foreign_key_check").map((row) => `orphan: ${JSON.stringify(row)}`);
    const damage = [...integrity.filter((line) => line !== "ok"), ...orphans];
    return toStored({ rows: all(ROWS), heads: all(LAST_SEQS), damage });
  } finally {
    database.close();
  }
}

/** @param database is opened and closed again */
export async function readMysql(database: TestDatabase): Promise<Stored> {
  await using sql = await database.open();
  const checks = await sql.query("CHECK TABLE Users, Tokens, Rooms, Members, Messages");
  return toStored({
    rows: await sql.query(ROWS),
    heads: await sql.query(LAST_SEQS),
    damage: checks.filter((row) => row.Msg_text !== "OK").map((row) => JSON.stringify(row)),
  });
}

type Row = Readonly<Record<string, unknown>>;

function toStored(
  { rows, heads, damage }: {
    rows: readonly Row[];
    heads: readonly Row[];
    damage: readonly string[];
  },
): Stored {
  return {
    rows: rows.map(({ room, seq, cid, content }) => ({
      room: String(room),
      seq: Number(seq),
      cid: toText(cid),
      content: toText(content),
    })),
    lastSeqs: new Map(heads.map(({ room, seq }) => [String(room), Number(seq)])),
    damage,
  };
}

/** Also of a column that is kept as bytes. */
function toText(value: unknown): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);
}
