// A bus within one process: each notice of a server goes to all others, encoded as on a real bus.

import type { Bus, Notice, ServerId } from "../../../lib/cluster/bus.ts";
import { decodeBusMessage, encodeBusMessage } from "../../../lib/cluster/notice_codec.ts";

export class MemoryNet {
  /** All notices, the oldest first. */
  readonly reported: Notice[] = [];
  /** Whether a notice is lost. */
  loses: (notice: Notice) => boolean = () => false;
  readonly ends: MemoryBus[] = [];

  /** One more server's end. */
  join(): MemoryBus {
    const end = new MemoryBus(`server${this.ends.length + 1}`.padEnd(16, "0"), this);
    this.ends.push(end);
    return end;
  }

  carry(from: ServerId, notice: Notice): void {
    this.reported.push(notice);
    if (this.loses(notice)) return;
    const message = decodeBusMessage(encodeBusMessage({ from, notice }));
    if (message === undefined) throw new Error(`Cannot be decoded: ${JSON.stringify(notice)}`);
    for (const end of this.ends) {
      if (end.id !== from) queueMicrotask(() => end.receive(message.notice, message.from));
    }
  }
}

export class MemoryBus implements Bus {
  readonly id: ServerId;
  readonly isConnected = true;
  /** The largest message; a test may set it. */
  maxBytes: number | undefined;
  readonly #net: MemoryNet;
  #receive: ((notice: Notice, from: ServerId) => void) | undefined;

  constructor(id: ServerId, net: MemoryNet) {
    this.id = id;
    this.#net = net;
  }

  publish(notice: Notice): void {
    this.#net.carry(this.id, notice);
  }

  listen(receive: (notice: Notice, from: ServerId) => void): void {
    this.#receive = receive;
  }

  receive(notice: Notice, from: ServerId): void {
    this.#receive?.(notice, from);
  }
}
