// A second stop signal while the server waits for a client that has got bye and does not leave.

import { ChildServer } from "../../support/processes/child_server.ts";

export interface SecondStop {
  readonly code: number;
  /** From the second signal to the end of the process. */
  readonly tookMs: number;
}

/** @param directory where the server is started */
export async function stopTwice(directory: string): Promise<SecondStop> {
  await using server = await ChildServer.start({ directory });
  using peer = await server.connect();
  peer.send({ type: "ping", id: "ping" });
  const pong = await peer.next();
  const first = server.terminate();
  const bye = await peer.next();
  if (pong?.type !== "pong" || bye?.type !== "bye") {
    throw new Error(`No pong and bye but ${JSON.stringify([pong, bye])}`);
  }
  const started = performance.now();
  await server.terminate();
  const { code } = await first;
  return { code, tookMs: performance.now() - started };
}
