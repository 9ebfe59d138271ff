// Encodes events to bytes: each as text, and all events of a turn as one batch.

import { encodeFrame } from "../../lib/wire/codec.ts";
import type { ServerFrame } from "../../lib/wire/frame.ts";
import type { Part, Workload } from "../workload.ts";
import { CONTENT, COUNT, event, FOREIGN, times } from "./sample_frames.ts";

const encoder = new TextEncoder();

export const encoding: Part = {
  name: "encoding",
  async *workloads(): AsyncGenerator<Workload> {
    for (const [name, content] of [["events", CONTENT], ["not ASCII", FOREIGN]] as const) {
      const events = times((n) => event(n, content));
      yield {
        name: `encoding: ${name}`,
        unit: "event",
        units: COUNT,
        run(): void {
          for (const frame of events) encodeFrame(frame);
        },
      };
    }
    const events = times((n) => event(n));
    yield {
      name: "encoding: a batch of 100 as bytes",
      unit: "event",
      units: COUNT,
      run: () => encodeBatch(events),
    };
  },
};

function encodeBatch(events: readonly ServerFrame[]): void {
  let lines = "";
  for (const frame of events) lines += encodeFrame(frame);
  if (encoder.encode(lines).length < lines.length) throw new Error("Bytes are missing");
}
