// Networks as CIDR: `10.0.0.0/8`, `2001:db8::/32`, or one address. IPv4 written as IPv6 is IPv4.

import { isIPv4, isIPv6 } from "node:net";

/** An address as groups of 16 bits: two of IPv4, eight of IPv6. */
export type AddressGroups = readonly number[];

/** A network: the bits behind the prefix are 0. */
export interface Network {
  readonly groups: AddressGroups;
  readonly prefix: number;
}

const GROUP_BITS = 16;
const V4_BITS = 32;
const V6_BITS = 128;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const CIDR = /^([0-9a-fA-F:.]{2,45})(?:\/(0|[1-9][0-9]{0,2}))?$/;

/** The network in `text`; undefined when it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", digits] = CIDR.exec(text) ?? [];
  const mapped = MAPPED.exec(address)?.[1];
  const mappedBits = V6_BITS - V4_BITS;
  // A shorter prefix covers more than IPv4: it is a network of IPv6.
  if (mapped !== undefined && isIPv4(mapped) && Number(digits ?? V6_BITS) >= mappedBits) {
    return networkOf(mapped, Number(digits ?? V6_BITS) - mappedBits);
  }
  const bits = isIPv4(address) ? V4_BITS : V6_BITS;
  return networkOf(address, Number(digits ?? bits));
}

function networkOf(address: string, prefix: number): Network | undefined {
  const groups = groupsOf(address);
  if (groups === undefined || prefix > groups.length * GROUP_BITS) return undefined;
  return { groups: maskGroups(groups, prefix), prefix };
}

/** The one written form of a network. */
export function formatNetwork({ groups, prefix }: Network): string {
  const isV4 = groups.length * GROUP_BITS === V4_BITS;
  const address = isV4
    ? groups.flatMap((group) => [group >> 8, group & 0xff]).join(".")
    : shorten(groups.map((group) => group.toString(16)).join(":"));
  return `${address}/${prefix}`;
}

/** An address as it is compared with networks; undefined when the text is no address. */
export function parseAddress(text: string): AddressGroups | undefined {
  return groupsOf(MAPPED.exec(text)?.[1] ?? text);
}

/** The address with the bits behind the prefix set to 0. */
export function maskGroups(groups: AddressGroups, prefix: number): AddressGroups {
  return groups.map((group, at) => {
    const bits = Math.min(GROUP_BITS, Math.max(0, prefix - GROUP_BITS * at));
    return group & (0xffff << (GROUP_BITS - bits)) & 0xffff;
  });
}

function groupsOf(address: string): AddressGroups | undefined {
  if (isIPv4(address)) {
    const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
    return [a << 8 | b, c << 8 | d];
  }
  return isIPv6(address) && !address.includes("%") ? expand(shorten(address)) : undefined;
}

/** The shortest form of an IPv6 address, as URLs have it (RFC 5952); without a dotted part. */
function shorten(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** The eight groups of an address in its shortest form. */
function expand(address: string): AddressGroups {
  const [before = [], after = []] = address.split("::")
    .map((part) => part === "" ? [] : part.split(":"));
  const zeros: string[] = address.includes("::")
    ? Array(8 - before.length - after.length).fill("0")
    : [];
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16));
}
