// The context of every command: user and server, and the outside world as parts that a test replaces.

import type { ByteStream } from "../wire/stream/byte_stream.ts";
import type { SleepClock } from "../time.ts";
import type { UserIdentity } from "./files/identity.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Preferences } from "./places/preferences.ts";
import type { TextStore } from "./files/text_store.ts";
import type { Output } from "./output/plain_and_json_views.ts";

export interface ClientContext {
  /** The server as people write it; tokens and kept messages belong to it. */
  readonly server: string;
  readonly identity: UserIdentity;
  /** Where messages without an answer and unsent texts are kept. */
  readonly state: TextStore;
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

/** The drafts for the rooms of the context's server. */
export function draftsOf({ state, server }: ClientContext): TextStore {
  return state.within("drafts").within(encodeURIComponent(server));
}

/** What the person has set for the context's server. */
export function preferencesOf({ state, server }: ClientContext): Preferences {
  return new Preferences(state.within("preferences").within(encodeURIComponent(server)));
}

/** Texts that could not be sent. */
export function unsentOf({ state }: ClientContext): TextStore {
  return state.within("unsent");
}
