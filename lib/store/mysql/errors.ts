// Translates the errors of MySQL, of its library and of TLS: for a transaction, and for the person who
// starts the server. Never passes their text on: it quotes values.

import { formatAddress } from "../../config/address.ts";
import { MYSQL_CODES } from "./error_codes.ts";
import { OpenError, type OpenFault, SqlError } from "../sql.ts";

/** Storage engines report a full disk as the errno of the system, in the text of ER_GET_ERRNO. */
const ENGINE_IS_FULL = /\berror 28\b/;

/** The parts of an error of the library or the server, as far as it has them. */
interface MysqlFields {
  /** The server's number; 0 without one. */
  readonly errno: number;
  readonly code: string;
  readonly message: string;
}

function fieldsOf(error: unknown): MysqlFields {
  if (!(error instanceof Error)) return { errno: 0, code: "", message: "" };
  return {
    // Below 0 it is the system's.
    errno: "errno" in error && typeof error.errno === "number" ? Math.max(error.errno, 0) : 0,
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
  const known = MYSQL_CODES.get(errno);
  let kind = known?.fault ?? (isConnected ? "refused" : "lost");
  if (errno === 1030 && ENGINE_IS_FULL.test(message)) kind = "full";
  const isPersistent = known?.isPersistent === true;
  return new SqlError(kind, `MySQL ${describeError(errno, code)}`, errno, { isPersistent });
}

function describeError(errno: number, code: string): string {
  if (errno === 0) return code === "" ? "broke the connection" : `connection: ${code}`;
  const meaning = MYSQL_CODES.get(errno)?.message;
  return meaning === undefined ? `error ${errno}` : `error ${errno}: ${meaning}`;
}

/** Whether there is no database of the name that was asked for. */
export function isUnknownDatabase(error: unknown): boolean {
  return fieldsOf(error).errno === 1049;
}

/** The user and the address of a connection, for messages: without the password. */
interface MysqlTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly tls?: unknown;
}

/** The error of a database that cannot be opened, with what a person can do about it. */
export function openErrorOf(target: MysqlTarget, error: unknown): OpenError {
  if (error instanceof OpenError) return error;
  const { host, port } = target;
  const address = formatAddress({ hostname: host, port });
  if (error instanceof Deno.errors.NotCapable) {
    const message = `Cannot connect to ${address}: start with --allow-net=${address}`;
    return new OpenError("refused", message, error);
  }
  const { errno, code } = fieldsOf(error);
  const tls = tlsFaultOf(error);
  if (tls !== undefined) {
    return new OpenError("refused", `No TLS with MySQL at ${address}: ${tls}`, error);
  }
  if (errno === 0) {
    const why = code === "" || error instanceof SqlError ? "it did not answer as MySQL does" : code;
    return new OpenError("unreachable", `Cannot reach MySQL at ${address}: ${why}`);
  }
  const refusal = accessFaultOf(target, errno);
  const { isPersistent, message, kind } = sqlErrorOf(error, true);
  const fault: OpenFault = isPersistent || kind === "refused" ? "refused" : "unreachable";
  return new OpenError(
    fault,
    refusal === undefined
      ? `Cannot use MySQL at ${address}: ${message}`
      : `MySQL at ${address} ${refusal} (error ${errno})`,
  );
}

/** A sentence with the name of the user or the database; undefined for any other number. */
function accessFaultOf({ user, database, tls }: MysqlTarget, errno: number): string | undefined {
  switch (errno) {
    case 1045: // ER_ACCESS_DENIED_ERROR
    case 1698: // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
    case 1130: // ER_HOST_NOT_PRIVILEGED
      return `refuses user "${user}" from here: wrong name or password` +
        (tls === undefined ? ", or TLS is demanded (?tls=required)" : "");
    case 1044: // ER_DBACCESS_DENIED_ERROR
    case 1049: // ER_BAD_DB_ERROR
      return `has no database "${database}" that user "${user}" may use or create`;
  }
  return undefined;
}

/** By the text of OpenSSL: the library replaces its codes. */
const TLS_FAULTS: readonly (readonly [RegExp, string])[] = [
  [/has expired/, "its certificate has expired"],
  [/not yet valid/, "its certificate is not valid yet: is this machine's clock right?"],
  [
    /self-signed|unable to (get|verify)|UnknownIssuer|unknown (ca|issuer)/i,
    "its certificate is by no authority that is trusted here: name the file of the right one by " +
    "?tls=PATH",
  ],
];

/** Why there can be no TLS; undefined when that is not what failed. */
function tlsFaultOf(error: unknown): string | undefined {
  const { code, message } = fieldsOf(error);
  if (code === "HANDSHAKE_NO_SSL_SUPPORT") return "it offers none: set its certificate up first";
  if (code !== "HANDSHAKE_SSL_ERROR") return undefined;
  // A certificate for another name comes with that certificate.
  if (error instanceof Error && "cert" in error) {
    return "its certificate is for another host: use a name that is in it";
  }
  const [, fault] = TLS_FAULTS.find(([pattern]) => pattern.test(message)) ?? [];
  return fault ?? "the handshake failed";
}
