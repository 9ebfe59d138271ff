// The server that the client connects to, and how: plain, or by TLS with a pin, an authority's certificate
// or the system's roots. The pin that was kept for a server counts when none is given.

import {
  canonicalHost,
  formatJoinString,
  isJoinString,
  JoinStringError,
  parseJoinString,
} from "../../wire/secrets/join_string.ts";
import { type Address, DEFAULT_TLS_PORT, formatAddress, parseAddress } from "../address.ts";
import { ConfigError } from "../config_error.ts";

/** How the server of a TLS connection is recognised. */
export interface ServerTrust {
  /** The pin of the server's key: with it nothing else counts. */
  readonly pin?: string;
  /** The certificates of an authority, PEM, instead of the system's. */
  readonly authority?: string;
}

/** A server, plain without `tls`. */
export interface ChosenServer {
  readonly address: Address;
  readonly tls?: ServerTrust;
}

interface TrustSources {
  readonly configDirectory: string;
  readonly findFile: (path: string) => string | undefined;
}

/** What identifies a server besides a given pin. */
interface Trust {
  /** The pin that was kept for the server. */
  readonly keptPin: string | undefined;
  /** The file of an authority's certificates. */
  readonly caPath: string | undefined;
  readonly sources: TrustSources;
}

/**
 * What `--server` says: HOST, HOST:PORT or parley://HOST:PORT#PIN. @throws {ConfigError}
 */
export function parseServer(
  text: string,
  source: string,
  { isTls }: { readonly isTls: boolean },
): ChosenServer {
  if (!isJoinString(text)) {
    if (!isTls) return { address: parseAddress(text, source) };
    const { hostname, port } = parseAddress(text, source, { defaultPort: DEFAULT_TLS_PORT });
    return { address: { hostname: hostByTls(hostname), port }, tls: {} };
  }
  const { hostname, port, code, pin } = parseJoin(text, source);
  if (code === undefined) return { address: { hostname, port }, tls: { pin } };
  throw new ConfigError("usage", `${source} holds a code: "client join STRING" redeems it`);
}

/** As a join string has it: a pin was kept for the host in this form. */
function hostByTls(hostname: string): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return canonicalHost(host) ?? hostname.toLowerCase();
}

function parseJoin(text: string, source: string): ReturnType<typeof parseJoinString> {
  try {
    return parseJoinString(text);
  } catch (error) {
    if (!(error instanceof JoinStringError)) throw error;
    throw new ConfigError("usage", `${source}: ${error.message}`);
  }
}

/**
 * The server with what is known of it: the pin that was given or kept, else the certificates in `caPath`. @throws {ConfigError} when a file cannot be used; {FileFault}
 */
export function completeTrust(
  server: ChosenServer,
  { keptPin, caPath, sources }: Trust,
): ChosenServer {
  if (server.tls === undefined) {
    if (caPath === undefined) return server;
    throw new ConfigError("usage", "--ca is for TLS: add --tls, or give --server parley://HOST");
  }
  if (caPath !== undefined && server.tls.pin !== undefined) {
    throw new ConfigError("usage", "With a pin only the pin counts: leave --ca or the pin out");
  }
  const pin = server.tls.pin ?? keptPin;
  if (pin !== undefined) return { ...server, tls: { pin } };
  if (caPath === undefined) return { ...server, tls: {} };
  return { ...server, tls: { authority: readAuthority(caPath, sources) } };
}

function readAuthority(path: string, { findFile, configDirectory }: TrustSources): string {
  const text = findFile(path);
  if (text?.includes("-----BEGIN CERTIFICATE-----")) return text;
  const why = text === undefined ? "cannot be read" : "holds no certificate (PEM)";
  throw new ConfigError(
    "config",
    `--ca ${path} ${why}; the task reads files in ${configDirectory} only`,
  );
}

/**
 * The server as people write it. Tokens and kept messages belong to this text: with a pin it names the key,
 * so that none of them goes to another key, and none by TLS goes to a plain connection.
 */
export function formatServer({ address, tls }: ChosenServer): string {
  return tls === undefined
    ? formatAddress(address)
    : formatJoinString({ ...address, pin: tls.pin });
}
