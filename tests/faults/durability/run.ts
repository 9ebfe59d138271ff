// Sends one message after the other to a server whose system calls are traced, and judges the trace.

import { ChildServer } from "../support/child_server.ts";
import { pause } from "../support/waiting.ts";
import { type AckVerdict, judgeTrace } from "./trace.ts";

const CALLS = "fdatasync,fsync,pwrite64,recvfrom,read,sendto,sendmsg,write,writev";
/** So long after the server has ended its trace is whole. */
const TRACE_MS = 10_000;

export interface DurabilityOptions {
  /** An empty one. */
  readonly directory: string;
  readonly sends: number;
}

export interface DurabilityReport {
  /** Of every acknowledgement in the trace, in order. */
  readonly acks: readonly AckVerdict[];
  /** What went otherwise than it must, a line each. */
  readonly faults: readonly string[];
}

/** Whether there is an strace that may look into a process. */
export function mayTrace(): boolean {
  try {
    const args = ["-o", "/dev/null", Deno.execPath(), "--version"];
    return new Deno.Command("strace", { args, stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** On SQLite: whether each of so many serial sends was on the disk before it was acknowledged. */
export async function traceSends(
  { directory, sends }: DurabilityOptions,
): Promise<DurabilityReport> {
  const trace = `${directory}/trace`;
  await using server = await ChildServer.start({
    directory,
    args: ["--limit", "all=off"],
    // -D: the server stays our child, and strace is its.
    under: ["strace", "-D", "-f", "-y", "-q", "-s", "200", "-e", `trace=${CALLS}`, "-o", trace],
  });
  const faults = await sayAll(server, sends);
  const { code } = await server.terminate();
  if (code !== 0) faults.push(`the server ended with ${code}`);
  const acks = judgeTrace(await readWhole(trace, server.pid));
  const told = acks.map(({ id }) => id).join();
  const expected = Array.from({ length: sends }, (_, n) => `send-${n}`).join();
  if (told !== expected) faults.push(`the trace tells of ${acks.length} acks, not of ${sends}`);
  return { acks, faults };
}

async function sayAll(server: ChildServer, sends: number): Promise<string[]> {
  using peer = await server.connect();
  const auth = { method: "guest", name: "ada" };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const faults: string[] = [];
  for (let n = 0; n < sends; n++) {
    const content = `one after the other, ${n}`;
    const reply = await peer.ask({ type: "message", id: `send-${n}`, room: "lobby", content });
    if (reply?.type === "ok" && reply.seq === n + 1) continue;
    faults.push(`send ${n} was answered ${JSON.stringify(reply)}`);
  }
  return faults;
}

/** The trace, once it tells of the end of the process: it is written by another one. */
async function readWhole(path: string, pid: number): Promise<string> {
  const deadline = performance.now() + TRACE_MS;
  for (;;) {
    const trace = await Deno.readTextFile(path);
    if (new RegExp(`^${pid} +\\+\\+\\+ exited`, "m").test(trace)) return trace;
    if (performance.now() > deadline) throw new Error("The trace has no end");
    await pause(20);
  }
}
