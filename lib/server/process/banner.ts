// What a server says when it is ready: three lines for a person, one line of JSON for a program.

import { isIPv6 } from "node:net";
import { type Address, formatAddress } from "../../config/address.ts";
import { type DatabaseConfig, formatDatabase } from "../../config/database.ts";
import type { Log } from "../../log.ts";
import { SERVER_NAME, VERSION } from "../version.ts";

export interface Ready {
  /** Where it really listens. */
  readonly address: Address;
  readonly database: DatabaseConfig;
  /** How others may reach this machine, the best first; empty when unknown. */
  readonly hosts: readonly string[];
}

/** Three lines: what it is, where it listens and keeps messages, how to connect. */
export function formatBanner({ address, database, hosts }: Ready): string {
  return [
    `Parley ${VERSION}: a chat server that keeps every message.`,
    `Listening on ${formatAddress(address)}, keeping messages in ${formatDatabase(database)}.`,
    `Connect with: deno task client --server ${describeWay(address, hosts)}`,
    "",
  ].join("\n");
}

/** Where to connect to; an address that stands for all of the machine's own is none to connect to. */
function describeWay({ hostname, port }: Address, hosts: readonly string[]): string {
  if (hostname !== "0.0.0.0" && hostname !== "::") return formatAddress({ hostname, port });
  const known = hosts.find((host) => !isIPv6(host)) ?? (hostname === "::" ? hosts[0] : undefined);
  if (known !== undefined) return formatAddress({ hostname: known, port });
  return `HOST:${port} (HOST is this machine's name or address; PARLEY_HOST says it here)`;
}

export function logReady(log: Log, { address, database }: Ready): void {
  log.info("ready", {
    server: SERVER_NAME,
    address: address.hostname,
    port: address.port,
    database: formatDatabase(database),
  });
}
