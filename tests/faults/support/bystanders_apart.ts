// Bystanders on a thread of their own: what the run does on its own thread, which may be a lot, cannot
// be taken for the server's slowness.

import type { BystanderOptions, BystanderReport } from "./bystander.ts";
import type { Address } from "./peer.ts";

/** What the thread is told first. */
export interface Beginning {
  readonly address: Address;
  readonly options: BystanderOptions;
}

/** What the thread says: that they talk, what became of it, or what went wrong. */
export type Said =
  | { readonly begun: true }
  | { readonly report: BystanderReport }
  | { readonly error: string };

export class BystandersApart implements Disposable {
  readonly #worker: Worker;
  readonly #begun = Promise.withResolvers<void>();
  readonly #report = Promise.withResolvers<BystanderReport>();

  private constructor(beginning: Beginning) {
    this.#worker = new Worker(new URL("./bystanders_thread.ts", import.meta.url), {
      type: "module",
    });
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

  /** Resolves when they talk. */
  static async begin(
    server: { readonly address: Address },
    options: BystanderOptions = {},
  ): Promise<BystandersApart> {
    const bystanders = new BystandersApart({ address: server.address, options });
    await bystanders.#begun.promise;
    return bystanders;
  }

  /** Ends the talk when everything said has been heard. @throws when anything went wrong */
  async conclude(): Promise<BystanderReport> {
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
