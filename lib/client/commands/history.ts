// `history ROOM`: prints the messages of a room, oldest first. It takes as long as the server takes, but
// no longer than the time-out without a page.

import type { ClientContext } from "../context.ts";
import { formatDuration } from "../output/durations.ts";
import { describeMissing } from "../output/wording.ts";
import { failure, type View } from "../../terminal/view_lines.ts";
import { Failure } from "../exit.ts";
import { withSession } from "../link/with_session.ts";
import { type HistoryPage, HistoryReader, readHistory } from "../history/paging.ts";
import { countSince } from "../history/count_since.ts";
import { Progress } from "../history/progress.ts";
import { createEventView, writeLine } from "../output/plain_and_json_views.ts";

interface HistoryOptions {
  readonly room: string;
  readonly before?: number;
  /** Only messages from this time on, UTC milliseconds. */
  readonly sinceMs?: number;
  /** The newest so many; without it all of the range. */
  readonly limit?: number;
  readonly json: boolean;
  readonly showsSeq?: boolean;
  /** How long to wait for the next page. */
  readonly timeoutMs: number;
  /** Whether a person reads stderr: then it shows the progress. */
  readonly isWatched: boolean;
}

/**
 * @returns how many were printed
 * @throws {Failure} when messages are missing; those that the server gave were printed
 */
export async function history(context: ClientContext, options: HistoryOptions): Promise<number> {
  const { room, before, sinceMs, limit: count = Infinity, timeoutMs } = options;
  const { clock, random } = context;
  const printer = new Printer(context, options);
  const within = `within ${formatDuration(timeoutMs)}`;
  let overdue = new Failure("timeout", `The server did not answer ${within}`);
  const slowed = ({ message }: { readonly message: string }): void => {
    overdue = new Failure("tryAgain", `No page ${within}: ${message}`);
  };
  try {
    await withSession(context, {
      timeoutMs,
      overdue: () => overdue,
      postponed: (later) => Promise.resolve(slowed(later)),
    }, async (session, limit) => {
      const { signal } = limit;
      const paging = { session, clock, random, signal, slowed };
      const range = sinceMs === undefined ? count : await countSince(
        { room, before, sinceMs },
        new HistoryReader(paging),
      );
      const wanted = Math.min(count, range);
      if (wanted === 0) return;
      for await (const page of readHistory({ room, before, limit: wanted }, paging)) {
        limit.noteProgress();
        overdue = new Failure("timeout", `No further page ${within}`);
        printer.print(page);
        await limit.pauseDuring(context.output.whenRoom());
      }
    });
  } catch (error) {
    throw printer.explain(error);
  } finally {
    printer.end();
  }
  printer.checkWhole();
  return printer.count;
}

class Printer {
  readonly #context: ClientContext;
  readonly #options: HistoryOptions;
  readonly #view: View;
  readonly #progress: Progress;
  #printed = 0;
  #missing = 0;
  #ended: { readonly seq: number; readonly last: number } | undefined;

  constructor(context: ClientContext, options: HistoryOptions) {
    const { output } = context;
    this.#context = context;
    this.#options = options;
    this.#view = createEventView(output, options);
    this.#progress = new Progress(context);
  }

  print({ events, last, missing }: HistoryPage): void {
    if (missing !== undefined) {
      this.#progress.end();
      writeLine(this.#context.output, failure(describeMissing(this.#options.room, missing)));
      this.#missing += missing.to - missing.from + 1;
    }
    this.#view.show(events.map((event) => ({ kind: "event", event })));
    this.#printed += events.length;
    const seq = events.at(-1)?.seq ?? last;
    this.#ended = { seq, last };
    if (this.#options.isWatched) this.#progress.show(this.#printed, this.#printed + last - seq);
  }

  /** How many messages were printed. */
  get count(): number {
    return this.#printed;
  }

  end(): void {
    this.#progress.end();
  }

  /** The error, with the messages that were not printed because of it. */
  explain(error: unknown): unknown {
    if (this.#ended === undefined || !(error instanceof Failure)) return error;
    const { seq, last } = this.#ended;
    if (seq === last) return error;
    const { reason, message } = error;
    const gap = seq + 1 === last ? `message ${last} is` : `messages ${seq + 1}–${last} are`;
    return new Failure(reason, `${message}; ${gap} missing from what was printed`);
  }

  /** @throws {Failure} when the server has left out messages */
  checkWhole(): void {
    if (this.#missing === 0) return;
    throw new Failure("refused", `${this.#missing} messages are missing from the history`);
  }
}
