// The meaning of MySQL's and MariaDB's error numbers for a transaction and for a person, in our own
// sentences: the server's text quotes values, and above 1900 the library knows only MySQL's names.
// https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
// https://mariadb.com/kb/en/mariadb-error-code-reference/

import type { SqlFault } from "../sql.ts";

interface MysqlCode {
  readonly fault: SqlFault;
  /** What happened, and after a colon what to do where a person can do something. */
  readonly message?: string;
  /** Whether it fails until a person changes something. */
  readonly isPersistent?: true;
}

/** It may succeed later, without a person. */
function transient(fault: SqlFault, message?: string): MysqlCode {
  return { fault, ...(message === undefined ? undefined : { message }) };
}

/** A person must act; until then the connection or transaction counts as lost. */
function persistent(message: string): MysqlCode {
  return { fault: "lost", message, isPersistent: true };
}

const EXPIRED = "this user's password has expired: set a new one with ALTER USER";
const LOCKED = "this user's account is locked: ALTER USER … ACCOUNT UNLOCK";
const NOT_GRANTED = "this user lacks a privilege: GRANT it ALL on the database";
const READ_ONLY = "the server is read-only, as a replica is: name the one that is written to";
const BROKEN = "the connection was cut";

export const MYSQL_CODES: ReadonlyMap<number, MysqlCode> = new Map([
  // What the schema or a row has already.
  [1062, transient("duplicate", "a unique index has the value already")], // ER_DUP_ENTRY
  [1050, transient("exists", "the table exists")], // ER_TABLE_EXISTS_ERROR
  [1060, transient("exists", "the column exists")], // ER_DUP_FIELDNAME
  [1061, transient("exists", "the index exists")], // ER_DUP_KEYNAME
  [1091, transient("exists", "it has been dropped")], // ER_CANT_DROP_FIELD_OR_KEY
  [1826, transient("exists", "the foreign key exists")], // ER_FK_DUP_NAME

  // Other transactions.
  [1020, transient("conflict", "a row was changed by another transaction")], // ER_CHECKREAD
  [1205, transient("locked", "another transaction holds a lock")], // ER_LOCK_WAIT_TIMEOUT
  [1206, transient("conflict", "the lock table is full")], // ER_LOCK_TABLE_FULL
  [1213, transient("conflict", "two transactions waited for each other")], // ER_LOCK_DEADLOCK
  [3101, transient("conflict", "the cluster undid the transaction")], // ER_TRANSACTION_ROLLBACK_DURING_COMMIT
  [3572, transient("locked", "another transaction holds a lock")], // ER_LOCK_NOWAIT

  // Space.
  [1021, transient("full", "the disk is full")], // ER_DISK_FULL
  [1114, transient("full", "the disk, or what a table may take of it, is full")], // ER_RECORD_FILE_FULL

  // A server that is out of order, or is going away.
  [1026, transient("lost", "a file could not be written")], // ER_ERROR_ON_WRITE
  [1030, transient("lost", "the storage engine failed")], // ER_GET_ERRNO
  [1037, transient("lost", "the server is out of memory")], // ER_OUTOFMEMORY
  [1038, transient("lost", "the server is out of memory for sorting")], // ER_OUT_OF_SORTMEMORY
  [1041, transient("lost", "the server is out of memory")], // ER_OUT_OF_RESOURCES
  [1042, transient("lost", "the server cannot look up the name of this host")], // ER_BAD_HOST_ERROR
  [1043, transient("lost", "the handshake failed")], // ER_HANDSHAKE_ERROR
  [1053, transient("lost", "the server is shutting down")], // ER_SERVER_SHUTDOWN
  [1135, transient("lost", "the server cannot start another thread")], // ER_CANT_CREATE_THREAD
  [1152, transient("lost", BROKEN)], // ER_ABORTING_CONNECTION
  [1158, transient("lost", BROKEN)], // ER_NET_READ_ERROR
  [1159, transient("lost", BROKEN)], // ER_NET_READ_INTERRUPTED
  [1160, transient("lost", BROKEN)], // ER_NET_ERROR_ON_WRITE
  [1161, transient("lost", BROKEN)], // ER_NET_WRITE_INTERRUPTED
  [1180, transient("lost", "the commit failed")], // ER_ERROR_DURING_COMMIT
  [1184, transient("lost", BROKEN)], // ER_NEW_ABORTING_CONNECTION
  [1317, transient("lost", "the statement was interrupted")], // ER_QUERY_INTERRUPTED
  [1637, transient("lost", "too many transactions are open")], // ER_TOO_MANY_CONCURRENT_TRXS
  [1927, transient("lost", "the connection was killed")], // ER_CONNECTION_KILLED
  [1969, transient("lost", "the statement took longer than max_statement_time")], // ER_STATEMENT_TIMEOUT
  [3024, transient("lost", "the statement took longer than max_execution_time")], // ER_QUERY_TIMEOUT
  [3032, transient("lost", "the server is in offline mode")], // ER_SERVER_OFFLINE_MODE
  [4031, transient("lost", "the server closed a connection that was idle")], // ER_CLIENT_INTERACTION_TIMEOUT

  // Connections and what is counted.
  [1040, transient("lost", "too many connections: raise max_connections")], // ER_CON_COUNT_ERROR
  [1203, transient("lost", "this user has as many connections as max_user_connections allows")], // ER_TOO_MANY_USER_CONNECTIONS
  [1226, transient("lost", "this user has used up what it is allowed, such as its connections")], // ER_USER_LIMIT_REACHED
  [1461, persistent("no more statements can be prepared: raise max_prepared_stmt_count")], // ER_MAX_PREPARED_STMT_COUNT_REACHED
  [1129, persistent("the server blocks this host after failed connections: run FLUSH HOSTS")], // ER_HOST_IS_BLOCKED

  // Privileges. errors.ts adds the name of the user to 1044, 1045 and the like.
  [1044, persistent(NOT_GRANTED)], // ER_DBACCESS_DENIED_ERROR
  [1045, persistent("wrong user or password")], // ER_ACCESS_DENIED_ERROR
  [1049, persistent("there is no such database")], // ER_BAD_DB_ERROR
  [1130, persistent("this host may not connect: create the user for it")], // ER_HOST_NOT_PRIVILEGED
  [1142, persistent(NOT_GRANTED)], // ER_TABLEACCESS_DENIED_ERROR
  [1143, persistent(NOT_GRANTED)], // ER_COLUMNACCESS_DENIED_ERROR
  [1227, persistent(NOT_GRANTED)], // ER_SPECIFIC_ACCESS_DENIED_ERROR
  [1251, persistent("the user's way to log in is not supported: use mysql_native_password")], // ER_NOT_SUPPORTED_AUTH_MODE
  [1275, persistent("the user's password is in an old format: set it again")], // ER_SERVER_IS_IN_SECURE_AUTH_MODE
  [1370, persistent(NOT_GRANTED)], // ER_PROCACCESS_DENIED_ERROR
  [1524, persistent("the plugin with which this user logs in is not loaded")], // ER_PLUGIN_IS_NOT_LOADED
  [1698, persistent("wrong user or password")], // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
  [1820, persistent(EXPIRED)], // ER_MUST_CHANGE_PASSWORD
  [1862, persistent(EXPIRED)], // ER_MUST_CHANGE_PASSWORD_LOGIN
  [2049, persistent("the user's password is in an old format: set it again")], // CR_SECURE_AUTH
  [3118, persistent(LOCKED)], // ER_ACCOUNT_HAS_BEEN_LOCKED of MySQL
  [3159, persistent("the server demands TLS: add ?tls= to the address of the database")], // ER_SECURE_TRANSPORT_REQUIRED
  [3955, persistent("this user is blocked after wrong passwords: ALTER USER … ACCOUNT UNLOCK")], // ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK
  [4151, persistent(LOCKED)], // ER_ACCOUNT_HAS_BEEN_LOCKED of MariaDB

  // How the server is set.
  [1036, persistent("a table is read-only")], // ER_OPEN_AS_READONLY
  [1290, persistent(READ_ONLY)], // ER_OPTION_PREVENTS_STATEMENT
  [1286, persistent("the server has no InnoDB, or may not use it")], // ER_UNKNOWN_STORAGE_ENGINE
  [
    1665,
    persistent("binlog_format is STATEMENT: set it to ROW, as in SET GLOBAL binlog_format = ROW"),
  ], // ER_BINLOG_STMT_MODE_AND_ROW_ENGINE
  [1792, persistent(READ_ONLY)], // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
  [1836, persistent(READ_ONLY)], // ER_READ_ONLY_MODE

  // A batch that is too large is stored in smaller ones.
  [1153, transient("refused", "a statement is longer than max_allowed_packet: raise it to 16M")], // ER_NET_PACKET_TOO_LARGE
  [
    1071,
    transient("refused", "an index is longer than InnoDB allows here: see innodb_large_prefix"),
  ], // ER_TOO_LONG_KEY
  [
    1709,
    transient("refused", "an index is longer than InnoDB allows here: see innodb_large_prefix"),
  ], // ER_INDEX_COLUMN_TOO_LONG
]);
