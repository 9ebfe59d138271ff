// The frames of the inquiry desk (protocol §8).

import type { LoggedEvent } from "../event.ts";
import type { InquirySummary } from "../summaries.ts";

/** What a client sends to the desk. */
export interface DeskRequests {
  /** Asks the desk a question, which opens a new inquiry. */
  inquiry: { readonly content: string; readonly cid?: string };
  /** Lists the inquiries that wait for an answer, the longest waiting first (operator). */
  queue: { readonly limit?: number };
  /** Answers a question of an inquiry, the latest unless `to` names another (operator). */
  respond: {
    readonly inquiry: number;
    readonly content: string;
    readonly cid?: string;
    readonly to?: number;
  };
}

/** What a server sends about inquiries. */
export interface DeskFrames {
  /** A question in an inquiry, sent to every operator; without `re`, and `seq` is the room's. */
  inquiry: LoggedEvent & { readonly inquiry: number };
  queue: { readonly inquiries: readonly InquirySummary[]; readonly more: boolean };
}
