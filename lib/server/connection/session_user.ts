// The user of a session, from the login on: the principal, its subscriptions, and for an operator the
// questions asked at the desk. Knows no dialect.

import { mayWatchDesk } from "../../chat/desk/desk_watchers.ts";
import type { Hub } from "../../chat/hub.ts";
import type { OpenPrincipal } from "../../chat/people/principal.ts";
import type { InternalErrors } from "../internal_errors.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { Outlet } from "./subscription.ts";
import { Subscriptions } from "./subscriptions.ts";

interface SessionUserOptions {
  readonly outlet: Outlet;
  readonly hub: Hub;
  readonly faults: InternalErrors;
  /** Stops when the connection ends. */
  readonly ending: StopSignal;
}

export class SessionUser {
  readonly principal: OpenPrincipal;
  readonly subscriptions: Subscriptions;
  readonly #options: SessionUserOptions;
  /** Ends the notices of questions; undefined while there are none. */
  #stopWatching: (() => void) | undefined;

  /** Takes over the principal: `close` closes it. */
  constructor(principal: OpenPrincipal, options: SessionUserOptions) {
    const { outlet, faults, ending } = options;
    this.principal = principal;
    this.#options = options;
    this.subscriptions = new Subscriptions(principal, { outlet, faults, ending });
    this.updateDesk();
    ending.onStop(() => this.#stopWatching?.());
  }

  /** Begins or ends the notices of questions, as the role of the user is now. */
  updateDesk(): void {
    const { outlet, hub, ending } = this.#options;
    const isWatching = mayWatchDesk(this.principal) && !ending.isStopped;
    if (isWatching === (this.#stopWatching !== undefined)) return;
    this.#stopWatching?.();
    this.#stopWatching = isWatching ? hub.desk.watchers.add(this.principal, outlet) : undefined;
  }

  /** Ends the subscriptions; requests that are under way are still answered. */
  close(): void {
    this.subscriptions.unsubscribeAll();
    this.principal.close();
  }
}
