// Events on their way to several members: as frames, and as lines that are encoded once for all of them.
// Knows no member and no connection.

import { encodeFrame } from "../wire/codec.ts";
import type { ServerFrame } from "../wire/frame.ts";

/** Events in order, shared by all members that they are delivered to. */
export interface Batch {
  /** The events as frames: never change them. */
  readonly events: readonly ServerFrame[];
  /** The events as whole lines, encoded at the first call and shared: never change them. */
  lines(): Uint8Array;
}

/** About what the fields of an event take besides its text, in UTF-16 units. */
const FIELDS_UNITS = 150;

const NO_LINES = new Uint8Array(0);

const encoder = new TextEncoder();

/** A batch that events are added to until its first member gets it. */
export class EventBatch implements Batch {
  #events: ServerFrame[] = [];
  #lines: Uint8Array | undefined;
  #units = 0;

  constructor(...events: readonly ServerFrame[]) {
    for (const event of events) this.add(event);
  }

  get events(): readonly ServerFrame[] {
    return this.#events;
  }

  /** About how long the lines are, in UTF-16 units; a text of escaped characters takes up to twice that. */
  get units(): number {
    return this.#units;
  }

  /** Adds an event. Must not be called once the batch has been delivered to a member. */
  add(event: ServerFrame): void {
    this.#events.push(event);
    this.#units += FIELDS_UNITS + ("content" in event ? event.content?.length ?? 0 : 0);
  }

  lines(): Uint8Array {
    return this.#lines ??= this.#encode();
  }

  /** Lets go of the events and lines, which every member has. */
  clear(): void {
    this.#events = [];
    this.#lines = NO_LINES;
  }

  #encode(): Uint8Array {
    let text = "";
    for (const event of this.#events) text += encodeFrame(event);
    return encoder.encode(text);
  }
}
