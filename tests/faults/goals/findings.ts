// Collects the failures of a goal and builds its verdict.

import type { Verdict } from "./goal.ts";

/** Findings that are shown. */
const SHOWN = 4;
const LONGEST = 200;

export class Findings {
  readonly #faults: string[] = [];
  readonly #delays: string[] = [];

  /** A failure that does not depend on the load of the machine. */
  fault(...faults: readonly string[]): void {
    this.#faults.push(...faults);
  }

  /** A figure that must have exactly this value. */
  exactly(what: string, { is, asked }: { is: number | undefined; asked: number }): void {
    if (is !== asked) this.fault(`${what}: ${is}, not ${asked}`);
  }

  atMost(what: string, { is, asked }: { is: number; asked: number }): void {
    if (!(is <= asked)) this.fault(`${what}: ${format(is)} above ${format(asked)}`);
  }

  atLeast(what: string, { is, asked }: { is: number; asked: number }): void {
    if (!(is >= asked)) this.fault(`${what}: ${format(is)} below ${format(asked)}`);
  }

  /** An upper limit of a time: only this kind of failure can be caused by a busy machine. */
  inTime(what: string, { is, asked }: { is: number; asked: number }): void {
    if (!(is <= asked)) this.#delays.push(`${what}: ${format(is)} ms above ${format(asked)} ms`);
  }

  verdict({ reached, counts }: Pick<Verdict, "reached" | "counts">): Verdict {
    const missed = [...this.#faults, ...this.#delays];
    if (missed.length === 0) return { status: "pass", reached, counts };
    const shown = missed.slice(0, SHOWN).map((one) => one.slice(0, LONGEST));
    const more = missed.length > SHOWN ? ` and ${missed.length - SHOWN} more` : "";
    return {
      status: "fail",
      reached: `${reached}; MISSED: ${shown.join("; ")}${more}`,
      counts,
      isOnlyLate: this.#faults.length === 0,
    };
  }
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 3 : 1);
}
