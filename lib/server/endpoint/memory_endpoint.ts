// Accepts connections from within the process: the console's, and those of tests.

import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { memoryStreams } from "../../wire/stream/memory_stream.ts";
import { AcceptQueue } from "./accept_queue.ts";
import type { AcceptedConnection, Endpoint } from "./endpoint.ts";

const NO_ADDRESS = "this process";

export class MemoryEndpoint implements Endpoint {
  readonly #queue = new AcceptQueue();

  /** Opens a connection and returns the client's end. @throws {Deno.errors.ConnectionRefused} when closed */
  connect(): ByteStream {
    if (this.#queue.isClosed) throw new Deno.errors.ConnectionRefused("The server accepts no more");
    const [near, far] = memoryStreams();
    this.#queue.push({ stream: far, address: NO_ADDRESS, isLocal: true, isInternal: true });
    return near;
  }

  /** One call at a time. */
  accept(): Promise<AcceptedConnection> {
    return this.#queue.accept();
  }

  close(): void {
    this.#queue.close();
  }
}
