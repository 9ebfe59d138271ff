// What a server says when it is ready: three lines for a person, one line of JSON for a program.

import { type Address, formatAddress } from "../config/address.ts";
import { type DatabaseConfig, formatDatabase } from "../config/database.ts";
import type { Log } from "../log.ts";
import { SERVER_NAME, VERSION } from "./version.ts";

export interface Ready {
  /** Where it really listens. */
  readonly address: Address;
  readonly database: DatabaseConfig;
}

/** Three lines: what it is, where it listens and keeps messages, how to connect. */
export function formatBanner({ address, database }: Ready): string {
  const at = formatAddress(address);
  return [
    `Parley ${VERSION}: a chat server that keeps every message.`,
    `Listening on ${at}, keeping messages in ${formatDatabase(database)}.`,
    `Connect with: deno task client --server ${at}`,
    "",
  ].join("\n");
}

export function logReady(log: Log, { address, database }: Ready): void {
  log.info("ready", {
    server: SERVER_NAME,
    address: address.hostname,
    port: address.port,
    database: formatDatabase(database),
  });
}
