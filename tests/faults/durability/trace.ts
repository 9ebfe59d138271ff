// Reads a trace of system calls and says what a store had promised before it was on the disk. Knows
// nothing of who made the trace.

/** What one acknowledgement was worth. */
export interface AckVerdict {
  readonly id: string;
  /** Whether bytes of the log were written and not synced when it was sent. */
  readonly isDirty: boolean;
  /** Syncs of the log between its request and this. */
  readonly syncs: number;
}

/** How the log came into the file, so that it could begin anew. */
export interface CopyVerdict {
  /** How often the log was begun anew over what it held. */
  readonly restarts: number;
  /** Of these, how often some of its copy was not on the disk. */
  readonly unsyncedRestarts: number;
  /** Writes to the file while some of the log was not on the disk. */
  readonly dirtyCopies: number;
}

export interface TraceVerdict {
  readonly acks: readonly AckVerdict[];
  readonly copy: CopyVerdict;
}

interface Call {
  readonly name: string;
  /** Everything behind the opening parenthesis. */
  readonly rest: string;
  /** Lines of the trace. */
  readonly begunAt: number;
  readonly doneAt: number;
}

// The runtime has databases of its own.
const LOG_FILE = /^\d+<[^>]*\/parley\.db-wal>/;
const MAIN_FILE = /^\d+<[^>]*\/parley\.db>/;
/** The log's first bytes: its header. */
const AT_BEGINNING = /, 0\) += \d+$/;

/** What of a file may not be on the disk. */
class Dirt {
  #writtenAt = -1;
  #syncedTo = -1;

  write({ doneAt }: Call): void {
    this.#writtenAt = doneAt;
  }

  /** A sync has what was written before it began. */
  sync({ begunAt }: Call): void {
    this.#syncedTo = Math.max(this.#syncedTo, begunAt);
  }

  get isDirty(): boolean {
    return this.#writtenAt > this.#syncedTo;
  }
}

/**
 * Judges a trace by `strace -f -y`. A request is known by `"id":"…"` in what is received, its
 * acknowledgement by `"type":"ok","re":"…"` in what is sent.
 */
export function judgeTrace(trace: string): TraceVerdict {
  const disk = new Disk();
  const acks: AckVerdict[] = [];
  const receivedAt = new Map<string, number>();
  for (const call of completedCalls(trace)) {
    switch (call.name) {
      case "pwrite64":
        disk.write(call);
        break;
      case "fdatasync":
      case "fsync":
        disk.sync(call);
        break;
      case "recvfrom":
      case "read":
        for (const id of idsIn(call.rest, /\\"id\\":\\"([^\\]+)\\"/g)) {
          receivedAt.set(id, disk.syncs);
        }
        break;
      case "sendto":
      case "sendmsg":
      case "write":
      case "writev":
        for (const id of idsIn(call.rest, /\\"type\\":\\"ok\\",\\"re\\":\\"([^\\]+)\\"/g)) {
          const syncs = disk.syncs - (receivedAt.get(id) ?? disk.syncs);
          acks.push({ id, isDirty: disk.log.isDirty, syncs });
        }
    }
  }
  const { restarts, unsyncedRestarts, dirtyCopies } = disk;
  return { acks, copy: { restarts, unsyncedRestarts, dirtyCopies } };
}

/** The two files and what was done to them. */
class Disk {
  readonly log = new Dirt();
  readonly #main = new Dirt();
  #hasLog = false;
  /** Of the log. */
  syncs = 0;
  restarts = 0;
  unsyncedRestarts = 0;
  dirtyCopies = 0;

  write(call: Call): void {
    if (MAIN_FILE.test(call.rest)) {
      this.#main.write(call);
      if (this.log.isDirty) this.dirtyCopies++;
    } else if (LOG_FILE.test(call.rest)) {
      if (this.#hasLog && AT_BEGINNING.test(call.rest)) this.#restart();
      this.log.write(call);
      this.#hasLog = true;
    }
  }

  sync(call: Call): void {
    if (MAIN_FILE.test(call.rest)) this.#main.sync(call);
    if (!LOG_FILE.test(call.rest)) return;
    this.syncs++;
    this.log.sync(call);
  }

  #restart(): void {
    this.restarts++;
    if (this.#main.isDirty) this.unsyncedRestarts++;
  }
}

function idsIn(text: string, pattern: RegExp): readonly string[] {
  return Array.from(text.matchAll(pattern), ([, id = ""]) => id);
}

/** Calls in the order in which they were done; what one thread began and ended in two lines is one. */
function* completedCalls(trace: string): Generator<Call> {
  const begun = new Map<string, { text: string; line: number }>();
  for (const [line, written] of trace.split("\n").entries()) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/.exec(written) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(text)?.[1];
    if (unfinished !== undefined) {
      begun.set(thread, { text: unfinished, line });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const before = resumed === undefined ? undefined : begun.get(thread);
    const whole = (before?.text ?? "") + (resumed ?? text);
    const [, name, rest] = /^(\w+)\((.*)$/.exec(whole) ?? [];
    if (name === undefined || rest === undefined) continue;
    yield { name, rest, begunAt: before?.line ?? line, doneAt: line };
  }
}
