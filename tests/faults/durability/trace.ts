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

interface Call {
  readonly name: string;
  /** Everything behind the opening parenthesis. */
  readonly rest: string;
}

const LOG_FILE = /-wal[>"]/;

/**
 * The acknowledgements of a trace by `strace -f -y`, in order. A request is known by `"id":"…"` in
 * what is received, its acknowledgement by `"type":"ok","re":"…"` in what is sent.
 */
export function judgeTrace(trace: string): readonly AckVerdict[] {
  const verdicts: AckVerdict[] = [];
  const receivedAt = new Map<string, number>();
  let syncs = 0;
  let isDirty = false;
  for (const { name, rest } of completedCalls(trace)) {
    switch (name) {
      case "pwrite64":
        isDirty ||= LOG_FILE.test(rest);
        break;
      case "fdatasync":
      case "fsync":
        if (!LOG_FILE.test(rest)) break;
        syncs++;
        isDirty = false;
        break;
      case "recvfrom":
      case "read":
        for (const id of idsIn(rest, /\\"id\\":\\"([^\\]+)\\"/g)) receivedAt.set(id, syncs);
        break;
      case "sendto":
      case "sendmsg":
      case "write":
      case "writev":
        for (const id of idsIn(rest, /\\"type\\":\\"ok\\",\\"re\\":\\"([^\\]+)\\"/g)) {
          verdicts.push({ id, isDirty, syncs: syncs - (receivedAt.get(id) ?? syncs) });
        }
    }
  }
  return verdicts;
}

function idsIn(text: string, pattern: RegExp): readonly string[] {
  return Array.from(text.matchAll(pattern), ([, id = ""]) => id);
}

/** Calls in the order in which they were done; what one thread began and ended in two lines is one. */
function* completedCalls(trace: string): Generator<Call> {
  const begun = new Map<string, string>();
  for (const line of trace.split("\n")) {
    const [, thread = "", text = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(text)?.[1];
    if (unfinished !== undefined) {
      begun.set(thread, unfinished);
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const whole = resumed === undefined ? text : (begun.get(thread) ?? "") + resumed;
    const [, name, rest] = /^(\w+)\((.*)$/.exec(whole) ?? [];
    if (name !== undefined && rest !== undefined) yield { name, rest };
  }
}
