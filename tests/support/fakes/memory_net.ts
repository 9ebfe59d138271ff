// A bus within one process: what one server tells, all others hear, as the text it would be elsewhere.

import type { Bus, Notice, ServerId } from "../../../lib/cluster/bus.ts";
import { decodeBusMessage, encodeBusMessage } from "../../../lib/cluster/notice_codec.ts";

export class MemoryNet {
  /** What was told, oldest first. */
  readonly reported: Notice[] = [];
  /** Which notices do not arrive; those of the others do. */
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
    const character = decodeBusMessage(encodeBusMessage({ from, notice }));
    if (character === undefined) throw new Error(`Not to be read: ${JSON.stringify(notice)}`);
    for (const end of this.ends) {
      if (end.id !== from) queueMicrotask(() => end.receive(character.notice, character.from));
    }
  }
}

export class MemoryBus implements Bus {
  readonly id: ServerId;
  readonly isConnected = true;
  /** A test may say that it carries little. */
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
