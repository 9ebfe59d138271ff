// The client's program. Everything is in lib/client/program, but for what a status line and a shell ask again
// and again: these load nothing else.

import { findStatusOptions } from "./lib/client/status/print_status.ts";
import { runStatus } from "./lib/client/status/status_program.ts";

async function run([command, ...args]: readonly string[]): Promise<number> {
  const status = command === "status" ? findStatusOptions(args) : undefined;
  if (status !== undefined) return runStatus(status);
  if (command === "rooms" && args.join(" ") === "--known") {
    const { runKnownRooms } = await import("./lib/client/status/known_rooms.ts");
    return runKnownRooms();
  }
  const { runToEnd } = await import("./lib/client/program/run_client.ts");
  return await runToEnd();
}

if (import.meta.main) Deno.exit(await run(Deno.args));
