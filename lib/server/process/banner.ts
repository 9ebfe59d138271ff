// What a server prints when it is ready: three lines for a person, one line of JSON for a program.

import { isIPv6 } from "node:net";
import { type Address, formatAddress } from "../../config/address.ts";
import { type DatabaseConfig, formatDatabase } from "../../config/database.ts";
import type { Log } from "../../log.ts";
import { PROGRAM_NAME, VERSION } from "../../version.ts";

interface ReadyServer {
  /** The address on which it listens. */
  readonly address: Address;
  /** The address for TLS, and the pin of its key. */
  readonly tls?: { readonly address: Address; readonly pin: string } | undefined;
  readonly database: DatabaseConfig;
  /** Addresses of this machine for other machines, the best first; empty when unknown. */
  readonly hosts: readonly string[];
}

/** Some lines: the program, its addresses and database, and how to connect. */
export function formatBanner({ address, tls, database, hosts }: ReadyServer): string {
  return [
    `Parley ${VERSION}: a chat server that keeps every message.`,
    `Listening on ${formatAddress(address)}, keeping messages in ${formatDatabase(database)}.`,
    ...(tls === undefined
      ? []
      : [`For other machines: TLS on ${formatAddress(tls.address)}, with the pin ${tls.pin}.`]),
    `Connect with: deno task client --server ${describeServerAddress(address, hosts)}`,
    "",
  ].join("\n");
}

/** The address to connect to; a wildcard address is replaced by one of `hosts`. */
function describeServerAddress({ hostname, port }: Address, hosts: readonly string[]): string {
  if (hostname !== "0.0.0.0" && hostname !== "::") return formatAddress({ hostname, port });
  const known = hosts.find((host) => !isIPv6(host)) ?? (hostname === "::" ? hosts[0] : undefined);
  if (known !== undefined) return formatAddress({ hostname: known, port });
  return `HOST:${port} (HOST is this machine's name or address; PARLEY_HOST sets it)`;
}

export function logReady(log: Log, { address, tls, database }: ReadyServer): void {
  log.info("ready", {
    server: PROGRAM_NAME,
    address: address.hostname,
    port: address.port,
    ...(tls === undefined
      ? {}
      : { tls_address: tls.address.hostname, tls_port: tls.address.port, tls_pin: tls.pin }),
    database: formatDatabase(database),
  });
}
