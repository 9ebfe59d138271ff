// The header of the PROXY protocol by which a balancer tells the address of its client (haproxy.org,
// doc/proxy-protocol.txt): a line of text in version 1 (§2.1), bytes in version 2 (§2.2). Decodes it; reads
// no socket.

import { isIPv4, isIPv6 } from "node:net";

/** As much as can be read before the version is known: a line is longer. */
export const PROXY_FIRST_BYTES = 12;
/** The longest line, with its end. */
export const PROXY_LINE_BYTES = 107;
const LINE = /^PROXY (?:(UNKNOWN)(?: .*)?|(TCP4|TCP6) (\S+) (\S+) \d{1,5} \d{1,5})\r\n$/;
const LINE_START = new TextEncoder().encode("PROXY ");

const SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
/** The first part of version 2, which holds the length of the rest. */
export const PROXY_START_BYTES = 16;
/** Balancers add some hundred bytes of their own behind the addresses. */
const MOST_REST_BYTES = 4_096;

const VERSION = 2;
const COMMANDS = { local: 0, proxy: 1 } as const;
/** Family and transport: TCP over IPv4, TCP over IPv6. */
const TCP4 = 0x11;
const TCP6 = 0x21;
/** Of two addresses and two ports. */
const TCP4_BYTES = 12;
const TCP6_BYTES = 36;

/**
 * The client's address; `own`: the balancer connects for itself, for example to check the server's health.
 */
export type ProxiedAddress = { readonly client: string } | "own";

/** Whether these are the first bytes of a header of version 1. */
export function isProxyLine(first: Uint8Array): boolean {
  return LINE_START.every((byte, at) => first[at] === byte);
}

/** The address in a whole line with its end; undefined when it is malformed. */
export function decodeProxyLine(line: Uint8Array): ProxiedAddress | undefined {
  const [, unknown, family, source = "", destination = ""] =
    LINE.exec(new TextDecoder("latin1").decode(line)) ?? [];
  if (unknown !== undefined) return "own";
  const isAddress = family === "TCP4" ? isIPv4 : isIPv6;
  if (!isAddress(source) || !isAddress(destination)) return undefined;
  return { client: family === "TCP4" ? source : formatIPv6(source) };
}

/** @returns how many bytes follow in version 2; undefined when this is no such header */
export function decodeProxyStart(start: Uint8Array): number | undefined {
  if (start.length !== PROXY_START_BYTES) return undefined;
  if (!SIGNATURE.every((byte, at) => start[at] === byte)) return undefined;
  const [version = 0, , high = 0, low = 0] = start.subarray(SIGNATURE.length);
  const command = version & 0x0f;
  if (version >> 4 !== VERSION || command > COMMANDS.proxy) return undefined;
  const length = high * 256 + low;
  return length <= MOST_REST_BYTES ? length : undefined;
}

/** The address in a header of version 2, after `decodeProxyStart` has accepted the start; undefined when it is malformed. */
export function decodeProxyAddress(
  start: Uint8Array,
  rest: Uint8Array,
): ProxiedAddress | undefined {
  const [command = 0, family = 0] = start.subarray(SIGNATURE.length);
  if ((command & 0x0f) === COMMANDS.local) return "own";
  if (family === TCP4) {
    if (rest.length < TCP4_BYTES) return undefined;
    return { client: rest.subarray(0, 4).join(".") };
  }
  if (family === TCP6) {
    if (rest.length < TCP6_BYTES) return undefined;
    const groups = rest.subarray(0, 16).toHex().match(/.{4}/g) ?? [];
    return { client: formatIPv6(groups.join(":")) };
  }
  // Of another transport the address is of no use, and the header says to ignore it.
  return "own";
}

/** In its shortest form; an IPv4 address written as IPv6 is the former. */
function formatIPv6(text: string): string {
  const address = new URL(`ws://[${text}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low].map((group) => parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255]).join(".");
}
