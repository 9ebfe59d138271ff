// What every command is given: who and where, and the outside world as parts that a test replaces.

import type { ByteStream } from "../wire/byte_stream.ts";
import type { SleepClock } from "../time.ts";
import type { KeptIdentity } from "./files/identity.ts";
import { Outbox } from "./outbox/outbox.ts";
import type { PrivateFiles } from "./files/private_files.ts";
import type { Output } from "./output/view.ts";

export interface ClientContext {
  /** The server as people write it; tokens and kept messages belong to it. */
  readonly server: string;
  readonly identity: KeptIdentity;
  /** Where messages without an answer, unsent texts and typed lines are kept. */
  readonly state: PrivateFiles;
  readonly connect: (signal: AbortSignal) => Promise<ByteStream>;
  readonly clock: SleepClock;
  /** From 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly output: Output;
  /** Aborts when the person wants to stop; its reason is the failure to end with. */
  readonly signal: AbortSignal;
}

/** The kept messages of the context's server. */
export function outboxOf({ state, server }: ClientContext): Outbox {
  return new Outbox(state.within("outbox").within(encodeURIComponent(server)));
}

/** Texts that could not be sent. */
export function unsentOf({ state }: ClientContext): PrivateFiles {
  return state.within("unsent");
}
