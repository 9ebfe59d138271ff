// Matches texts against a pattern in a thread of its own: a pattern that never ends on some text must not
// block the client's time limit and Ctrl-C.

import { sleep, type SleepClock } from "../../time.ts";
import { Failure } from "../exit.ts";

/** No text takes longer, unless the pattern tries an exponential number of ways. */
const SLOW_MS = 2_000;

interface Task {
  readonly pattern: string;
  readonly text: string;
}

/** Whether it matches, or why that cannot be found out. */
type Verdict = boolean | string;

/** Its source is the program of the thread: it must use nothing of this module. */
function answerTasks(): void {
  const thread = globalThis as unknown as {
    onmessage: (event: { readonly data: Task }) => void;
    postMessage: (verdict: Verdict) => void;
  };
  let expression: RegExp | undefined;
  thread.onmessage = ({ data: { pattern, text } }) => {
    try {
      expression ??= new RegExp(pattern, "u");
      thread.postMessage(expression.test(text));
    } catch (error) {
      thread.postMessage(error instanceof Error ? error.message : "unknown reason");
    }
  };
  thread.postMessage(true);
}

/** One pattern, for one text after the other. Dispose it at the end. */
export class PatternMatcher implements Disposable {
  readonly #pattern: string;
  readonly #clock: Pick<SleepClock, "sleep">;
  readonly #worker: Worker;
  /** Resolves when the thread runs: its start takes its time on a busy machine. */
  readonly #started = Promise.withResolvers<void>();

  /** A thread has the time of the machine, whatever the clock of the client is. */
  constructor(pattern: string, clock: Pick<SleepClock, "sleep"> = { sleep }) {
    this.#pattern = pattern;
    this.#clock = clock;
    const program = new Blob([`(${answerTasks})()`], { type: "text/javascript" });
    const url = URL.createObjectURL(program);
    this.#worker = new Worker(url, { type: "module" });
    this.#worker.onmessage = () => this.#started.resolve();
    URL.revokeObjectURL(url);
  }

  /**
   * Whether the pattern matches somewhere in the text. Do not use a matcher that has thrown: its thread may
   * run until the process ends. @throws {Failure} usage when it cannot be found out in time
   */
  async matches(text: string): Promise<boolean> {
    await this.#started.promise;
    const answer = Promise.withResolvers<Verdict>();
    this.#worker.onmessage = ({ data }) => answer.resolve(data);
    this.#worker.postMessage({ pattern: this.#pattern, text } satisfies Task);
    const over = new AbortController();
    const slow = this.#clock.sleep(SLOW_MS, over.signal).then(() => undefined);
    const verdict = await Promise.race([answer.promise, slow]);
    over.abort();
    if (typeof verdict === "boolean") return verdict;
    const why = verdict ?? `it takes longer than ${SLOW_MS / 1_000} s`;
    throw new Failure("usage", `--match cannot be tried on a message: ${why}`);
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
