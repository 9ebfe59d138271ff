// `history ROOM`: prints the messages of a room, oldest first. It takes as long as the server takes, but
// no longer than the time-out without a page.

import type { ClientContext } from "../context.ts";
import { describeMissing, formatDuration } from "../output/wording.ts";
import { failure } from "../../terminal/view_lines.ts";
import { Failure } from "../exit.ts";
import { withSession } from "../link/with_session.ts";
import { type HistoryPage, readHistory } from "../history/paging.ts";
import { Progress } from "../history/progress.ts";
import { JsonView, PlainView, writeLine } from "../output/plain_and_json_views.ts";

interface HistoryOptions {
  readonly room: string;
  readonly before?: number;
  readonly limit: number;
  readonly json: boolean;
  /** How long to wait for the next page. */
  readonly timeoutMs: number;
  /** Whether a person reads stderr: then it shows the progress. */
  readonly isWatched: boolean;
}

/** @throws {Failure} when messages are missing; those that the server gave were printed. */
export async function history(context: ClientContext, options: HistoryOptions): Promise<void> {
  const { room, before, limit: count, timeoutMs } = options;
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
      for await (
        const page of readHistory({ room, before, limit: count }, {
          session,
          clock,
          random,
          signal,
          slowed,
        })
      ) {
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
}

class Printer {
  readonly #context: ClientContext;
  readonly #options: HistoryOptions;
  readonly #view: JsonView | PlainView;
  readonly #progress: Progress;
  #printed = 0;
  #missing = 0;
  #ended: { readonly seq: number; readonly last: number } | undefined;

  constructor(context: ClientContext, options: HistoryOptions) {
    const { output } = context;
    this.#context = context;
    this.#options = options;
    this.#view = options.json ? new JsonView(output) : new PlainView(output);
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
