// Internal errors of the server: of the database, the disk, or bugs. Each is logged once with an
// id; a peer gets the id and never the text of the error. Knows no socket.

import { ChatError } from "../wire/errors.ts";
import type { ServerFrame } from "../wire/frame.ts";
import { StoreError } from "../store/repository.ts";
import type { Log } from "../log.ts";
import type { DescriptorReserve } from "./process/descriptor_reserve.ts";

/** When to try again after the store could not answer, in milliseconds. */
const RETRY_AFTER_MS = 1_000;

type ErrorFrame = ServerFrame<"error">;

/** Counts and logs faults. */
export class InternalErrors {
  readonly #log: Log;
  readonly #reserve: DescriptorReserve;
  #internal = 0;

  constructor(log: Log, reserve: DescriptorReserve) {
    this.#log = log;
    this.#reserve = reserve;
  }

  /** How many faults were bugs; 0 in a healthy server, whatever its peers send. */
  get internal(): number {
    return this.#internal;
  }

  /** Logs a fault under a new id and returns the id. A store that cannot answer is no bug. */
  record(where: string, error: unknown): string {
    const fault = crypto.randomUUID().slice(0, 8);
    if (isStoreFault(error)) {
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

  /** The runtime opens files to format a stack, and aborts the process if it cannot open them. */
  #stackOf(error: Error): string | undefined {
    this.#reserve.release();
    const stack = error.stack?.split("\n").slice(1, 6).join(" ").replaceAll(/\s+/g, " ");
    this.#reserve.refill();
    return stack;
  }

  /** The reply to a request that failed with this error, without its `re`. */
  toFrame(where: string, error: unknown): ErrorFrame {
    if (error instanceof ChatError) return refusalFrame(error);
    const fault = this.record(where, error);
    if (isStoreFault(error)) return storeRefusal(error.code, fault);
    const message = `Internal error ${fault}: see the server's log`;
    return { type: "error", code: "internal", message, fault };
  }
}

type StoreErrorCode = "unavailable" | "storage_full";

/** Whether the store cannot answer or has no space, which happens to a server without bugs. */
function isStoreFault(error: unknown): error is StoreError & { code: StoreErrorCode } {
  return error instanceof StoreError && error.code !== "internal";
}

/** The reply to a request that the peer may not make, or has made wrong. */
export function refusalFrame(error: ChatError): ErrorFrame {
  const { field, retry, afterMs, suggestion, event, until, state, assignee } = error.details;
  return {
    type: "error",
    code: error.code,
    message: error.message,
    field,
    retry,
    after_ms: afterMs,
    suggestion,
    event,
    until,
    state,
    assignee,
  };
}

/** The reply when the store cannot answer, or has no space. */
export function storeRefusal(code: StoreErrorCode, fault?: string): ErrorFrame {
  const message = code === "storage_full"
    ? "Disk full: nothing was stored"
    : "The database does not answer: it is not known whether this was stored";
  return {
    type: "error",
    code,
    message,
    retry: true,
    after_ms: RETRY_AFTER_MS,
    fault,
  };
}
