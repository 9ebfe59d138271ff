// Addresses as people write them: 127.0.0.1:65432, [::1]:65432, chat.example.org. The brackets of an
// IPv6 address are added and removed here and nowhere else.

import { BlockList, isIP, isIPv6 } from "node:net";
import { ConfigError } from "./config_error.ts";

/** The port of the protocol, by default on this machine only. */
export const DEFAULT_PORT = 65432;
/** The same over TLS. */
export const DEFAULT_TLS_PORT = 65433;

export interface Address {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
}

/**
 * `HOST` or `HOST:PORT`; without a port it is the default one.
 * @param option the name of the option, for the message
 * @throws {ConfigError}
 */
export function parseAddress(
  text: string,
  option: string,
  { defaultPort = DEFAULT_PORT }: { readonly defaultPort?: number } = {},
): Address {
  if (isIPv6(text)) return { hostname: text, port: defaultPort };
  const [, address, name, digits] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:[\]/@,?#]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const hostname = address ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (hostname === undefined || port > 65535) {
    throw new ConfigError(
      "usage",
      `${option} must be HOST or HOST:PORT, as in 127.0.0.1:${defaultPort} or [::1]:${defaultPort}`,
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

/** `HOST:PORT`, an IPv6 address in brackets. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** The host and port of a URL, without brackets. */
export function addressOf({ hostname, port }: URL, defaultPort: number): Address {
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? defaultPort : Number(port),
  };
}

/** Networks, as 10.0.0.0/8, fd00::/8 or one address. Undefined when there are none. @throws {ConfigError} for the first that is no network */
export function parseNetworks(texts: readonly string[], option: string): BlockList | undefined {
  if (texts.length === 0) return undefined;
  const networks = new BlockList();
  for (const text of texts) {
    const [, address = "", digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    const prefix = digits === undefined ? bits : Number(digits);
    if (version === 0 || prefix > bits) {
      throw new ConfigError(
        "usage",
        `${option}: ${
          JSON.stringify(text)
        } must be an address or a network, as in 10.0.0.0/8 or fd00::/8`,
      );
    }
    networks.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
  }
  return networks;
}
