// Splits bytes into lines: in whole chunks, and in the pieces of a slow or hostile peer.

import { LineSplitter } from "../../lib/wire/lines.ts";
import { DEFAULT_LIMITS } from "../../lib/wire/limits.ts";
import type { Part, Workload } from "../workload.ts";
import { CONTENT, COUNT, requestChunk } from "./sample_frames.ts";

const PIECES = [
  { name: "whole chunks", bytes: Infinity },
  { name: "pieces of 64 bytes", bytes: 64 },
  { name: "byte by byte", bytes: 1 },
];

export const framing: Part = {
  name: "framing",
  async *workloads(): AsyncGenerator<Workload> {
    const chunk = requestChunk(CONTENT);
    for (const { name, bytes } of PIECES) {
      const size = Math.min(bytes, chunk.length);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < chunk.length; at += size) pieces.push(chunk.subarray(at, at + size));
      yield {
        name: `framing: ${name}`,
        unit: "message",
        units: COUNT,
        run: () => split(pieces),
      };
    }
  },
};

function split(pieces: readonly Uint8Array[]): void {
  const lines = new LineSplitter(DEFAULT_LIMITS.frame);
  let found = 0;
  for (const piece of pieces) {
    lines.add(piece);
    while (lines.next() !== undefined) found++;
  }
  if (found !== COUNT) throw new Error(`${found} lines and not ${COUNT}`);
}
