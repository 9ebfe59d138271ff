// The thread on which a pinger pings.

import { Peer } from "../../support/clients/peer.ts";
import type { Beginning, PingReport } from "./pinger.ts";
import { observe } from "./observer_thread.ts";
import { pause } from "../../support/waiting.ts";

const EVERY_MS = 20;

let isOver = false;

observe(async ({ address, name }: Beginning) => {
  const peer = await Peer.connect(address);
  const auth = { method: "guest", name };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth, idle_ms: 0 });
  const pinging = ping(peer).finally(() => peer.close());
  // A failure is thrown where the report is awaited.
  pinging.catch(() => {});
  return () => {
    isOver = true;
    return pinging;
  };
});

async function ping(peer: Peer): Promise<PingReport> {
  const started = performance.now();
  const dueAt = (n: number) => started + n * EVERY_MS;
  const delays: number[] = [];
  let sent = 0;
  const send = async () => {
    while (!isOver) {
      await pause(Math.max(0, dueAt(sent) - performance.now()));
      peer.send({ type: "ping", id: sent++ });
    }
  };
  const receive = async () => {
    while (!isOver || delays.length < sent) {
      const frame = await peer.next();
      const due = delays.length;
      if (frame?.type !== "pong" || frame.re !== due) {
        throw new Error(`No pong ${due} but ${JSON.stringify(frame) ?? "the end"}`);
      }
      delays.push(performance.now() - dueAt(due));
    }
  };
  await Promise.all([send(), receive()]);
  delays.sort((one, other) => one - other);
  return {
    pings: delays.length,
    p99Ms: delays[Math.ceil(delays.length * 0.99) - 1] ?? Infinity,
    worstMs: delays.at(-1) ?? Infinity,
  };
}
