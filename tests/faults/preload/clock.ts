// Loaded before the server's program: its wall clock is ahead by as many milliseconds as a file in its
// data says. Timers and the monotonic clock are as they are, as when a machine's clock is set.

/** Below the directory in which the server is started. */
const FILE = "data/clock-is-ahead";

const trueNow = Date.now;

function aheadMs(): number {
  try {
    return Number(Deno.readTextFileSync(FILE));
  } catch {
    // Nobody has set the clock yet.
    return 0;
  }
}

Date.now = () => trueNow() + aheadMs();

/** Who asks for the present gets it from there, too. */
globalThis.Date = new Proxy(Date, {
  construct(date, given, created): Date {
    return Reflect.construct(date, given.length === 0 ? [Date.now()] : given, created);
  },
});
