// Short names of messages, as `k7`, by which a person names one. Knows no terminal.

import type { RoomEvent } from "../../../wire/event.ts";
import type { EventLine } from "../../../terminal/view_lines.ts";
import { isChange, withChange } from "./changed_messages.ts";

/** So many messages can be named. */
const KEPT = 400;
const HANDLE = /^k(\d+)$/i;

export class MessageHandles {
  readonly #lines = new Map<number, EventLine>();
  readonly #numbers = new Map<string, number>();
  #last = 0;

  /** The handle of a message, which it keeps. */
  handleOf(line: EventLine): string {
    const key = keyOf(line.event);
    const number = this.#numbers.get(key) ?? ++this.#last;
    this.#numbers.set(key, number);
    this.#lines.set(number, line);
    this.#forget(number - KEPT);
    return `k${number}`;
  }

  /** The message behind a handle, as it is now; undefined when it is not kept. */
  find(handle: string): EventLine | undefined {
    return this.#lines.get(Number(HANDLE.exec(handle)?.[1]));
  }

  /** Forgets all messages; their handles name no other ones later. */
  clear(): void {
    this.#lines.clear();
    this.#numbers.clear();
  }

  /** An event of the room has come, which may change a message. */
  note(event: RoomEvent): void {
    const { room, of = 0 } = event;
    const number = isChange(event) ? this.#numbers.get(keyOf({ room, seq: of })) : undefined;
    const line = number === undefined ? undefined : this.#lines.get(number);
    if (number === undefined || line === undefined) return;
    this.#lines.set(number, withChange(line, event));
  }

  #forget(number: number): void {
    const line = this.#lines.get(number);
    if (line === undefined) return;
    this.#lines.delete(number);
    this.#numbers.delete(keyOf(line.event));
  }
}

function keyOf({ room, seq }: Pick<RoomEvent, "room" | "seq">): string {
  return `${room} ${seq}`;
}
