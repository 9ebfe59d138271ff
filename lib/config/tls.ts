// The options of the TLS listener, and the rule that what leaves the machine is encrypted.

import { isIP } from "node:net";
import { type Address, DEFAULT_TLS_PORT, formatAddress, parseAddress } from "./address.ts";
import { ConfigError } from "./config_error.ts";
import type { TlsConfig } from "./start_command.ts";

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
