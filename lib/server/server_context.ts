// The parts of one server that all of its sessions share. Knows no session.

import type { Clock } from "../time.ts";
import type { CodePolicy } from "../chat/people/code_rules.ts";
import type { Hub } from "../chat/hub.ts";
import type { Log } from "../log.ts";
import type { QueueBudget } from "../wire/stream/connection.ts";
import type { Limits } from "../wire/limits.ts";
import type { AccountPolicy, Passwords } from "./admission/passwords.ts";
import type { AddressLimiter } from "./addresses.ts";
import type { Dialect } from "./connection/channel.ts";
import type { InternalErrors } from "./internal_errors.ts";
import type { LoopPacer } from "./loop_pacer.ts";
import type { TokenOwner } from "../store/records.ts";

export interface ServerContext {
  readonly hub: Hub;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults: InternalErrors;
  readonly turns: LoopPacer;
  readonly addresses: AddressLimiter;
  readonly budget: QueueBudget;
  /** The dialects of clients: version 1, and bare objects without newlines (protocol §9). */
  readonly dialects: { readonly v1: Dialect; readonly legacy: Dialect };
  /** The owners of tokens that are valid only until this process ends. */
  readonly processTokens: ReadonlyMap<string, TokenOwner>;
  /** Who may become an account: every guest, or only with a code, or nobody. */
  readonly accounts: AccountPolicy;
  readonly passwords: Passwords;
  /** Whether members may invite people, or administrators alone. */
  readonly invites: CodePolicy["invites"];
  /** One string by which a person joins with this code; undefined without a public address. */
  readonly joinString: (code: string) => string | undefined;
  readonly counters: () => Readonly<Record<string, number>>;
}
