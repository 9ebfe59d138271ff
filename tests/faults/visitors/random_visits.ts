// Visitors of an SQLite file at random moments, in sequence, until they are stopped; some stay for
// a while, some are killed.

import type { Random } from "../../support/random.ts";
import { pause } from "../../support/waiting.ts";
import { StayingVisitor, visit, VISITS } from "./visitor.ts";

/** Between two of them. */
const APART_MS = [0, 150] as const;
const STAY_MS = [20, 300] as const;

export class RandomVisits {
  readonly #path: string;
  readonly #random: Random;
  readonly #done: Promise<void>;
  #isOver = false;
  /** Those that were there. */
  visits = 0;
  /** Of these, those that were killed while they read. */
  killed = 0;
  /** What they found wrong with a copy they had made. */
  readonly damage: string[] = [];

  /** @param path of a database that is there, whether or not a server has it */
  constructor(path: string, random: Random) {
    this.#path = path;
    this.#random = random;
    this.#done = this.#run();
  }

  /** Resolves when the last of them has gone. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await pause(this.#random.integer(...APART_MS));
      if (this.#random.chance(0.25)) await this.#stay();
      else await this.#look();
    }
  }

  async #look(): Promise<void> {
    try {
      await visit(this.#path, this.#random.pick(VISITS));
      this.visits++;
    } catch (error) {
      // One that finds the file locked has not been there.
      const why = String(error);
      if (!why.includes("locked")) this.damage.push(why);
    }
  }

  async #stay(): Promise<void> {
    await using visitor = await StayingVisitor.enter(this.#path);
    await pause(this.#random.integer(...STAY_MS));
    this.visits++;
    if (this.#random.chance(0.5)) await visitor.leave();
    else this.killed++;
  }
}
