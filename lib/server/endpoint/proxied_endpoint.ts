// An endpoint behind balancers that speak the PROXY protocol: connections of trusted networks begin with a
// header, and count by the address in it. Other connections are accepted unchanged.

import { concat } from "@std/bytes/concat";
import { type BlockList, isIPv6 } from "node:net";
import type { Log } from "../../log.ts";
import { type MonotonicClock, startDeadline } from "../../time.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { closeQuietly } from "../connection/stream_end.ts";
import { AcceptQueue } from "./accept_queue.ts";
import type { AcceptedConnection, EndpointOf } from "./endpoint.ts";
import {
  decodeProxyAddress,
  decodeProxyLine,
  decodeProxyStart,
  isProxyLine,
  type ProxiedAddress,
  PROXY_FIRST_BYTES,
  PROXY_LINE_BYTES,
  PROXY_START_BYTES,
} from "./proxy_header.ts";

interface ProxiedOptions {
  /** The networks of the balancers. */
  readonly trusted: BlockList;
  /** For how long a header may be on its way, in milliseconds. */
  readonly headerMs: number;
  readonly clock: MonotonicClock;
  readonly log: Log;
}

/** How often the log says that a balancer sends no header, at most, in milliseconds. */
const LOG_MS = 60_000;
const NEWLINE = 10;

export class ProxiedEndpoint<C extends AcceptedConnection> implements EndpointOf<C> {
  readonly #inner: EndpointOf<C>;
  readonly #options: ProxiedOptions;
  readonly #queue = new AcceptQueue<C>();
  /** Those whose header is being read. */
  readonly #reading = new Set<ByteStream>();
  #isAccepting = false;
  #loggedAt = -Infinity;

  /** Takes over where connections arrive: `close` closes it. */
  constructor(inner: EndpointOf<C>, options: ProxiedOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  /** As `Endpoint.accept`; waits for no header of one connection while another one is ready. */
  accept(): Promise<C> {
    const accepted = this.#queue.accept();
    this.#acceptNext();
    return accepted;
  }

  close(): void {
    this.#queue.close();
    this.#inner.close();
    for (const stream of this.#reading) closeQuietly(stream);
  }

  #acceptNext(): void {
    if (this.#isAccepting || !this.#queue.isWaiting) return;
    this.#isAccepting = true;
    this.#inner.accept().then((connection) => {
      this.#isAccepting = false;
      if (this.#isTrusted(connection.address)) void this.#readHeader(connection);
      else this.#queue.push(connection);
      this.#acceptNext();
    }, (error) => {
      this.#isAccepting = false;
      this.#queue.fail(error);
    });
  }

  #isTrusted(address: string): boolean {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
    return this.#options.trusted.check(mapped, isIPv6(mapped) ? "ipv6" : "ipv4");
  }

  async #readHeader(connection: C): Promise<void> {
    const { stream } = connection;
    this.#reading.add(stream);
    const deadline = startDeadline(() => closeQuietly(stream), { ms: this.#options.headerMs });
    const client = await readClientAddress(stream).catch(() => undefined);
    deadline.clear();
    this.#reading.delete(stream);
    if (client === undefined) {
      this.#noteMissing(connection.address);
      closeQuietly(stream);
    } else if (client === "own") this.#queue.push(connection);
    // A client of a balancer is not on this machine, whatever its address is.
    else this.#queue.push({ ...connection, address: client.client, isLocal: false });
  }

  #noteMissing(address: string): void {
    const now = this.#options.clock.monotonic();
    if (this.#queue.isClosed || now - this.#loggedAt < LOG_MS) return;
    this.#loggedAt = now;
    const hint = "a trusted proxy must begin each connection with a PROXY header";
    this.#options.log.warn("PROXY header missing", { address, hint });
  }
}

/** Undefined when there is no header, or a malformed one. */
async function readClientAddress(stream: ByteStream): Promise<ProxiedAddress | undefined> {
  const first = await readExactly(stream, PROXY_FIRST_BYTES);
  if (first === undefined) return undefined;
  if (isProxyLine(first)) {
    const line = await readLine(stream, first);
    return line && decodeProxyLine(line);
  }
  const more = await readExactly(stream, PROXY_START_BYTES - first.length);
  const start = more && concat([first, more]);
  const length = start && decodeProxyStart(start);
  if (start === undefined || length === undefined) return undefined;
  const rest = await readExactly(stream, length);
  return rest && decodeProxyAddress(start, rest);
}

/** Byte by byte, because what follows the line is not the header's. Undefined when there is no end in time. */
async function readLine(stream: ByteStream, first: Uint8Array): Promise<Uint8Array | undefined> {
  const line = new Uint8Array(PROXY_LINE_BYTES);
  line.set(first);
  for (let length = first.length; length < line.length;) {
    const count = await stream.read(line.subarray(length, length + 1));
    if (count === null) return undefined;
    length += count;
    if (line[length - 1] === NEWLINE) return line.subarray(0, length);
  }
  return undefined;
}

/** Undefined when the peer ends before. */
async function readExactly(stream: ByteStream, length: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const count = await stream.read(bytes.subarray(read));
    if (count === null) return undefined;
    read += count;
  }
  return bytes;
}
