// Bystanders on a thread of their own.

import type { BystanderOptions, BystanderReport } from "./bystander.ts";
import type { Address } from "../../support/clients/peer.ts";
import { ObserverThread } from "./observer_thread.ts";

/** What the thread is told first. */
export interface Beginning {
  readonly address: Address;
  readonly options: BystanderOptions;
}

/** Resolves when they talk. */
export function beginBystandersApart(
  server: { readonly address: Address },
  options: BystanderOptions = {},
): Promise<ObserverThread<BystanderReport>> {
  const beginning: Beginning = { address: server.address, options };
  return ObserverThread.begin(new URL("./bystanders_thread.ts", import.meta.url), beginning);
}
