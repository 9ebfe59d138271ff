// Waits for another program's lock on an SQLite file without SQLite, which would sleep on the event loop.

import { sleep } from "../../time.ts";
import { isSqlError, SqlError } from "../sql.ts";

/** Before the next try: doubled each time, up to the last. */
const WAIT_MS = { first: 1, last: 50 };

interface LockWait {
  /** The time, as `performance.now` has it, after which there is no other try. */
  readonly until: number;
}

/** The result of `work`, which is tried again while another program has locked the file. @throws {SqlError} lost */
export async function retryWhileLocked<T>(work: () => Promise<T>, { until }: LockWait): Promise<T> {
  for (let waitMs = WAIT_MS.first;; waitMs = Math.min(2 * waitMs, WAIT_MS.last)) {
    try {
      return await work();
    } catch (error) {
      if (!isSqlError(error, "conflict")) throw error;
      if (performance.now() >= until) {
        const why = `${error.message}: another program has locked it`;
        throw new SqlError("lost", why, error.errno);
      }
    }
    await sleep(waitMs);
  }
}
