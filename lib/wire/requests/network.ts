// Networks as CIDR: `10.0.0.0/8`, `2001:db8::/32`, or one address. IPv4 written as IPv6 is IPv4.

import { isIPv4, isIPv6 } from "node:net";

/** A network in its one written form: the bits behind the prefix are 0. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

const V4_BITS = 32;
const V6_BITS = 128;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const CIDR = /^([0-9a-fA-F:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/;

/** The network in `text`; undefined when it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", digits] = CIDR.exec(text) ?? [];
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) {
    const prefix = digits === undefined ? V6_BITS : Number(digits);
    // A shorter prefix covers more than IPv4: it is a network of IPv6.
    if (prefix >= V6_BITS - V4_BITS && prefix <= V6_BITS) {
      return networkV4(mapped, prefix - (V6_BITS - V4_BITS));
    }
  }
  if (isIPv4(address)) return networkV4(address, digits === undefined ? V4_BITS : Number(digits));
  if (isIPv6(address)) return networkV6(address, digits === undefined ? V6_BITS : Number(digits));
  return undefined;
}

export function formatNetwork({ address, prefix }: Network): string {
  return `${address}/${prefix}`;
}

/** An address as it is compared with networks; undefined when the text is no address. */
export function parseAddress(text: string): Pick<Network, "address" | "family"> | undefined {
  const mapped = MAPPED.exec(text)?.[1];
  if (mapped !== undefined) return { address: mapped, family: "ipv4" };
  if (isIPv4(text)) return { address: text, family: "ipv4" };
  return isIPv6(text) ? { address: text, family: "ipv6" } : undefined;
}

function networkV4(address: string, prefix: number): Network | undefined {
  if (prefix > V4_BITS) return undefined;
  const bytes = address.split(".").map(Number);
  const masked = bytes.map((byte, at) => byte & byteMask(prefix - 8 * at));
  return { address: masked.join("."), prefix, family: "ipv4" };
}

function networkV6(address: string, prefix: number): Network | undefined {
  if (prefix > V6_BITS) return undefined;
  const groups = expand(shorten(address));
  const masked = groups.map((group, at) => {
    const bits = prefix - 16 * at;
    return (group & (byteMask(bits) << 8 | byteMask(bits - 8))).toString(16);
  });
  return { address: shorten(masked.join(":")), prefix, family: "ipv6" };
}

/** The mask of a byte of whose bits so many count. */
function byteMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}

/** The shortest form of an IPv6 address, as URLs have it (RFC 5952); without a dotted part. */
function shorten(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** The eight groups of an address in its shortest form. */
function expand(address: string): readonly number[] {
  const [head = "", tail = ""] = address.split("::");
  const [before, after] = [head, tail].map((part) => part === "" ? [] : part.split(":"));
  const zeros = Array(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill("0");
  return [...before ?? [], ...address.includes("::") ? zeros : [], ...after ?? []]
    .map((group) => Number.parseInt(group, 16));
}
