// The machine's CPU time: of this run, of other processes, or stolen by the host of a virtual
// machine.

/** How the clocks stood at a moment, in ticks of the kernel, all cores together. */
export interface MachineTime {
  readonly all: number;
  readonly busy: number;
  /** Used by this process and by the children it has waited for, and theirs. */
  readonly own: number;
}

export function readMachineTime(): MachineTime {
  const stat = Deno.readTextFileSync("/proc/stat");
  const self = Deno.readTextFileSync("/proc/self/stat");
  return parseMachineTime({ stat, self });
}

/** @param texts of /proc/stat and /proc/self/stat, see proc(5) */
export function parseMachineTime({ stat, self }: { stat: string; self: string }): MachineTime {
  const [line = ""] = stat.split("\n");
  // user nice system idle iowait irq softirq steal; what guests use is in user already.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...interrupts] = ticks;
  const busy = [user, nice, system, ...interrupts].reduce((sum, one) => sum + one, 0);
  // The name, in brackets, may hold anything; utime, stime, cutime and cstime are fields 14 to 17.
  const own = self.slice(self.lastIndexOf(")") + 2).split(" ").slice(11, 15).map(Number);
  return {
    all: busy + idle + waiting,
    busy,
    own: own.reduce((sum, one) => sum + one, 0),
  };
}

/** Which part of the machine's time others used in between, from 0 to 1. */
export function othersShare(from: MachineTime, to: MachineTime): number {
  const others = (to.busy - from.busy) - (to.own - from.own);
  return Math.max(0, others) / Math.max(1, to.all - from.all);
}
