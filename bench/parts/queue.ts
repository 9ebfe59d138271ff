// A connection's write queue, over a stream that accepts everything at once: measures only our own
// cost.

import type { ByteStream } from "../../lib/wire/stream/byte_stream.ts";
import { encodeFrame, ServerCodec } from "../../lib/wire/codec.ts";
import { Connection } from "../../lib/wire/stream/connection.ts";
import type { ServerFrame } from "../../lib/wire/frame.ts";
import type { Inbound } from "../../lib/wire/request.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import type { Part, Workload } from "../workload.ts";
import { COUNT, event, times } from "./sample_frames.ts";

type ServerConnection = Connection<Inbound, ServerFrame>;

const NULL_STREAM: ByteStream = {
  read: () => Promise.resolve(null),
  write: (bytes) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close: () => {},
};
const LINE = new TextEncoder().encode(encodeFrame(event(1)));
const ACK: ServerFrame = { type: "ok", re: "m-1", room: "ops", seq: 58, time: 1_795_374_012_001 };

function connect(): ServerConnection {
  const codec = new ServerCodec(DEFAULT_LIMITS.frame);
  const maxQueueBytes = DEFAULT_LIMITS.queue_bytes;
  return new Connection(NULL_STREAM, codec, { maxQueueBytes, clock: { monotonic: () => 0 } });
}

export const queue: Part = {
  name: "queue",
  async *workloads(): AsyncGenerator<Workload> {
    const connections = times(connect);
    yield workload("one line to each of 100", async () => {
      for (const connection of connections) connection.deliver(LINE);
      await Promise.all(connections.map(flushed));
    });
    const connection = connect();
    yield workload("100 lines to one", async () => {
      for (let n = 0; n < COUNT; n++) connection.deliver(LINE);
      await flushed(connection);
    });
    yield workload("100 answers to one", async () => {
      for (let n = 0; n < COUNT; n++) connection.send(ACK);
      await flushed(connection);
    });
  },
};

function workload(name: string, run: () => Promise<void>): Workload {
  return { name: `queue: ${name}`, unit: "line", units: COUNT, run };
}

function flushed(connection: ServerConnection): Promise<void> {
  return connection.whenQueueBelow(1);
}
