// Measures the live line of the real client in a pseudo-terminal: deno task bench:line
// From a key to the screen, a burst of messages while a draft stands in the line, and the memory after a
// long day. The emulator and the server run in this process, on the same cores.

import { Command } from "@commander-js/extra-typings";
import { runMain, wholeNumber, write } from "../command_line.ts";
import { startTestServer, type TestServer } from "../../tests/support/server.ts";
import { Home } from "../../tests/support/processes/client_process.ts";
import type { RawClient } from "../../tests/support/clients/raw_client.ts";
import { Terminal } from "../../tests/support/terminals/pty.ts";
import { UNHURRIED } from "../../tests/protocol/scene.ts";

const KEYS = 300;
/** Requests that wait for a reply at a time. */
const PIPELINE = 50;
const DRAFT = "a draft that stands in the line";
const CLEAR = "\x15";

interface Scene extends AsyncDisposable {
  readonly bob: RawClient;
  readonly terminal: Terminal;
}

export function parseLineBenchOptions(
  args: readonly string[],
): { readonly burst: number; readonly day: number } {
  return new Command("bench:line")
    .description("the live line: a key to the screen, a burst with a draft, memory after a day")
    .option("--burst <messages>", "messages of the burst", wholeNumber(1, 100_000), 5_000)
    .option("--day <messages>", "messages of a day", wholeNumber(1, 1_000_000), 50_000)
    .allowExcessArguments(false)
    .exitOverride()
    .parse(["", "", ...args]).opts();
}

async function openScene(server: TestServer, home: Home): Promise<Scene> {
  const bob = await server.connect();
  await bob.hello("bob", { idle_ms: 0 });
  const args = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
  const terminal = Terminal.start({ home, args });
  await terminal.untilLast("#lobby>");
  return { bob, terminal, [Symbol.asyncDispose]: () => terminal[Symbol.asyncDispose]() };
}

/** Sends so many messages to the lobby, each answered. */
async function send({ bob }: Scene, from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n += PIPELINE) {
    const some = Array.from({ length: Math.min(PIPELINE, from + count - n) }, (_, k) => ({
      type: "message",
      id: n + k,
      room: "lobby",
      content: `message ${n + k} of a day`,
    }));
    await bob.send(...some);
    while ((await bob.next()).re !== some.at(-1)?.id);
  }
}

/** Milliseconds from each key to its echo on the screen, while messages arrive. */
async function measureKeys(scene: Scene): Promise<readonly number[]> {
  const { terminal } = scene;
  const times: number[] = [];
  for (let n = 0; n < KEYS; n++) {
    if (n % 10 === 0) await send(scene, n, 1);
    const key = String.fromCharCode(0x61 + n % 26);
    const typed = n % 40 === 0 ? key : terminal.screen.all.at(-1)?.slice("#lobby> ".length) + key;
    if (n % 40 === 0) await terminal.type(CLEAR);
    const begun = performance.now();
    await terminal.type(key);
    await terminal.untilLast(`#lobby> ${typed}`);
    times.push(performance.now() - begun);
  }
  await terminal.type(CLEAR);
  await terminal.untilLast("#lobby>");
  return times.sort((a, b) => a - b);
}

/** Milliseconds until the last message of a burst is on the screen, with the draft whole below it. */
async function measureBurst(scene: Scene, count: number): Promise<number> {
  const { terminal } = scene;
  await terminal.type(DRAFT);
  await terminal.untilLast(`#lobby> ${DRAFT}`);
  const begun = performance.now();
  await send(scene, KEYS, count);
  await terminal.untilSeen(`message ${KEYS + count - 1} of a day`);
  await terminal.untilLast(`#lobby> ${DRAFT}`);
  return performance.now() - begun;
}

/** Resident and CPU time of the client. */
function usage({ terminal }: Scene): { readonly mib: number; readonly cpuMs: number } {
  const status = Deno.readTextFileSync(`/proc/${terminal.pid}/status`);
  const stat = Deno.readTextFileSync(`/proc/${terminal.pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  const ticks = Number(stat[11]) + Number(stat[12]);
  return { mib: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024, cpuMs: ticks * 10 };
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
}

async function main(): Promise<number> {
  const { burst, day } = parseLineBenchOptions(Deno.args);
  await using server = await startTestServer({ limits: UNHURRIED });
  await using home = await Home.create();
  await using scene = await openScene(server, home);
  const keys = await measureKeys(scene);
  write(`a key to the screen: p50 ${at(keys, 0.5)} ms, p99 ${at(keys, 0.99)} ms\n`);
  const before = usage(scene);
  const burstMs = await measureBurst(scene, burst);
  const cpuMs = usage(scene).cpuMs - before.cpuMs;
  write(
    `${burst} messages with a draft: ${Math.round(burstMs)} ms, ${cpuMs} ms of the client's CPU\n`,
  );
  await send(scene, KEYS + burst, Math.max(0, day - burst));
  await scene.terminal.untilSeen(`message ${KEYS + Math.max(burst, day) - 1} of a day`);
  const after = usage(scene);
  write(
    `memory: ${before.mib.toFixed(0)} MiB before, ${
      after.mib.toFixed(0)
    } MiB after ${day} messages\n`,
  );
  return 0;
}

if (import.meta.main) await runMain(main);
