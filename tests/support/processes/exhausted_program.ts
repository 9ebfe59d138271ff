// A process without a free descriptor in which something goes wrong; for tests/server/internal_errors_test.ts.

import { createLog } from "../../../lib/log.ts";
import { InternalErrors } from "../../../lib/server/internal_errors.ts";
import { DescriptorReserve } from "../../../lib/server/process/descriptor_reserve.ts";

const path = Deno.args[0] ?? "";
const log = createLog("error", ({ event, fields }) => {
  Deno.stdout.writeSync(new TextEncoder().encode(`${event} ${fields.message} ${fields.stack}\n`));
});
const faults = new InternalErrors(log, new DescriptorReserve(path));
const open: Deno.FsFile[] = [];

/** Whoever wants to know where it came from opens a file, as the runtime does. */
function errorFromAFile(): Error {
  const error = new Error("boom");
  const { stack } = error;
  return Object.defineProperty(error, "stack", {
    get(): string | undefined {
      Deno.openSync(path).close();
      return stack;
    },
  });
}

try {
  for (;;) open.push(Deno.openSync(path));
} catch {
  faults.record("here", errorFromAFile());
}
Deno.exit(faults.internal === 1 && open.length > 0 ? 0 : 1);
