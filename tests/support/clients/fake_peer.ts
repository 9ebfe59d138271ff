// The other end of a client's connection, played by a test: raw lines in, raw lines out.

import type { ByteStream } from "../../../lib/wire/stream/byte_stream.ts";
import type { ServerFrame } from "../../../lib/wire/frame.ts";
import { memoryStreams } from "../../../lib/wire/stream/memory_stream.ts";
import { type Frame, Peer } from "./peer.ts";

export type { Frame } from "./peer.ts";

export const EPOCH = "epoch-1";

/** A welcome with what a test does not care about. */
export function welcome(more: Partial<ServerFrame<"welcome">> = {}): ServerFrame<"welcome"> {
  return {
    type: "welcome",
    version: 1,
    server: "fake/1",
    epoch: EPOCH,
    time: 1,
    you: { user: 7, name: "ada", role: "guest" },
    features: [],
    limits: { content: 32_768 },
    rooms: [],
    ...more,
  };
}

/** The rooms of a welcome, all read. */
export function belongingTo(...rooms: readonly string[]): Pick<ServerFrame<"welcome">, "rooms"> {
  return { rooms: rooms.map((room) => ({ room, first: 1, last: 0, read: 0 })) };
}

/** A message as the server tells it. */
export function message(
  seq: number,
  more: Partial<ServerFrame<"message">> = {},
): ServerFrame<"message"> {
  const content = `text ${seq}`;
  return { type: "message", room: "ops", seq, user: 9, from: "bob", time: seq, content, ...more };
}

/** The server's end of a connection, line by line. */
export class FakePeer {
  readonly #peer: Peer;
  /** Whether the client's clock is that of the machine, so that it may ping on a slow one at any time. */
  readonly #isTimed: boolean;

  /** @param patienceMs the time limit of a wait; without one in memory, where a test moves its own clock */
  constructor(stream: ByteStream, patienceMs = Infinity) {
    this.#peer = new Peer(stream, { patienceMs });
    this.#isTimed = patienceMs !== Infinity;
  }

  /** The next frame; undefined when the client has ended. */
  find(): Promise<Frame | undefined> {
    return this.#peer.next();
  }

  /** The next frame, which must be of this type. */
  async next(type: string): Promise<Frame> {
    const frame = await this.find();
    if (frame?.type !== type) throw new Error(`Expected ${type}, got ${JSON.stringify(frame)}`);
    return frame;
  }

  /** Sends objects as lines, and strings as they are. */
  async send(...frames: readonly (object | string)[]): Promise<void> {
    const text = frames.map((frame) =>
      typeof frame === "string" ? frame : JSON.stringify(frame) + "\n"
    );
    await this.#peer.write(new TextEncoder().encode(text.join("")));
  }

  /**
   * Takes the next frame, which must be of this type, and answers it; pings of a slow machine before it, too.
   * A ping by a clock that the test has moved is a frame like any other.
   */
  async answer(type: string, reply: object): Promise<Frame> {
    for (;;) {
      const frame = await this.find();
      if (frame?.type === type) {
        await this.send({ re: frame.id, ...reply });
        return frame;
      }
      if (frame?.type !== "ping" || !this.#isTimed) {
        throw new Error(`Expected ${type}, got ${JSON.stringify(frame)}`);
      }
      await this.send({ type: "pong", re: frame.id, time: 1 });
    }
  }

  /** Takes a hello and welcomes it. */
  hello(more: Partial<ServerFrame<"welcome">> = {}): Promise<Frame> {
    return this.answer("hello", welcome(more));
  }

  close(): void {
    this.#peer.close();
  }
}

/** A server in memory: each connection waits for the test to accept it. */
export class FakeServer {
  #waiting: FakePeer[] = [];
  #accepting: ((peer: FakePeer) => void)[] = [];
  /** When set, connecting fails with this. */
  fault: Error | undefined;
  /** The most that one read of a connection gives. */
  readBytes = Infinity;
  /** How often a client has tried to connect. */
  attempts = 0;

  readonly connect = (): Promise<ByteStream> => {
    this.attempts++;
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const [theirs, ours] = memoryStreams({ readBytes: this.readBytes });
    const peer = new FakePeer(ours);
    const accepting = this.#accepting.shift();
    if (accepting === undefined) this.#waiting.push(peer);
    else accepting(peer);
    return Promise.resolve(theirs);
  };

  /** The next connection. */
  accept(): Promise<FakePeer> {
    const peer = this.#waiting.shift();
    if (peer !== undefined) return Promise.resolve(peer);
    return new Promise((resolve) => this.#accepting.push(resolve));
  }
}
