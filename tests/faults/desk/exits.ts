// How long a waiting script needs: from an operator's `decide` to the end of the process of `approve`, which
// waits in a real client.

import type { ChildServer } from "../../support/processes/child_server.ts";
import { Home, spawnClient } from "../../support/processes/client_process.ts";
import { pause } from "../../support/waiting.ts";
import type { Findings } from "../goals/findings.ts";
import { Delays } from "../support/delays.ts";
import type { Operator } from "./prepared_stores.ts";
import { logIn } from "./races.ts";

/** Clients that wait at a time; they are decided one after the other. */
const WAITING = 5;
/** Between a start and the next decision: the starts of the others are over. */
const QUIET_MS = 150;
const EXIT_OF = { approve: 0, deny: 3 } as const;

export interface ExitOptions {
  readonly server: ChildServer;
  readonly operator: Operator;
  readonly samples: number;
  readonly findings: Findings;
}

/** Measures, and checks each exit code. */
export async function measureExits(
  { server, operator, samples, findings }: ExitOptions,
): Promise<Delays> {
  const delays = new Delays();
  await using home = await Home.create();
  using peer = await logIn(server, { method: "token", token: operator.token });
  const queue = await peer.ask({ type: "queue", limit: 1, id: "queue" });
  await peer.ask({ type: "resume", rooms: [{ room: "desk", seq: queue?.desk }], id: "resume" });
  const { hostname, port } = server.address;
  while (delays.count < samples) {
    const waiting = new Map<number, Deno.ChildProcess>();
    for (let n = 0; n < WAITING; n++) {
      const content = `sample ${delays.count + n}`;
      const at = ["--server", `${hostname}:${port}`, "--name", "deploy"];
      const child = spawnClient({ home, args: ["approve", content, ...at] });
      for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
        if (frame.change !== "opened") continue;
        waiting.set(frame.inquiry, child);
        break;
      }
    }
    for (const [inquiry, child] of waiting) {
      await pause(QUIET_MS);
      const choice = delays.count % 2 === 0 ? "approve" : "deny";
      const began = performance.now();
      peer.send({ type: "decide", inquiry, choice, id: `exit-${inquiry}` });
      const { code } = await child.status;
      delays.note(performance.now() - began);
      findings.exactly(`exit code of ${choice}`, { is: code, asked: EXIT_OF[choice] });
      await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);
      await peer.replyTo(`exit-${inquiry}`);
    }
  }
  return delays;
}
