// The networks that are banned, from a room or from the server. A ban for a time ends by itself.

import { BlockList } from "node:net";
import type { BanRecord } from "../../store/records.ts";
import { parseAddress, parseNetwork } from "../../wire/requests/network.ts";

/** Whether a ban or a standing holds at this time, UTC milliseconds. */
export function holdsAt({ ends }: { readonly ends: number | undefined }, now: number): boolean {
  return ends === undefined || ends > now;
}

export class NetworkBans {
  readonly #bans: readonly BanRecord[];
  /** All of them: few addresses are in any, and for those they are looked at one by one. */
  readonly #list: BlockList;

  constructor(bans: readonly BanRecord[]) {
    this.#bans = bans.filter(({ network }) => network !== undefined);
    this.#list = listOf(this.#bans);
  }

  /** The ban that keeps out this address, the longest first; undefined: none, or it is no address. */
  find(address: string, now: number): BanRecord | undefined {
    if (this.#bans.length === 0) return undefined;
    const parsed = parseAddress(address);
    if (parsed === undefined || !this.#list.check(parsed.address, parsed.family)) return undefined;
    return this.#bans
      .filter((ban) => holdsAt(ban, now) && listOf([ban]).check(parsed.address, parsed.family))
      .toSorted((a, b) => (b.ends ?? Infinity) - (a.ends ?? Infinity))[0];
  }
}

/** Whether the network, as CIDR, contains the address. */
export function isInNetwork(address: string, network: string): boolean {
  const parsed = parseAddress(address);
  const list = new BlockList();
  addTo(list, network);
  return parsed !== undefined && list.check(parsed.address, parsed.family);
}

function listOf(bans: readonly BanRecord[]): BlockList {
  const list = new BlockList();
  for (const { network } of bans) if (network !== undefined) addTo(list, network);
  return list;
}

function addTo(list: BlockList, text: string): void {
  const network = parseNetwork(text);
  if (network !== undefined) list.addSubnet(network.address, network.prefix, network.family);
}
