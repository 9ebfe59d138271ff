// The options of the TLS listener, the rule that what leaves the machine is encrypted, and where others
// reach the listener, for the join strings that the server gives out.

import { isIP } from "node:net";
import { formatJoinString } from "../wire/secrets/join_string.ts";
import { type Address, DEFAULT_TLS_PORT, formatAddress, parseAddress } from "./address.ts";
import { ConfigError } from "./config_error.ts";
import type { TlsConfig } from "./start_command.ts";

const WILDCARDS: readonly string[] = ["0.0.0.0", "::"];

interface TlsOptions {
  /** Each empty when not given. */
  readonly listen: string;
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** @throws {ConfigError} when one of the three is missing */
export function parseTls({ listen, certificatePath, keyPath }: TlsOptions): TlsConfig | undefined {
  const given = { "--tls-listen": listen, "--tls-cert": certificatePath, "--tls-key": keyPath };
  const missing = Object.entries(given).filter(([, value]) => value === "").map(([name]) => name);
  if (missing.length === 3) return undefined;
  if (missing.length > 0) {
    throw new ConfigError(
      "usage",
      `${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing: TLS needs an ` +
        'address, a certificate and its key; "cert --help" says how to write both',
    );
  }
  return {
    listen: parseListen(listen),
    certificatePath,
    keyPath,
  };
}

/** An IP address: the runtime asks for the permission of what a name resolves to, not of the name. */
function parseListen(text: string): Address {
  const address = parseAddress(text, "--tls-listen", { defaultPort: DEFAULT_TLS_PORT });
  if (address.hostname === "localhost") return { ...address, hostname: "127.0.0.1" };
  if (isIP(address.hostname) !== 0) return address;
  throw new ConfigError(
    "usage",
    `--tls-listen must be an IP address of this machine, as in 0.0.0.0:${DEFAULT_TLS_PORT} for all`,
  );
}

/** @throws {ConfigError} when an address that others can reach is not encrypted */
export function requireEncryption(
  listen: Address,
  { allowsPlain }: { readonly allowsPlain: boolean },
): void {
  const { hostname } = listen;
  const isLoopback = /^(::ffff:)?127\./.test(hostname) || ["::1", "localhost"].includes(hostname);
  if (isLoopback || allowsPlain) return;
  throw new ConfigError(
    "config",
    `--listen ${formatAddress(listen)} is not encrypted, and other machines can reach it: listen ` +
      "there with --tls-listen, --tls-cert and --tls-key, or add --insecure-plain where the network " +
      "itself is safe",
  );
}

/** The option `--public`; undefined when it is empty. @throws {ConfigError} */
export function parsePublic(
  text: string,
  { hasTls }: { readonly hasTls: boolean },
): Address | undefined {
  if (text === "") return undefined;
  const address = parseAddress(text, "--public", { defaultPort: DEFAULT_TLS_PORT });
  if (address.port === 0 || WILDCARDS.includes(address.hostname)) {
    throw new ConfigError("usage", "--public must be the address that others connect to");
  }
  if (hasTls) return address;
  throw new ConfigError("usage", "--public needs --tls-listen: a join string is for TLS");
}

/**
 * Formats the join string of a code; undefined where nobody knows the address: without `--public` and with a
 * listener on all addresses.
 */
export function joinStringOf(
  { publicAddress, listening, pin }: {
    readonly publicAddress: Address | undefined;
    readonly listening: Address;
    /** The pin of the server's key now: an exchange of the certificate may change it. */
    readonly pin: () => string;
  },
): (code: string) => string | undefined {
  const isWildcard = WILDCARDS.includes(listening.hostname);
  const address = publicAddress ?? (isWildcard ? undefined : listening);
  if (address === undefined) return () => undefined;
  const { hostname, port } = address;
  return (code) => formatJoinString({ hostname, port, code, pin: pin() });
}
