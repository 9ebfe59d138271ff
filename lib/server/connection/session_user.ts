// The user of a session, from the login on: the principal and its subscriptions. Knows no dialect.

import type { OpenPrincipal } from "../../chat/people/principal.ts";
import type { InternalErrors } from "../internal_errors.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { Outlet } from "./subscription.ts";
import { Subscriptions } from "./subscriptions.ts";

interface SessionUserOptions {
  readonly outlet: Outlet;
  readonly faults: InternalErrors;
  /** Stops when the connection ends. */
  readonly ending: StopSignal;
}

export class SessionUser {
  readonly principal: OpenPrincipal;
  readonly subscriptions: Subscriptions;

  /** Takes over the principal: `close` closes it. */
  constructor(principal: OpenPrincipal, options: SessionUserOptions) {
    const { outlet, faults, ending } = options;
    this.principal = principal;
    this.subscriptions = new Subscriptions(principal, { outlet, faults, ending });
  }

  /** Ends the subscriptions; requests that are under way are still answered. */
  close(): void {
    this.subscriptions.unsubscribeAll();
    this.principal.close();
  }
}
