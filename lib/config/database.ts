// The database, from `sqlite:PATH` or `mysql://user@host:port/name?tls=…`. Opens nothing.

import { addressOf, formatAddress } from "./address.ts";
import { ConfigError } from "./config_error.ts";

export type DatabaseConfig =
  | { readonly kind: "sqlite"; readonly path: string }
  | {
    readonly kind: "mysql";
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string | undefined;
    readonly database: string;
    /** Undefined: not encrypted. */
    readonly tls: DatabaseTls | undefined;
  };

/** How TLS to the database is used. */
interface DatabaseTls {
  /** Whether its certificate and its name are verified. */
  readonly isVerified: boolean;
  /** The file of the certificate authorities to trust; without it those that the runtime trusts. */
  readonly caFile?: string;
  /** The content of that file, PEM. */
  readonly ca?: string;
}

const DEFAULT_MYSQL_PORT = 3306;
/** MySQL's own databases. */
const SYSTEM_DATABASES = new Set(["mysql", "sys", "information_schema", "performance_schema"]);
const FORMS = "sqlite:PATH or mysql://user@host:port/name, with ?tls=… for TLS";

/**
 * @param text never quoted whole in an error: it may hold a password
 * @param source `flag`: a password in the text is refused, as every user of the machine can read it
 * @throws {ConfigError}
 */
export function parseDatabase(text: string, source: "flag" | "environment"): DatabaseConfig {
  if (text.startsWith("sqlite:")) {
    const path = text.slice("sqlite:".length);
    if (path === "" || path.includes("\0")) {
      throw new ConfigError(
        "usage",
        `--database sqlite: lacks a path, as in sqlite:data/parley.db`,
      );
    }
    return { kind: "sqlite", path };
  }
  if (text.startsWith("mysql://")) return parseMysql(text, source);
  throw new ConfigError("usage", `--database must be ${FORMS}`);
}

function parseMysql(text: string, source: "flag" | "environment"): DatabaseConfig {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (hasUnescapedPassword(text, url)) {
    throw new ConfigError(
      "usage",
      "--database: in a password write % as %25, # as %23, / as %2F, ? as %3F and @ as %40 " +
        "(percent-encoding), or put it as it is into PARLEY_DATABASE_PASSWORD",
    );
  }
  if (url === undefined) throw new ConfigError("usage", `--database must be ${FORMS}`);
  if (url.password !== "" && source === "flag") {
    throw new ConfigError(
      "usage",
      "--database must not hold a password, others can read it: " +
        "use PARLEY_DATABASE_PASSWORD or --database-password-file",
    );
  }
  const database = decode(url.pathname.slice(1));
  if (url.hostname === "" || database === "" || database.includes("/")) {
    throw new ConfigError("usage", `--database needs a host and one database name: ${FORMS}`);
  }
  if (SYSTEM_DATABASES.has(database.toLowerCase())) {
    throw new ConfigError("usage", `--database ${database} is MySQL's own: name another database`);
  }
  if (url.hash !== "") {
    throw new ConfigError("usage", `--database takes no # behind the name: ${FORMS}`);
  }
  const { hostname: host, port } = addressOf(url, DEFAULT_MYSQL_PORT);
  return {
    kind: "mysql",
    host,
    port,
    user: url.username === "" ? "root" : decode(url.username),
    password: url.password === "" ? undefined : decode(url.password),
    database,
    tls: parseTls(url.search),
  };
}

/** Whether a character of the password has ended the part with the host too early. */
function hasUnescapedPassword(text: string, url: URL | undefined): boolean {
  if (url === undefined) return /[#/?].*@/.test(text.slice("mysql://".length));
  const { username, pathname, search, hash } = url;
  return `${pathname}${hash}`.includes("@") || (username === "" && search.includes("@"));
}

const TLS_FORMS =
  "?tls=required (encrypted, not verified), ?tls=system (verified by the system's " +
  "authorities) or ?tls=data/ca.pem (by those of a file)";

/** @param search the part after the name, with its `?`; empty when there is none */
function parseTls(search: string): DatabaseTls | undefined {
  if (search === "") return undefined;
  const [, raw = ""] = /^\?tls=([^&]*)$/.exec(search) ?? [];
  const value = decode(raw);
  if (value === "required") return { isVerified: false };
  if (value === "system") return { isVerified: true };
  // Another word is a typing error, not a file.
  if (/[./]/.test(value) && !value.includes("\0")) return { isVerified: true, caFile: value };
  throw new ConfigError("usage", `--database takes only TLS behind its name: ${TLS_FORMS}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError(
      "usage",
      "--database holds a % that is not followed by two hex digits: write it as %25, or put a " +
        "password as it is into PARLEY_DATABASE_PASSWORD",
    );
  }
}

/** The database as the operator wrote it, without a password. */
export function formatDatabase(database: DatabaseConfig): string {
  if (database.kind === "sqlite") return database.path;
  const { user, host, port, database: name } = database;
  return `mysql://${user}@${formatAddress({ hostname: host, port })}/${name}`;
}
