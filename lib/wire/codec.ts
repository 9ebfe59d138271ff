// Frames to bytes and back, for each end of a connection. request.ts decodes requests, server_frame.ts
// the frames of a server.

import type { ClientFrame, ServerFrame } from "./frame.ts";
import { formatJson } from "./json.ts";
import { LineSplitter } from "./lines.ts";
import { type Inbound, readEnvelope } from "./request.ts";
import { decodeServerFrame } from "./server_frame.ts";

/** How one end of a connection reads and writes. */
export interface Codec<In, Out> {
  /**
   * The frames that became complete with this chunk, each decoded as it is taken, so that one frame may
   * change how the rest is read. `chunk` may be changed as soon as this has returned; all frames must
   * be taken before the next call.
   */
  decode(chunk: Uint8Array): Iterable<In>;
  /** One frame as a line, its newline included. Must not throw. */
  encode(frame: Out): string;
}

/** A frame as one line, its newline included. */
export function encodeFrame(frame: ServerFrame | ClientFrame): string {
  return formatJson(frame) + "\n";
}

/** The server's end: requests are decoded to envelopes, everything else to its refusal. */
export class ServerCodec implements Codec<Inbound, ServerFrame> {
  readonly #lines: LineSplitter;

  constructor(maxFrameBytes: number) {
    this.#lines = new LineSplitter(maxFrameBytes);
  }

  /** The longest frame in bytes, newline included; may change between two frames of one chunk. */
  get maxFrameBytes(): number {
    return this.#lines.maxBytes;
  }

  set maxFrameBytes(bytes: number) {
    this.#lines.maxBytes = bytes;
  }

  decode(chunk: Uint8Array): Iterable<Inbound> {
    this.#lines.add(chunk);
    return this.#inbound();
  }

  *#inbound(): Generator<Inbound> {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      yield typeof line === "string" ? readEnvelope(line) : { error: line, id: undefined };
    }
  }

  encode(frame: ServerFrame): string {
    return encodeFrame(frame);
  }
}

/** The client's end: frames of unknown types are ignored. */
export class ClientCodec implements Codec<ServerFrame, ClientFrame> {
  readonly #lines: LineSplitter;

  constructor(maxFrameBytes: number) {
    this.#lines = new LineSplitter(maxFrameBytes);
  }

  /** Taking a frame throws a FrameError where the server sent something else. */
  decode(chunk: Uint8Array): Iterable<ServerFrame> {
    this.#lines.add(chunk);
    return this.#frames();
  }

  *#frames(): Generator<ServerFrame> {
    for (let line = this.#lines.next(); line !== undefined; line = this.#lines.next()) {
      if (typeof line !== "string") throw line;
      const frame = decodeServerFrame(line);
      if (frame !== undefined) yield frame;
    }
  }

  encode(frame: ClientFrame): string {
    return encodeFrame(frame);
  }
}
