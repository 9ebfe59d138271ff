// The address of the bus between servers, from `nats://host:4222`. Connects to nothing.

import { addressOf } from "./address.ts";
import { ConfigError } from "./config_error.ts";

export interface BusConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** Instead of user and password. */
  readonly token: string | undefined;
}

const DEFAULT_PORT = 4222;
const FORM = "nats://host:4222";

/**
 * @param text never quoted whole in an error: it may hold a password
 * @param source `flag`: a secret in the text is refused, as every user of the machine can read it
 * @throws {ConfigError}
 */
export function parseBus(text: string, source: "flag" | "environment"): BusConfig {
  if (/^nats:\/\/[^@]*[#/?].*@/.test(text)) {
    throw new ConfigError(
      "usage",
      "PARLEY_BUS: in a password write % as %25, # as %23, / as %2F, ? as %3F and @ as %40 " +
        "(percent-encoding)",
    );
  }
  if (!text.startsWith("nats://") || !URL.canParse(text)) {
    throw new ConfigError("usage", `--bus must be ${FORM}`);
  }
  const url = new URL(text);
  const isBare = ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
  if (url.hostname === "" || !isBare) {
    throw new ConfigError("usage", `--bus must be a host and a port, nothing behind it: ${FORM}`);
  }
  if (url.username !== "" && source === "flag") {
    throw new ConfigError(
      "usage",
      "--bus must not hold a user or a token, others can read it: use PARLEY_BUS",
    );
  }
  const [user, password] = [decode(url.username), decode(url.password)];
  const isToken = user !== undefined && password === undefined;
  const { hostname: host, port } = addressOf(url, DEFAULT_PORT);
  return {
    host,
    port,
    user: isToken ? undefined : user,
    password,
    token: isToken ? user : undefined,
  };
}

function decode(part: string): string | undefined {
  if (part === "") return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ConfigError(
      "usage",
      "--bus holds a % that is not followed by two hex digits: write it as %25",
    );
  }
}
