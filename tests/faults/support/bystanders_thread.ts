// The thread on which bystanders talk: begun by the first message, concluded by the second.

import { type BystanderReport, Bystanders } from "./bystander.ts";
import type { Beginning } from "./bystanders_apart.ts";
import type { ThreadMessage as SentOf } from "./observer_thread.ts";
import { Peer } from "../../support/clients/peer.ts";

type Sent = SentOf<BystanderReport>;

/** The thread's own side; the library's types know only a page's. */
interface Thread {
  postMessage(posted: Sent): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
}

const thread = globalThis as unknown as Thread;
let talking: Promise<Bystanders> | undefined;

thread.addEventListener("message", ({ data }) => {
  if (data === "conclude") void say(async () => ({ report: await conclude() }));
  else void say(() => begin(data));
});

async function begin({ address, options }: Beginning): Promise<Sent> {
  talking = Bystanders.begin({ connect: () => Peer.connect(address) }, options);
  await talking;
  return { begun: true };
}

async function conclude(): ReturnType<Bystanders["conclude"]> {
  if (talking === undefined) throw new Error("Nobody talks");
  const bystanders = await talking;
  try {
    return await bystanders.conclude();
  } finally {
    await bystanders[Symbol.asyncDispose]();
  }
}

async function say(work: () => Promise<Sent>): Promise<void> {
  try {
    thread.postMessage(await work());
  } catch (error) {
    thread.postMessage({ error: String(error) });
  }
}
