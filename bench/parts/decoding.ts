// Decodes bytes to checked frames: requests as in the server, events as in a client.

import { encodeFrame, ServerCodec } from "../../lib/wire/codec.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import { decodeRequest } from "../../lib/wire/request.ts";
import { decodeServerFrame } from "../../lib/wire/server_frame.ts";
import { checkText } from "../../lib/wire/text.ts";
import type { Part, Workload } from "../workload.ts";
import { CONTENT, COUNT, event, FOREIGN, requestChunk, times } from "./sample_frames.ts";

/** A text of almost the greatest length. */
const LONG = CONTENT.repeat(450);

export const decoding: Part = {
  name: "decoding",
  async *workloads(): AsyncGenerator<Workload> {
    for (const [name, content] of [["requests", CONTENT], ["not ASCII", FOREIGN]] as const) {
      const chunk = requestChunk(content);
      yield {
        name: `decoding: ${name}`,
        unit: "message",
        units: COUNT,
        run: () => decode(chunk),
      };
    }
    const lines = times((n) => encodeFrame(event(n)));
    yield {
      name: "decoding: events",
      unit: "event",
      units: COUNT,
      run(): void {
        for (const line of lines) {
          if (decodeServerFrame(line) === undefined) throw new Error(`No event: ${line}`);
        }
      },
    };
    yield {
      name: "decoding: a text of 32 KB",
      unit: "text",
      units: 1,
      run: () => void checkText(LONG, DEFAULT_LIMITS),
    };
  },
};

function decode(chunk: Uint8Array): void {
  let decoded = 0;
  for (const inbound of new ServerCodec(DEFAULT_LIMITS.frame).decode(chunk)) {
    if ("error" in inbound) throw inbound.error;
    decodeRequest(inbound, DEFAULT_LIMITS);
    decoded++;
  }
  if (decoded !== COUNT) throw new Error(`${decoded} requests and not ${COUNT}`);
}
