// Programs that answer programs: a message of a program that continues a chain of such answers is refused, and
// operators are sent a frame once. Knows no socket and no SQL.

import { ChatError } from "../../wire/errors.ts";
import type { RoomId, UserId } from "../../store/records.ts";
import type { Clock } from "../../time.ts";
import { authorFields, authorOf } from "../event_frames.ts";
import type { Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";

/** So many answers of programs to each other may follow one message. */
const DEEPEST = 2;
/** How many rooms and programs are remembered as announced. */
const REMEMBERED = 1_000;

interface LoopGuardOptions {
  /** The room `desk`: its readers are sent what is refused. */
  readonly desk: Room;
  readonly clock: Pick<Clock, "now">;
}

export class LoopGuard {
  readonly #options: LoopGuardOptions;
  readonly #announced = new Set<string>();

  constructor(options: LoopGuardOptions) {
    this.#options = options;
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
    this.#announce(room, author);
    const message =
      `Programs have answered each other ${DEEPEST} times here: a person answers next`;
    return new ChatError("rate_limited", message, { field: "to" });
  }

  /** Operators do not learn the names of rooms that are hidden from them. */
  #announce(room: Room, author: Principal): void {
    const key = loopKey(room.id, author.user);
    if (this.#announced.has(key)) return;
    this.#announced.add(key);
    const [oldest] = this.#announced;
    if (this.#announced.size > REMEMBERED && oldest !== undefined) this.#announced.delete(oldest);
    const isKnown = room.kind === "public" || room.kind === "inquiry";
    const { desk, clock } = this.#options;
    const where = isKnown ? room.name : undefined;
    const who = authorFields(authorOf(author));
    desk.broadcast({ type: "bot_loop", room: where, ...who, time: clock.now() });
  }
}

function loopKey(room: RoomId, user: UserId): string {
  return `${room} ${user}`;
}
