// A connection that is sent what is asked at the desk. Each delivery asks whether its user may see it now:
// a user who is an operator no longer gets nothing more.

import type { Batch } from "./batch.ts";
import type { Member } from "./fanout.ts";
import type { Principal } from "./principal.ts";

/** Whether the principal may see the queue and every inquiry that is asked. */
export function mayWatchDesk(principal: Principal): boolean {
  return principal.hasRole("operator");
}

export class DeskWatcher implements Member {
  readonly #principal: Principal;
  readonly #outlet: Member;

  constructor(principal: Principal, outlet: Member) {
    this.#principal = principal;
    this.#outlet = outlet;
  }

  deliver(batch: Batch): boolean {
    return mayWatchDesk(this.#principal) && this.#outlet.deliver(batch);
  }
}
