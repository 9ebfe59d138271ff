// How the server was started: in the foreground of a terminal, in its background, or to outlive it. The
// runtime can ask for neither the foreground nor ignored signals, and catches SIGHUP before the program
// begins. So the task in deno.json hands over what Linux says of the shell that runs it, proc(5).

/** What is known of the start. */
export interface Launch {
  /** Whether a task started it: then signals to the process group come a second time, passed on. */
  readonly isByTask: boolean;
  /** Whether it is certain that another job has the terminal: touching it would stop this one. */
  readonly isInBackground: boolean;
  /** Whether SIGHUP is to stop the server: not when it was started with `nohup`. */
  readonly stopsOnHangUp: boolean;
}

export interface LaunchFacts {
  /**
   * /proc/self/stat and /proc/self/status of the task's shell, one behind the other; empty where there
   * are none, undefined without a task.
   */
  readonly status: string | undefined;
  readonly os: typeof Deno.build.os;
  readonly terminals: Readonly<Record<"stdin" | "stdout" | "stderr", boolean>>;
}

const SIGHUP_BIT = 1n;
/** Of /proc/self/stat: the group, the terminal and the group that has it. The name may hold anything. */
const STAT = /^\d+ \(.*?\) \w -?\d+ (\d+) -?\d+ (-?\d+) (-?\d+)\s/;
/** Of /proc/self/status; the task's shell makes blanks of newlines. */
const IGNORED = /\sSigIgn:\s*([0-9a-f]+)/;
const CAUGHT = /\sSigCgt:\s*([0-9a-f]+)/;

/** @param facts as they were when the process began */
export function describeLaunch(facts: LaunchFacts): Launch {
  const { os, terminals, status = "" } = facts;
  const isIgnored = hasHangUp(IGNORED, status);
  // A runtime that catches it already hides whether it was ignored.
  const isDefault = isIgnored === false && hasHangUp(CAUGHT, status) === false;
  return {
    isByTask: facts.status !== undefined,
    isInBackground: isInBackground(status),
    stopsOnHangUp: isIgnored !== true && (isDefault || seesTerminal(os, terminals)),
  };
}

/** Whether SIGHUP is in a set of signals; undefined when the set is not known. */
function hasHangUp(set: RegExp, status: string): boolean | undefined {
  const mask = set.exec(status)?.[1];
  return mask === undefined ? undefined : (BigInt(`0x${mask}`) & SIGHUP_BIT) !== 0n;
}

/** By the group of processes that has the terminal. Not in the background when nothing is known. */
function isInBackground(status: string): boolean {
  const [, group = NaN, terminal = NaN, foreground = NaN] = (STAT.exec(status) ?? []).map(Number);
  return terminal > 0 && foreground > 0 && group > 0 && foreground !== group;
}

/**
 * What `nohup` leaves behind: it takes stdout and stderr off the terminal, and on Linux stdin, too
 * (elsewhere it leaves stdin alone).
 */
function seesTerminal(os: LaunchFacts["os"], terminals: LaunchFacts["terminals"]): boolean {
  const { stdin, stdout, stderr } = terminals;
  return stdout || stderr || (stdin && os === "linux");
}
