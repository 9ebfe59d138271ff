// Programs that answer programs: a message of a program that continues a chain of such answers is refused, and
// operators are sent a frame once. Knows no socket and no SQL.

import { ChatError } from "../../wire/errors.ts";
import type { Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";
import type { DeskSignals } from "./desk_signals.ts";

/** So many answers of programs to each other may follow one message. */
const DEEPEST = 2;

export class LoopGuard {
  readonly #signals: Pick<DeskSignals, "announceLoop">;

  constructor(signals: Pick<DeskSignals, "announceLoop">) {
    this.#signals = signals;
  }

  /**
   * Why a program's message that answers the one of seq `to` is refused, with `rate_limited`; undefined: it is
   * not. @throws what the store throws
   */
  async refusalFor(
    room: Room,
    author: Principal,
    to: number | undefined,
  ): Promise<ChatError | undefined> {
    if (!author.isBot) return undefined;
    let seq = to;
    for (let depth = 1; seq !== undefined && depth <= DEEPEST + 1; depth++) {
      const answered = await room.find(seq);
      if (answered?.bot !== true) return undefined;
      if (depth > DEEPEST) return this.#refuse(room, author);
      seq = answered.body.to;
    }
    return undefined;
  }

  #refuse(room: Room, author: Principal): ChatError {
    this.#signals.announceLoop(author, room.id);
    const message =
      `Programs have answered each other ${DEEPEST} times here: a person answers next`;
    return new ChatError("rate_limited", message, { field: "to" });
  }
}
