// Connections that stay open and never complete a frame.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";

/** A byte comes so often. */
const DROP_MS = 100;

export interface Held {
  /** How long it stayed open, in milliseconds. */
  readonly heldMs: number;
  /** The server's frames, each as type and code. */
  readonly words: readonly string[];
}

/** Keeps a connection open until it is cut, silent or with a first frame that stays incomplete. */
export async function hold(
  server: ChildServer,
  { isDripping }: { isDripping: boolean },
): Promise<Held> {
  using peer = await server.connect();
  const started = performance.now();
  const drip = isDripping ? dripInto(peer) : undefined;
  try {
    const frames = await peer.untilEnd();
    const heldMs = performance.now() - started;
    return { heldMs, words: frames.map(({ type, code }) => `${type} ${code}`) };
  } finally {
    clearInterval(drip);
  }
}

function dripInto(peer: Peer): ReturnType<typeof setInterval> {
  const hello = new TextEncoder().encode(
    JSON.stringify({ type: "hello", version: 1, client: "x".repeat(200) }),
  );
  let at = 0;
  const drop = () => void peer.write(hello.subarray(at, ++at));
  drop();
  return setInterval(drop, DROP_MS);
}
