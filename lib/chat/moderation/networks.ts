// The networks that are banned from a room or from the server. A ban with an end ends by itself. An address
// is looked up once for each prefix length in use, not compared with each network: a `BlockList` of 10,000
// networks takes 0.5 ms for each address.

import type { BanRecord } from "../../store/records.ts";
import {
  type AddressGroups,
  maskGroups,
  type Network,
  parseAddress,
  parseNetwork,
} from "../../wire/requests/network.ts";

/** Whether a ban or a standing holds at this time, UTC milliseconds. */
export function holdsAt({ ends }: { readonly ends: number | undefined }, now: number): boolean {
  return ends === undefined || ends > now;
}

export class NetworkBans {
  readonly #bans = new Map<string, BanRecord>();
  /** The lengths of prefixes that there are, of IPv4 and of IPv6. */
  readonly #prefixes = new Map<number, Set<number>>();

  constructor(bans: readonly BanRecord[]) {
    for (const ban of bans) {
      const network = ban.network === undefined ? undefined : parseNetwork(ban.network);
      if (network === undefined) continue;
      const { groups, prefix } = network;
      this.#bans.set(keyOf(network), ban);
      const prefixes = this.#prefixes.get(groups.length) ?? new Set();
      this.#prefixes.set(groups.length, prefixes.add(prefix));
    }
  }

  /** The ban that keeps out this address, the longest first; undefined: none, or it is no address. */
  find(address: string, now: number): BanRecord | undefined {
    if (this.#bans.size === 0) return undefined;
    const groups = parseAddress(address);
    let longest: BanRecord | undefined;
    for (const prefix of this.#prefixesFor(groups)) {
      const ban = this.#bans.get(keyOf({ groups: maskGroups(groups ?? [], prefix), prefix }));
      if (ban === undefined || !holdsAt(ban, now)) continue;
      if (longest === undefined || endOf(ban) > endOf(longest)) longest = ban;
    }
    return longest;
  }

  #prefixesFor(groups: AddressGroups | undefined): Iterable<number> {
    return groups === undefined ? [] : this.#prefixes.get(groups.length) ?? [];
  }
}

/** Whether the network, as CIDR, contains the address. */
export function isInNetwork(address: string, network: string): boolean {
  const parsed = parseNetwork(network);
  const groups = parseAddress(address);
  if (parsed === undefined || groups?.length !== parsed.groups.length) return false;
  const { prefix } = parsed;
  return keyOf({ groups: maskGroups(groups, prefix), prefix }) === keyOf(parsed);
}

function keyOf({ groups, prefix }: Network): string {
  return `${groups.join(":")}/${prefix}`;
}

function endOf({ ends }: BanRecord): number {
  return ends ?? Infinity;
}
