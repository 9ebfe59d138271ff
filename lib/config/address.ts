// `HOST` or `HOST:PORT` as people write it: 127.0.0.1:65432, [::1]:65432, chat.example.org.

import { isIPv6 } from "node:net";
import { ConfigError } from "./config_error.ts";

/** The port of the protocol, by default on this machine only. */
export const DEFAULT_PORT = 65432;

export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Without a port it is the default one. @param option its name, for the message. @throws {ConfigError} */
export function parseAddress(text: string, option: string): Address {
  if (isIPv6(text)) return { hostname: text, port: DEFAULT_PORT };
  const [, address, name, digits] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/@,?#]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const hostname = address ?? name;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (hostname === undefined || port > 65535) {
    throw new ConfigError(
      "usage",
      `${option} must be HOST or HOST:PORT, as in 127.0.0.1:${DEFAULT_PORT} or [::1]:${DEFAULT_PORT}`,
    );
  }
  if (/^\d+$/.test(hostname)) {
    throw new ConfigError(
      "usage",
      `${option} lacks a host before the port, as in 127.0.0.1:${hostname}`,
    );
  }
  return { hostname, port };
}

export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
