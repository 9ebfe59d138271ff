// What MySQL's and MariaDB's errors mean for a transaction, and for one who opens a database. Never
// passes their text on: it quotes values.

import { OpenError, SqlError, type SqlFault } from "./sql.ts";

// https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
// https://mariadb.com/kb/en/mariadb-error-code-reference/
const FAULT_OF_ERRNO: ReadonlyMap<number, SqlFault> = new Map([
  [1062, "duplicate"], // ER_DUP_ENTRY
  [1050, "exists"], // ER_TABLE_EXISTS_ERROR
  [1060, "exists"], // ER_DUP_FIELDNAME
  [1061, "exists"], // ER_DUP_KEYNAME
  [1091, "exists"], // ER_CANT_DROP_FIELD_OR_KEY
  [1826, "exists"], // ER_FK_DUP_NAME
  [1020, "conflict"], // ER_CHECKREAD
  [1205, "conflict"], // ER_LOCK_WAIT_TIMEOUT
  [1213, "conflict"], // ER_LOCK_DEADLOCK
  [1021, "full"], // ER_DISK_FULL
  [1114, "full"], // ER_RECORD_FILE_FULL
  [1026, "lost"], // ER_ERROR_ON_WRITE
  [1030, "lost"], // ER_GET_ERRNO
  [1037, "lost"], // ER_OUTOFMEMORY
  [1040, "lost"], // ER_CON_COUNT_ERROR
  [1041, "lost"], // ER_OUT_OF_RESOURCES
  [1053, "lost"], // ER_SERVER_SHUTDOWN
  [1180, "lost"], // ER_ERROR_DURING_COMMIT
  [1290, "lost"], // ER_OPTION_PREVENTS_STATEMENT: read-only
  [1317, "lost"], // ER_QUERY_INTERRUPTED
  [1461, "lost"], // ER_MAX_PREPARED_STMT_COUNT_REACHED
  [1792, "lost"], // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  [1836, "lost"], // ER_READ_ONLY_MODE
  [1927, "lost"], // ER_CONNECTION_KILLED
  [1969, "lost"], // ER_STATEMENT_TIMEOUT
  [3024, "lost"], // ER_QUERY_TIMEOUT
]);

/** Storage engines report a full disk as the errno of the system, in the text of ER_GET_ERRNO. */
const ENGINE_IS_FULL = /\berror 28\b/;

/** What the library or the server says, as far as it says it. */
interface MysqlFields {
  readonly errno: number;
  readonly code: string;
  readonly message: string;
}

function fieldsOf(error: unknown): MysqlFields {
  if (!(error instanceof Error)) return { errno: 0, code: "", message: "" };
  return {
    errno: "errno" in error && typeof error.errno === "number" ? error.errno : 0,
    code: "code" in error && typeof error.code === "string" ? error.code : "",
    message: error.message,
  };
}

/**
 * A failed statement as the port knows it. An answer of the server is judged by its number; without
 * an answer, the connection is broken and its transaction undone.
 */
export function sqlErrorOf(error: unknown, isConnected: boolean): SqlError {
  if (error instanceof SqlError) return error;
  const { errno, code, message } = fieldsOf(error);
  const name = code === "" ? "connection broken" : code;
  let kind = FAULT_OF_ERRNO.get(errno) ?? (isConnected ? "refused" : "lost");
  if (errno === 1030 && ENGINE_IS_FULL.test(message)) kind = "full";
  return new SqlError(kind, `MySQL: ${name} (${errno})`, errno);
}

/** Whether there is no database of the name that was asked for. */
export function isUnknownDatabase(error: unknown): boolean {
  return fieldsOf(error).errno === 1049;
}

/** Who wanted to connect where: for messages, so without the password. */
export interface MysqlTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** What a person who starts the server can do about a database that cannot be opened. */
export function openErrorOf(target: MysqlTarget, error: unknown): OpenError {
  if (error instanceof OpenError) return error;
  const { host, port, user, database } = target;
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const { errno, code } = fieldsOf(error);
  if (error instanceof Deno.errors.NotCapable) {
    const message = `Cannot connect to ${address}: start with --allow-net=${address}`;
    return new OpenError("refused", message, error);
  }
  switch (errno) {
    case 1045: // ER_ACCESS_DENIED_ERROR
    case 1698: // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
    case 1251: // ER_NOT_SUPPORTED_AUTH_MODE
    case 1130: // ER_HOST_NOT_PRIVILEGED
      return new OpenError(
        "refused",
        `MySQL at ${address} refuses user "${user}" from here: wrong name or password`,
      );
    case 1044: // ER_DBACCESS_DENIED_ERROR
    case 1049: // ER_BAD_DB_ERROR
      return new OpenError(
        "refused",
        `MySQL at ${address} has no database "${database}" that user "${user}" may use or create`,
      );
  }
  const why = code === "" ? "it did not answer as MySQL does" : code;
  return new OpenError("unreachable", `Cannot reach MySQL at ${address}: ${why}`);
}
