// One who pings by schedule, whatever else goes on: a server that stands still is noticed in full. On a
// thread of its own: what the run does meanwhile cannot be taken for the server's slowness.

import type { Address } from "./peer.ts";

export interface PingReport {
  /** Pings answered. */
  readonly pings: number;
  /** From the moment a ping was due to its answer, in milliseconds. */
  readonly p99Ms: number;
  readonly worstMs: number;
}

/** What the thread is told first. */
export interface Beginning {
  readonly address: Address;
  /** The guest that pings. */
  readonly name: string;
}

/** What the thread says: that it pings, what became of it, or what went wrong. */
export type Said =
  | { readonly begun: true }
  | { readonly report: PingReport }
  | { readonly error: string };

export class Pinger implements Disposable {
  readonly #worker: Worker;
  readonly #begun = Promise.withResolvers<void>();
  readonly #report = Promise.withResolvers<PingReport>();

  private constructor(beginning: Beginning) {
    this.#worker = new Worker(new URL("./pinger_thread.ts", import.meta.url), { type: "module" });
    // What goes wrong is told where it is waited for.
    this.#begun.promise.catch(() => {});
    this.#report.promise.catch(() => {});
    this.#worker.addEventListener("message", ({ data }) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#hear({ error: event.message });
    });
    this.#worker.postMessage(beginning);
  }

  /** Resolves when it pings. */
  static async begin(server: { readonly address: Address }, name: string): Promise<Pinger> {
    const pinger = new Pinger({ address: server.address, name });
    await pinger.#begun.promise;
    return pinger;
  }

  /** Ends when every ping is answered. @throws when one is not, or something else came */
  async conclude(): Promise<PingReport> {
    this.#worker.postMessage("conclude");
    try {
      return await this.#report.promise;
    } finally {
      this.#worker.terminate();
    }
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #hear(said: Said): void {
    if ("begun" in said) return this.#begun.resolve();
    if ("report" in said) return this.#report.resolve(said.report);
    const error = new Error(said.error);
    this.#begun.reject(error);
    this.#report.reject(error);
  }
}
