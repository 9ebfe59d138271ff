// What is measured, as the measuring sees it: something that can be run again and again and says how
// many units a run is. Knows no clock.

import type { MeasuredStore } from "./stores.ts";

/** Something that costs. */
export interface Workload {
  /** Unlike any other's: figures are saved under it. */
  readonly name: string;
  /** What is counted: a message, a row, a delivery, a page. */
  readonly unit: string;
  /** How many of them one run is. */
  readonly units: number;
  /** @throws when what was to be done was not done: a cheap failure is no fast success */
  run(): void | Promise<void>;
  /** All that other processes have spent on it so far, in microseconds of CPU. */
  otherProcessesUs?(): number;
}

/** What cannot be measured here, and why. */
export interface Unmeasured {
  readonly name: string;
  readonly missing: string;
}

/** How much of it. */
export interface Scale {
  /** Sizes of a room's history, ascending. */
  readonly historyRows: readonly number[];
  readonly stores: readonly MeasuredStore[];
}

/** A part of the program whose costs are measured together. */
export interface Part {
  /** What `--only` takes. */
  readonly name: string;
  /** One after the other: a workload is good until the next one is asked for. */
  workloads(scale: Scale): AsyncIterable<Workload | Unmeasured>;
}
