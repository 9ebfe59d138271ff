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

  /** Takes over the principal: `close` closes it. */
  constructor(principal: OpenPrincipal, { outlet, hub, faults, ending }: SessionUserOptions) {
    this.principal = principal;
    this.subscriptions = new Subscriptions(principal, { outlet, faults, ending });
    if (mayWatchDesk(principal)) ending.onStop(hub.desk.watchers.add(principal, outlet));
  }

  /** Ends the subscriptions; requests that are under way are still answered. */
  close(): void {
    this.subscriptions.unsubscribeAll();
    this.principal.close();
  }
}
