// `HOST:PORT` as people write it: 127.0.0.1:65432, [::1]:65432, chat.example.org:65432.

import { ConfigError } from "./config_error.ts";

/** The port of the protocol, by default on this machine only. */
export const DEFAULT_PORT = 65432;

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** @param option the option's name, for the message. @throws {ConfigError} */
export function parseAddress(text: string, option: string): Address {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]]+):(\d{1,5})$/.exec(text);
  const [, host, port] = match ?? [];
  if (host === undefined || Number(port) > 65535) {
    throw new ConfigError(
      "usage",
      `${option} must be HOST:PORT, as in 127.0.0.1:${DEFAULT_PORT} or [::1]:${DEFAULT_PORT}`,
    );
  }
  return { hostname: host.replace(/^\[(.*)\]$/, "$1"), port: Number(port) };
}

export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
