// The messages of the benchmarks: lines as a client sends them and events as the server sends them.

import { encodeFrame } from "../../lib/wire/codec.ts";
import type { ServerFrame } from "../../lib/wire/frame.ts";

/** Messages a run. */
export const COUNT = 100;
export const CONTENT = "disk full on db3, the nightly backup did not finish; looking into it now";
export const FOREIGN = "la base de données est pleine à 97 %, 世界の皆さん、こんにちは 🙂";

export function times<T>(create: (n: number) => T): readonly T[] {
  return Array.from({ length: COUNT }, (_, n) => create(n));
}

export function requestLine(n: number, content = CONTENT): string {
  return encodeFrame({ type: "message", id: `m-${n}`, cid: `01JDW-${n}`, room: "ops", content });
}

export function requestChunk(content: string): Uint8Array {
  return new TextEncoder().encode(times((n) => requestLine(n, content)).join(""));
}

export function event(n: number, content = CONTENT): ServerFrame {
  const time = 1_795_374_012_001 + n;
  return { type: "message", room: "ops", seq: 58 + n, user: 7, from: "ada", time, content };
}
