// Measures the delay of messages between two servers: a sender on one, a subscriber on the other.

import type { Ledger } from "../crash/ledger.ts";
import { textOf } from "../crash/texts.ts";
import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";

export interface HintProbeOptions {
  readonly from: ChildServer;
  readonly to: ChildServer;
  /** An existing room that no other client uses. */
  readonly room: string;
  /** Where what is said is noted. */
  readonly ledger: Ledger;
}

export class HintProbe implements Disposable {
  readonly #room: string;
  readonly #ledger: Ledger;
  readonly #sender: Peer;
  readonly #subscriber: Peer;

  private constructor(
    { room, ledger }: HintProbeOptions,
    { sender, subscriber }: { sender: Peer; subscriber: Peer },
  ) {
    this.#room = room;
    this.#ledger = ledger;
    this.#sender = sender;
    this.#subscriber = subscriber;
  }

  static async open(options: HintProbeOptions): Promise<HintProbe> {
    const { from, to, room } = options;
    const sender = await enter(from, room);
    try {
      return new HintProbe(options, { sender, subscriber: await enter(to, room) });
    } catch (error) {
      sender.close();
      throw error;
    }
  }

  /** Sends this many messages, one by one. @returns the delay of each in milliseconds */
  async take(times: number): Promise<readonly number[]> {
    const taken: number[] = [];
    const room = this.#room;
    for (let time = 0; time < times; time++) {
      const cid = `probe-${crypto.randomUUID()}`;
      const content = textOf(cid);
      this.#ledger.offer(cid, room);
      const begun = performance.now();
      this.#sender.send({ type: "message", id: cid, cid, room, content });
      await untilReceived(this.#subscriber, content);
      taken.push(performance.now() - begun);
      const { seq } = await demand(this.#sender.replyTo(cid), "ok");
      this.#ledger.ack({ cid, room, seq, isDup: false });
    }
    return taken;
  }

  [Symbol.dispose](): void {
    this.#sender.close();
    this.#subscriber.close();
  }
}

/** A new guest in the room. */
async function enter(server: ChildServer, room: string): Promise<Peer> {
  const peer = await server.connect();
  try {
    const name = `probe-${crypto.randomUUID().slice(0, 8)}`;
    const auth = { method: "guest", name };
    await demand(peer.ask({ type: "hello", id: "hello", version: 1, auth }), "welcome");
    await demand(peer.ask({ type: "join", id: "join", room }), "room");
    return peer;
  } catch (error) {
    peer.close();
    throw error;
  }
}

async function untilReceived(subscriber: Peer, content: string): Promise<void> {
  for (let frame = await subscriber.next(); frame !== undefined; frame = await subscriber.next()) {
    if (frame.type === "message" && frame.content === content) return;
  }
  throw new Error("The subscriber was cut off");
}

async function demand(reply: Promise<Frame | undefined>, type: string): Promise<Frame> {
  const frame = await reply;
  if (frame === undefined || frame.type !== type) {
    throw new Error(`Not ${type} but ${JSON.stringify(frame)}`);
  }
  return frame;
}
