// Full and unread outputs: the server works as if they were read, and stops on a signal or when its
// terminal is closed.

import type { Findings } from "../goals/findings.ts";
import type { Size } from "../goals/goal.ts";
import { hasPty } from "../../support/terminals/pty.ts";
import { beginPinging } from "../support/pinger.ts";
import type { Peer } from "../../support/clients/peer.ts";
import { type Unread, UnreadServer } from "../support/unread_server.ts";
import { within } from "../../support/waiting.ts";
import type { Part, Reached } from "./part.ts";

const PING_P99_MS = 100;
const STOP_MS = 5_000;
/** Each is a line of the log, or more console output than a terminal buffers. */
const CONNECTIONS: Readonly<Record<Size, number>> = { ci: 1_500, long: 50_000 };
const MESSAGES: Readonly<Record<Size, number>> = { ci: 1_500, long: 50_000 };
const TEXT = "x".repeat(2_000);

export const outputsUnread: Part = {
  asked: "stderr full or unread, a console's terminal unread: p99 of pings " +
    `${PING_P99_MS} ms, SIGTERM stops in ${STOP_MS} ms with bye; so does the end of the terminal`,
  missing: () => hasPty ? undefined : "there is no `script` (util-linux) here",
  async run(size, { directory, findings, progress }): Promise<Reached> {
    const outputs: readonly Unread[] = ["full stderr", "unread stderr", "unread terminal"];
    let worstMs = 0;
    let pings = 0;
    let posted = 0;
    for (const output of outputs) {
      const home = `${directory}/${output.replace(" ", "-")}`;
      Deno.mkdirSync(home);
      const trial = await tryOutput({ directory: home, output, size, findings });
      worstMs = Math.max(worstMs, trial.p99Ms);
      pings += trial.pings;
      posted += trial.posted;
      progress(`${output}: p99 ${trial.p99Ms.toFixed(1)} ms`);
    }
    Deno.mkdirSync(`${directory}/closed`);
    await closeTerminal(`${directory}/closed`, findings);
    return {
      reached: `outputs unread: ${posted} lines said into them, p99 of pings ${
        worstMs.toFixed(1)
      } ms`,
      counts: { "lines unread": posted, "pings meanwhile": pings },
    };
  },
};

interface Trial {
  readonly p99Ms: number;
  readonly pings: number;
  readonly posted: number;
}

async function tryOutput(
  { directory, output, size, findings }: {
    readonly directory: string;
    readonly output: Unread;
    readonly size: Size;
    readonly findings: Findings;
  },
): Promise<Trial> {
  await using server = await UnreadServer.start({ directory, output });
  using guest = await enter(server, "guest");
  using pinger = await beginPinging(server, "pinger");
  const posted = output === "unread terminal" ? MESSAGES[size] : CONNECTIONS[size];
  if (output === "unread terminal") await speak(guest, posted);
  else await tryConnect(server, posted);
  const { p99Ms, pings } = await pinger.finish();
  findings.inTime(`${output}: p99 of pings`, { is: p99Ms, asked: PING_P99_MS });
  await stop(server, { guest, findings, how: "SIGTERM", output });
  if (output !== "unread terminal") {
    findings.exactly(`${output}: exit`, { is: await server.code(), asked: 0 });
  }
  return { p99Ms, pings, posted };
}

async function closeTerminal(directory: string, findings: Findings): Promise<void> {
  await using server = await UnreadServer.start({ directory, output: "unread terminal" });
  using guest = await enter(server, "guest");
  await stop(server, { guest, findings, how: "the end of the terminal", output: "terminal" });
}

async function stop(
  server: UnreadServer,
  { guest, findings, how, output }: {
    readonly guest: Peer;
    readonly findings: Findings;
    readonly how: "SIGTERM" | "the end of the terminal";
    readonly output: string;
  },
): Promise<void> {
  const begun = performance.now();
  const stopped = how === "SIGTERM" ? server.terminate() : server.hangUp();
  const bye = (await guest.untilEnd()).find(({ type }) => type === "bye");
  if (bye?.code !== "restarting") findings.fault(`${output}: ${how} without a bye`);
  await within(2 * STOP_MS, stopped, `${output}: ${how} did not stop it`);
  findings.inTime(`${output}: ${how}`, { is: performance.now() - begun, asked: STOP_MS });
}

async function enter(server: UnreadServer, name: string): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth, idle_ms: 0 });
  return peer;
}

/** Messages in the lobby, which a console shows. */
async function speak(peer: Peer, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const reply = await peer.ask({ type: "message", id: `m${n}`, room: "lobby", content: TEXT });
    if (reply?.type !== "ok") throw new Error(`Not taken: ${JSON.stringify(reply)}`);
  }
}

/** Connections that are shown out, a line of the log each. */
async function tryConnect(server: UnreadServer, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    using lost = await server.connect();
    lost.send("GET / HTTP/1.1");
    if ((await lost.untilEnd()).length === 0) throw new Error("No bye to a stranger");
  }
}
