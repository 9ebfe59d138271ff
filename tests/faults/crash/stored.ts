// What is in the store, read behind the server's back: from its tables, once it has stopped.

import { DatabaseSync } from "node:sqlite";

export interface StoredRow {
  readonly room: string;
  readonly seq: number;
  readonly cid: string;
  readonly content: string;
}

export interface Stored {
  /** Every message, by room and seq. */
  readonly rows: readonly StoredRow[];
  /** How far each room says that its log goes. */
  readonly lastSeqs: ReadonlyMap<string, number>;
  /** What the database finds wrong with itself. */
  readonly damage: readonly string[];
}

export const ROWS =
  "SELECT r.name AS room, m.seq AS seq, m.cid AS cid, m.content AS content FROM Messages m " +
  "JOIN Rooms r ON r.room_id = m.room_id ORDER BY m.room_id, m.seq";
export const LAST_SEQS = "SELECT name AS room, last_seq AS seq FROM Rooms";

export function readSqlite(path: string): Stored {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const all = (sql: string): readonly Record<string, unknown>[] => database.prepare(sql).all();
    const integrity = all("PRAGMA integrity_check").map((row) => String(row.integrity_check));
    const orphans = all("PRAGMA foreign_key_check").map((row) => `orphan: ${JSON.stringify(row)}`);
    return {
      rows: all(ROWS).map(toRow),
      lastSeqs: new Map(all(LAST_SEQS).map((row) => [String(row.room), Number(row.seq)])),
      damage: [...integrity.filter((line) => line !== "ok"), ...orphans],
    };
  } finally {
    database.close();
  }
}

export function toRow(row: Record<string, unknown>): StoredRow {
  const { room, seq, cid, content } = row;
  return { room: String(room), seq: Number(seq), cid: String(cid), content: String(content) };
}
