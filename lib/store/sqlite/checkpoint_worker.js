// The thread that copies the log of an SQLite database into its file: it waits for the disk, so that
// the event loop need not. Started from its text by checkpointer.ts; must not import a file.

import { DatabaseSync } from "node:sqlite";

let database;

/** Opens the files early: later there may be no descriptor left. */
function open(path) {
  if (database !== undefined) return;
  const opened = new DatabaseSync(path, { timeout: 0 });
  try {
    // SQLite then syncs the log before it copies it, and the file before it counts it as copied.
    opened.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
    opened.prepare("SELECT 1 FROM sqlite_master LIMIT 1").all();
  } catch (error) {
    opened.close();
    throw error;
  }
  database = opened;
}

const commands = {
  open(path) {
    open(path);
    return {};
  },
  copy(path) {
    open(path);
    return { ...database.prepare("PRAGMA wal_checkpoint(PASSIVE)").get() };
  },
  close() {
    database?.close();
    return {};
  },
};

/** Properties of an error do not survive the way to another thread. */
function faultOf(error) {
  return { errcode: error?.errcode ?? 0, errstr: error?.errstr ?? String(error) };
}

self.onmessage = ({ data: { command, path } }) => {
  let reply;
  try {
    reply = commands[command](path);
  } catch (error) {
    reply = { fault: faultOf(error) };
  }
  self.postMessage(reply);
  if (command === "close") self.close();
};
