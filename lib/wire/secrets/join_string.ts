// The join string: parley://host:port/CODE#pin. The scheme means TLS. Used by both ends. Knows no socket.

import { isIPv6 } from "node:net";
import { parseCode } from "./code_format.ts";

const SCHEME = "parley://";
/** The port without one in the string. */
const DEFAULT_PORT = 65433;
/** 16 bytes as base64url: the last character has 2 bits that count. */
const PIN = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[^\s:[\]\\/@,?#%]+)(?::(\d{1,5}))?$/;
const HOST = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?$/;

/** A server to connect to by TLS, and what a new user needs there. */
export interface JoinString {
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly code?: string;
  /** The pin of the server's key; without it an authority vouches for the server. */
  readonly pin?: string;
}

/** What is wrong with a join string, as a sentence that never repeats its code. */
export class JoinStringError extends Error {
  override readonly name = "JoinStringError";
}

/** Whether a text is meant as a join string: it begins with its scheme. */
export function isJoinString(text: string): boolean {
  return text.slice(0, SCHEME.length).toLowerCase() === SCHEME;
}

/** @throws {JoinStringError} */
export function parseJoinString(text: string): JoinString {
  if (!isJoinString(text)) throw new JoinStringError(`A join string begins with ${SCHEME}`);
  const [, authority = "", path, pin] = /^([^/#?]*)(?:\/([^#?]*))?(?:#([^]*))?$/
    .exec(text.slice(SCHEME.length)) ?? [];
  const [, host = "", digits] = AUTHORITY.exec(authority) ?? [];
  const hostname = canonicalHost(host);
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (hostname === undefined || port < 1 || port > 65535) {
    throw new JoinStringError(
      "The join string names no server: it is like parley://chat.example:65433/CODE#PIN",
    );
  }
  if (pin !== undefined && !PIN.test(pin)) {
    throw new JoinStringError(
      "The pin behind the # of the join string must be 22 characters: was the whole string copied?",
    );
  }
  return { hostname, port, code: readCode(path), pin };
}

/**
 * A host, an IPv6 address in brackets, in the one form that it has, without them: as it is resolved, compared
 * and shown. Undefined when it is none.
 */
export function canonicalHost(text: string): string | undefined {
  try {
    const { hostname } = new URL(`ws://${text}`);
    const address = hostname.slice(1, -1);
    if (isIPv6(address)) return address;
    return HOST.test(hostname) ? hostname : undefined;
  } catch {
    return undefined;
  }
}

function readCode(path = ""): string | undefined {
  if (path === "") return undefined;
  const code = parseCode(path);
  if (code !== undefined) return code;
  throw new JoinStringError(
    "The code in the join string must be 16 letters and digits: was the whole string copied?",
  );
}

/** The string in its shortest standard form. */
export function formatJoinString({ hostname, port, code, pin }: JoinString): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const path = code === undefined ? "" : `/${code}`;
  return `${SCHEME}${host}:${port}${path}${pin === undefined ? "" : `#${pin}`}`;
}
