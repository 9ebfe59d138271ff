// How the server was started: in the foreground of a terminal, in its background, or under `nohup`.
// The runtime has no API for the foreground job or ignored signals, and catches SIGHUP before the
// program starts. So the task in deno.json passes the state of its shell from /proc, see proc(5).

/** The known facts about the start. */
interface LaunchMode {
  /**
   * Whether a task started it: then the task runner sends signals to the process group a second
   * time.
   */
  readonly isByTask: boolean;
  /** Whether another job certainly has the terminal: using it would stop this process. */
  readonly isInBackground: boolean;
  /** Whether SIGHUP stops the server: not when it was started with `nohup`. */
  readonly stopsOnHangUp: boolean;
}

export interface LaunchFacts {
  /**
   * /proc/self/stat and /proc/self/status of the task's shell, concatenated; empty on systems
   * without /proc, undefined without a task.
   */
  readonly status: string | undefined;
  readonly os: typeof Deno.build.os;
  readonly terminals: Readonly<Record<"stdin" | "stdout" | "stderr", boolean>>;
}

const SIGHUP_BIT = 1n;
/**
 * Of /proc/self/stat: the group, the terminal and its foreground group. The name may contain any
 * character.
 */
const STAT = /^\d+ \(.*?\) \w -?\d+ (\d+) -?\d+ (-?\d+) (-?\d+)\s/;
/** Of /proc/self/status; the task's shell replaces newlines with blanks. */
const IGNORED = /\sSigIgn:\s*([0-9a-f]+)/;
const CAUGHT = /\sSigCgt:\s*([0-9a-f]+)/;

/** @param facts as they were at the start of the process */
export function describeLaunchMode(facts: LaunchFacts): LaunchMode {
  const { os, terminals, status = "" } = facts;
  const isIgnored = hasHangUp(IGNORED, status);
  // If the runtime catches the signal, it is unknown whether it was ignored.
  const isDefault = isIgnored === false && hasHangUp(CAUGHT, status) === false;
  return {
    isByTask: facts.status !== undefined,
    isInBackground: isInBackground(status),
    stopsOnHangUp: isIgnored !== true && (isDefault || seesTerminal(os, terminals)),
  };
}

/** Whether SIGHUP is in a set of signals; undefined when the set is unknown. */
function hasHangUp(set: RegExp, status: string): boolean | undefined {
  const mask = set.exec(status)?.[1];
  return mask === undefined ? undefined : (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
}

/** Compares the process group with the terminal's foreground group. False when unknown. */
function isInBackground(status: string): boolean {
  const [, group = NaN, terminal = NaN, foreground = NaN] = (STAT.exec(status) ?? []).map(Number);
  return terminal > 0 && foreground > 0 && group > 0 && foreground !== group;
}

/**
 * Whether an output is a terminal: `nohup` redirects stdout and stderr, and on Linux stdin, too
 * (elsewhere it does not change stdin).
 */
function seesTerminal(os: LaunchFacts["os"], terminals: LaunchFacts["terminals"]): boolean {
  const { stdin, stdout, stderr } = terminals;
  return stdout || stderr || (stdin && os === "linux");
}
