// The interface of a workload: it can run repeatedly and says how many units a run is. Knows no
// clock.

import type { MeasuredStore } from "./stores.ts";

/** A piece of work to measure. */
export interface Workload {
  /** Unique: the key of saved figures. */
  readonly name: string;
  /** The counted unit: a message, a row, a delivery, a page. */
  readonly unit: string;
  /** Units a run. */
  readonly units: number;
  /** @throws when the work failed: a cheap failure must not count as fast */
  run(): void | Promise<void>;
  /** CPU time of other processes for it so far, in microseconds. */
  otherProcessesUs?(): number;
}

/** A workload that cannot be measured on this machine, and why. */
export interface Unmeasured {
  readonly name: string;
  readonly missing: string;
}

/** The sizes of the workloads. */
export interface Scale {
  /** Sizes of a room's history, ascending. */
  readonly historyRows: readonly number[];
  readonly stores: readonly MeasuredStore[];
}

/** A part of the program, measured together. */
export interface Part {
  /** The value of `--only`. */
  readonly name: string;
  /** In sequence: a workload is valid until the next one is requested. */
  workloads(scale: Scale): AsyncIterable<Workload | Unmeasured>;
}
