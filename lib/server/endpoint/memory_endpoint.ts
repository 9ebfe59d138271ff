// Accepts connections from within the process: the console's, and those of tests.

import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { memoryStreams } from "../../wire/stream/memory_stream.ts";
import type { AcceptedConnection, Endpoint } from "./endpoint.ts";

const NO_ADDRESS = "this process";

export class MemoryEndpoint implements Endpoint {
  /** Connections that were opened and not yet accepted. */
  readonly #opened: AcceptedConnection[] = [];
  #accepting: PromiseWithResolvers<AcceptedConnection> | undefined;
  #isClosed = false;

  /** Opens a connection and returns the client's end. @throws {Deno.errors.ConnectionRefused} when closed */
  connect(): ByteStream {
    if (this.#isClosed) throw new Deno.errors.ConnectionRefused("The server accepts no more");
    const [near, far] = memoryStreams();
    const accepted = { stream: far, address: NO_ADDRESS, isLocal: true, isInternal: true };
    if (this.#accepting === undefined) this.#opened.push(accepted);
    else this.#accepting.resolve(accepted);
    this.#accepting = undefined;
    return near;
  }

  /** One call at a time. */
  accept(): Promise<AcceptedConnection> {
    if (this.#isClosed) return Promise.reject(closedError());
    const opened = this.#opened.shift();
    if (opened !== undefined) return Promise.resolve(opened);
    this.#accepting = Promise.withResolvers();
    return this.#accepting.promise;
  }

  close(): void {
    if (this.#isClosed) throw closedError();
    this.#isClosed = true;
    this.#accepting?.reject(closedError());
    for (const { stream } of this.#opened.splice(0)) stream.close();
  }
}

function closedError(): Error {
  return new Deno.errors.BadResource("The endpoint is closed");
}
