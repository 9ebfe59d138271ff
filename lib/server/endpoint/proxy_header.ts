// The header of the PROXY protocol, version 2, by which a balancer tells the address of its client
// (haproxy.org, doc/proxy-protocol.txt §2.2). Decodes it; reads no socket.

const SIGNATURE = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10);
/** The first part, which holds the length of the rest. */
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

/** @returns how many bytes follow; undefined when this is no such header */
export function decodeProxyStart(start: Uint8Array): number | undefined {
  if (start.length !== PROXY_START_BYTES) return undefined;
  if (!SIGNATURE.every((byte, at) => start[at] === byte)) return undefined;
  const [version = 0, , high = 0, low = 0] = start.subarray(SIGNATURE.length);
  const command = version & 0x0f;
  if (version >> 4 !== VERSION || command > COMMANDS.proxy) return undefined;
  const length = high * 256 + low;
  return length <= MOST_REST_BYTES ? length : undefined;
}

/**
 * The address of the client, after `decodeProxyStart` has accepted the start; `own`: the balancer speaks
 * for itself, as when it checks the server's health. Undefined when the header is malformed.
 */
export function decodeProxyAddress(
  start: Uint8Array,
  rest: Uint8Array,
): { readonly client: string } | "own" | undefined {
  const [command = 0, family = 0] = start.subarray(SIGNATURE.length);
  if ((command & 0x0f) === COMMANDS.local) return "own";
  if (family === TCP4) {
    if (rest.length < TCP4_BYTES) return undefined;
    return { client: rest.subarray(0, 4).join(".") };
  }
  if (family === TCP6) {
    if (rest.length < TCP6_BYTES) return undefined;
    return { client: formatIPv6(rest.subarray(0, 16)) };
  }
  // Of another transport the address is of no use, and the header says to ignore it.
  return "own";
}

/** In its shortest form; an IPv4 address written as IPv6 is the former. */
function formatIPv6(bytes: Uint8Array): string {
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
  if (isMapped) return bytes.subarray(12).join(".");
  const groups = bytes.toHex().match(/.{4}/g) ?? [];
  return new URL(`ws://[${groups.join(":")}]`).hostname.slice(1, -1);
}
