// Sends pings by schedule, so that a stall of the server is measured in full.

import type { Address } from "../../support/clients/peer.ts";
import { ObserverThread } from "./observer_thread.ts";

export interface PingReport {
  /** Pings answered. */
  readonly pings: number;
  /** From the moment a ping was due to its answer, in milliseconds. */
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** What the thread is told first. */
export interface Beginning {
  readonly address: Address;
  /** The guest that pings. */
  readonly name: string;
}

/** Resolves when it pings. */
export function beginPinging(
  server: { readonly address: Address },
  name: string,
): Promise<ObserverThread<PingReport>> {
  const beginning: Beginning = { address: server.address, name };
  return ObserverThread.begin(new URL("./pinger_thread.ts", import.meta.url), beginning);
}
