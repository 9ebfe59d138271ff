// The thread on which a pinger pings: begun by the first message, concluded by the second.

import { Peer } from "../../support/clients/peer.ts";
import type { Beginning, PingReport } from "./pinger.ts";
import type { ThreadMessage as SentOf } from "./observer_thread.ts";
import { pause } from "../../support/waiting.ts";

const EVERY_MS = 20;

type Sent = SentOf<PingReport>;

/** The thread's own side; the library's types know only a page's. */
interface Thread {
  postMessage(posted: Sent): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

const thread = globalThis as unknown as Thread;
let isOver = false;

thread.addEventListener("message", ({ data }) => {
  if (data === "conclude") isOver = true;
  else void pingToTheEnd(data);
});

async function pingToTheEnd({ address, name }: Beginning): Promise<void> {
  try {
    using peer = await Peer.connect(address);
    const auth = { method: "guest", name };
    await peer.ask({ type: "hello", id: "hello", version: 1, auth, idle_ms: 0 });
    thread.postMessage({ begun: true });
    const report = await ping(peer);
    peer.close();
    thread.postMessage({ report });
  } catch (error) {
    thread.postMessage({ error: String(error) });
  }
}

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
