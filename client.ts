// The client's program. Everything is in lib/client/program.

import { runToEnd } from "./lib/client/program/run_client.ts";

if (import.meta.main) Deno.exit(await runToEnd());
