// A relay that keeps what passes, as somebody on the network could, and the search for secrets in it.

import { assertEquals, assertGreater } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { type Direction, Relay } from "./relay.ts";

export class RecordingRelay extends Relay {
  readonly #recorded: Readonly<Record<Direction, Uint8Array[]>>;

  /** @param target the port behind */
  constructor(target: number) {
    const recorded: Record<Direction, Uint8Array[]> = { "to server": [], "to client": [] };
    super({
      target,
      filter(bytes, { direction }): boolean {
        recorded[direction].push(bytes.slice());
        return true;
      },
    });
    this.#recorded = recorded;
  }

  /** All that has passed this way, of every connection, one after the other. */
  bytes(direction: Direction): Uint8Array {
    return concat(this.#recorded[direction]);
  }

  /** The secrets that have passed this way, as text or as a part of base64 or hexadecimal. */
  find(direction: Direction, secrets: readonly string[]): readonly string[] {
    const text = new TextDecoder("latin1").decode(this.bytes(direction));
    const encoder = new TextEncoder();
    return secrets.filter((secret) => {
      const bytes = encoder.encode(secret);
      return [secret, bytes.toHex(), bytes.toBase64().slice(0, -4)]
        .some((form) => form.length > 3 && text.includes(form));
    });
  }
}

/** A recording, and what each direction has carried. */
export interface Capture extends AsyncDisposable {
  readonly relay: RecordingRelay;
  readonly secrets: Readonly<Record<Direction, readonly string[]>>;
}

const DIRECTIONS = ["to server", "to client"] as const;

/** @throws when one of the secrets can be read, or little has passed */
export function assertHidden({ relay, secrets }: Capture): void {
  for (const direction of DIRECTIONS) {
    assertGreater(relay.bytes(direction).length, 1_000);
    assertEquals(relay.find(direction, secrets[direction]), [], direction);
  }
}

/** @throws when one of the secrets cannot be read: then nothing follows from `assertHidden` */
export function assertReadable({ relay, secrets }: Capture): void {
  for (const direction of DIRECTIONS) {
    assertEquals(relay.find(direction, secrets[direction]), secrets[direction], direction);
  }
}
