// Faults of the server itself: a database, a disk, a bug. Each is logged once under an id, and the
// id is all that a peer is told. Knows no socket.

import { ChatError } from "../wire/errors.ts";
import type { ServerFrame } from "../wire/frame.ts";
import { StoreError } from "../store/repository.ts";
import type { Log } from "../log.ts";
import type { DescriptorReserve } from "./process/descriptor_reserve.ts";

/** When to try again after the store could not answer, in milliseconds. */
const RETRY_AFTER_MS = 1_000;

type ErrorFrame = ServerFrame<"error">;

/** Counts and logs what went wrong inside. */
export class Faults {
  readonly #log: Log;
  readonly #reserve: DescriptorReserve;
  #internal = 0;

  constructor(log: Log, reserve: DescriptorReserve) {
    this.#log = log;
    this.#reserve = reserve;
  }

  /** Faults that no rule foresaw; 0 in a healthy server, whatever its peers send. */
  get internal(): number {
    return this.#internal;
  }

  /** Logs a fault under a new id and returns the id. A store that cannot answer is foreseen. */
  note(where: string, error: unknown): string {
    const fault = crypto.randomUUID().slice(0, 8);
    if (isForeseen(error)) {
      this.#log.warn("store fault", {
        fault,
        where,
        code: error.code,
        message: error.message,
        cause: error.cause instanceof Error ? error.cause.message : undefined,
      });
      return fault;
    }
    this.#internal++;
    const known = error instanceof Error;
    this.#log.error("internal fault", {
      fault,
      where,
      name: known ? error.name : typeof error,
      message: known ? error.message : undefined,
      stack: known ? this.#stackOf(error) : undefined,
    });
    return fault;
  }

  /** The runtime opens files to tell where an error came from, and dies where it cannot. */
  #stackOf(error: Error): string | undefined {
    this.#reserve.release();
    const stack = error.stack?.split("\n").slice(1, 6).join(" ").replaceAll(/\s+/g, " ");
    this.#reserve.refill();
    return stack;
  }

  /** The reply to a request that failed so, without its `re`. */
  toFrame(where: string, error: unknown): ErrorFrame {
    if (error instanceof ChatError) return refusalFrame(error);
    const fault = this.note(where, error);
    if (isForeseen(error)) return storeRefusal(error.code, fault);
    return { type: "error", code: "internal", message: "The server made a mistake", fault };
  }
}

type ForeseenFault = "unavailable" | "storage_full";

/** A store that cannot answer now is part of life; any other fault is a bug. */
function isForeseen(error: unknown): error is StoreError & { code: ForeseenFault } {
  return error instanceof StoreError && error.code !== "internal";
}

/** What a peer is told of its own mistake. */
export function refusalFrame(error: ChatError): ErrorFrame {
  const { field, retry, afterMs, suggestion } = error.details;
  return {
    type: "error",
    code: error.code,
    message: error.message,
    ...(field === undefined ? undefined : { field }),
    ...(retry === undefined ? undefined : { retry }),
    ...(afterMs === undefined ? undefined : { after_ms: afterMs }),
    ...(suggestion === undefined ? undefined : { suggestion }),
  };
}

/** What a peer is told when the store cannot keep or find something now. */
export function storeRefusal(code: ForeseenFault, fault?: string): ErrorFrame {
  const message = code === "storage_full"
    ? "The server has no room left to store this"
    : "The store does not answer now: not known to be stored";
  return {
    type: "error",
    code,
    message,
    retry: true,
    after_ms: RETRY_AFTER_MS,
    ...(fault === undefined ? undefined : { fault }),
  };
}
