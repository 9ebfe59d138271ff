// A program that waits for the signals that stop a server and tells of them; a line on stdin moves its
// clock on by a second. It never stops by itself: that is what a second signal is for.

import { nextStopSignal, outliveTerminal } from "../../lib/server/process/stop_signals.ts";

function progress(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

let now = 0;
let looks = 0;
const stopsOnHangUp = Deno.args[0] === "stops";
if (!stopsOnHangUp) outliveTerminal(() => progress("hung up"));
nextStopSignal({
  monotonic(): number {
    // At the first signal, and at each that may be a second request.
    if (looks++ > 0) progress("looked at the clock");
    return now;
  },
  sameWithinMs: 500,
  stopsOnHangUp: () => stopsOnHangUp,
  beforeExit: () => Promise.resolve(progress("before exit")),
}).then((signal) => progress(`stopping by ${signal}`));
progress("ready");
for await (const _ of Deno.stdin.readable) {
  now += 1_000;
  progress("a second later");
}
