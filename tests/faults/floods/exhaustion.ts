// More clients than a server has descriptors for: some are accepted, some wait, and when the first
// have left the others are accepted.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { pause, until, within } from "../../support/waiting.ts";

const EXHAUSTED = "cannot accept connections: out of descriptors";
const EXHAUSTED_MS = 10_000;
/** When no client was accepted for this time, no further one will be. */
const SETTLED_MS = 200;
/** Shorter than a peer waits for a word, so that this is what is told. */
const LET_IN_MS = 10_000;

export interface ExhaustionReport {
  /** Clients accepted at first. */
  readonly inside: number;
  /** Clients accepted after those had left. */
  readonly later: number;
  /** How long it took until all of those were, in milliseconds. */
  readonly tookMs: number;
}

/** The arguments before the program that leave it with so many descriptors. */
export function withDescriptors(count: number): readonly string[] {
  return ["sh", "-c", `ulimit -n ${count} && exec "$@"`, "sh"];
}

/** How often the log tells of it: nobody can come in and ask. */
export function countExhaustions(server: ChildServer): number {
  return server.logged(EXHAUSTED).length;
}

/** @throws when the server does not run out of descriptors, or accepts the others too late */
export async function exhaust(server: ChildServer, callers: number): Promise<ExhaustionReport> {
  const peers = await Promise.all(Array.from({ length: callers }, () => server.connect()));
  const letIn: Peer[] = [];
  const answers = Promise.all(peers.map(async (peer) => {
    peer.send({ type: "ping", id: "ping" });
    if ((await peer.next())?.type === "pong") letIn.push(peer);
  }));
  answers.catch(() => {});
  try {
    await until(() => countExhaustions(server) > 0, {
      withinMs: EXHAUSTED_MS,
      otherwise: "The server did not run out of descriptors",
    });
    await untilSettled(() => letIn.length);
    const inside = letIn.splice(0);
    const started = performance.now();
    for (const peer of inside) peer.close();
    await within(LET_IN_MS, answers, "Not everybody was let in");
    return { inside: inside.length, later: letIn.length, tookMs: performance.now() - started };
  } finally {
    for (const peer of peers) peer.close();
  }
}

/**
 * Waits until a count has not grown for a while: there is no other sign that no further client will
 * be accepted.
 */
async function untilSettled(count: () => number): Promise<void> {
  for (let before = -1; count() !== before;) {
    before = count();
    await pause(SETTLED_MS);
  }
}
