// Parses a trace of system calls and finds acknowledgements that a store sent before their data was
// on the disk. Knows no server.

/** The state of the disk at one acknowledgement. */
export interface AckVerdict {
  readonly id: string;
  /** Whether it was sent while written bytes of the log were not synced. */
  readonly isDirty: boolean;
  /** Syncs of the log between its request and this. */
  readonly syncs: number;
}

/** How the log was copied into the file, so that it could restart. */
export interface CopyVerdict {
  /** How often the log restarted over its former content. */
  readonly restarts: number;
  /** Of these, how often some of its copy was not on the disk. */
  readonly unsyncedRestarts: number;
  /** Parts of the log that were copied to the file and were not on the disk. */
  readonly dirtyCopies: number;
}

export interface TraceVerdict {
  readonly acks: readonly AckVerdict[];
  readonly copy: CopyVerdict;
}

interface Call {
  readonly thread: string;
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
/** Where a part of a file is read or written, and how much of it. */
const EXTENT = /, (\d+)\) += (\d+)$/;

interface Extent {
  readonly from: number;
  readonly to: number;
}

function extentOf({ rest }: Call): Extent {
  const [, from = "0", length = "0"] = EXTENT.exec(rest) ?? [];
  return { from: Number(from), to: Number(from) + Number(length) };
}

/** What of a file may not be on the disk. */
class Dirt {
  #written: (Extent & { readonly doneAt: number })[] = [];

  write(call: Call): void {
    this.#written.push({ ...extentOf(call), doneAt: call.doneAt });
  }

  /** A sync has what was written before it began. */
  sync({ begunAt }: Call): void {
    this.#written = this.#written.filter(({ doneAt }) => doneAt > begunAt);
  }

  get isDirty(): boolean {
    return this.#written.length > 0;
  }

  isDirtyAt({ from, to }: Extent): boolean {
    return this.#written.some((part) => part.from < to && from < part.to);
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
      case "pread64":
        disk.read(call);
        break;
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
  /** What each thread has read of the log last: that is what it writes to the file next. */
  readonly #reads = new Map<string, Extent>();
  #hasLog = false;
  /** Of the log. */
  syncs = 0;
  restarts = 0;
  unsyncedRestarts = 0;
  dirtyCopies = 0;

  read(call: Call): void {
    if (LOG_FILE.test(call.rest)) this.#reads.set(call.thread, extentOf(call));
  }

  write(call: Call): void {
    if (MAIN_FILE.test(call.rest)) {
      this.#main.write(call);
      const copied = this.#reads.get(call.thread);
      if (copied !== undefined && this.log.isDirtyAt(copied)) this.dirtyCopies++;
    } else if (LOG_FILE.test(call.rest)) {
      if (this.#hasLog && extentOf(call).from === 0) this.#restart();
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
    yield { thread, name, rest, begunAt: before?.line ?? line, doneAt: line };
  }
}
