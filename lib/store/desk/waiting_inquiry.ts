// What the alarms of the desk read of an inquiry. Types only.

import type { UserRecord } from "../records.ts";

/** An inquiry in the queue, as far as it decides about alarms; times are UTC milliseconds. */
export interface WaitingInquiry {
  readonly inquiry: number;
  readonly asker: UserRecord;
  readonly queue: string | undefined;
  readonly waitingSince: number;
  readonly seen: number | undefined;
  /** When operators were alarmed that nobody had seen it, and that it waited for an answer. */
  readonly unseenAt: number | undefined;
  readonly unansweredAt: number | undefined;
}
