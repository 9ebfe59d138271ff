// What the store keeps and answers of inquiries, beside `InquiryRecord`. Types only.

import type { InquiryState } from "../../wire/event.ts";

/** What the sender of a change believes of an inquiry; `null`: nobody works on it. */
export interface Expectation {
  readonly state?: InquiryState | undefined;
  readonly assignee?: string | null | undefined;
}

/** How far an inquiry has come. */
export interface InquiryStatus {
  readonly state: InquiryState;
  /** The name of the operator who works on it. */
  readonly assignee?: string | undefined;
}

/** An inquiry as far as a report of the desk counts it; times are UTC milliseconds. */
export interface AskedInquiry {
  readonly opened: number;
  /** The name of its queue; undefined when none was named. */
  readonly queue: string | undefined;
  /** `resolved`: closed without an answer. `waiting`: for its first answer, or for another one. */
  readonly outcome: "answered" | "decided" | "withdrawn" | "expired" | "resolved" | "waiting";
  readonly firstAnswered: number | undefined;
  readonly closed: number | undefined;
}

export interface AskedInquiries {
  /** The newest first. */
  readonly inquiries: readonly AskedInquiry[];
  /** Older ones were asked in the same period and are not among them. */
  readonly more: boolean;
}
