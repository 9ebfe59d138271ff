// Bystanders on a thread of their own.

import type { BystanderOptions, BystanderReport } from "./bystander.ts";
import type { Address } from "./peer.ts";
import { Watcher } from "./watcher.ts";

/** What the thread is told first. */
export interface Beginning {
  readonly address: Address;
  readonly options: BystanderOptions;
}

/** Resolves when they talk. */
export function beginBystandersApart(
  server: { readonly address: Address },
  options: BystanderOptions = {},
): Promise<Watcher<BystanderReport>> {
  const beginning: Beginning = { address: server.address, options };
  return Watcher.begin(new URL("./bystanders_thread.ts", import.meta.url), beginning);
}
