// The messages sent to a server and its acknowledgements, against which the store is checked. Every
// acknowledgement is in a file before its writer sends more. Knows no socket.

/** The acknowledged position of a message. */
export interface Placed {
  readonly room: string;
  readonly seq: number;
}

/** What the reply to a send says of it. */
export interface Acknowledged extends Placed {
  readonly cid: string;
  /** The server reports a duplicate. */
  readonly isDup: boolean;
}

export class Ledger implements Disposable {
  readonly #file: Deno.FsFile;
  /** The room that each message was offered to, by cid. */
  readonly offered = new Map<string, string>();
  readonly acked = new Map<string, Placed>();
  /** Resends that were already stored. */
  dups = 0;
  /** Messages acknowledged twice, in different places. */
  readonly contradictions: string[] = [];
  /** Refusals with `retry`, by code. */
  readonly postponed = new Map<string, number>();
  /** The longest wait for an answer on an unbroken connection, in milliseconds. */
  slowestAnswerMs = 0;
  /** Unexpected answers. */
  readonly refusals: string[] = [];
  #waiting: { nth: number; resolve: () => void } | undefined;

  /** @param path where acknowledgements are written, `cid room seq` a line */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { create: true, append: true });
  }

  offer(cid: string, room: string): void {
    this.offered.set(cid, room);
  }

  ack({ cid, room, seq, isDup }: Acknowledged): void {
    if (isDup) this.dups++;
    const before = this.acked.get(cid);
    if (before === undefined) {
      this.acked.set(cid, { room, seq });
      this.#file.writeSync(new TextEncoder().encode(`${cid} ${room} ${seq}\n`));
    } else if (before.room !== room || before.seq !== seq) {
      this.contradictions.push(`${cid}: ${before.room} ${before.seq}, then ${room} ${seq}`);
    }
    if (this.#waiting !== undefined && --this.#waiting.nth <= 0) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve();
    }
  }

  /** A refusal with `retry`. */
  postpone(code: string): void {
    this.postponed.set(code, (this.postponed.get(code) ?? 0) + 1);
  }

  noteAnswer(tookMs: number): void {
    this.slowestAnswerMs = Math.max(this.slowestAnswerMs, tookMs);
  }

  /** Calls `then` in the very turn in which the n-th acknowledgement from now arrives. */
  onAck(nth: number, then: () => void): void {
    this.#waiting = { nth, resolve: then };
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
