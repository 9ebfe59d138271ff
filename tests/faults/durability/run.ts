// Sends messages one by one to a server whose system calls are traced, and checks the trace.

import { ChildServer } from "../../support/processes/child_server.ts";
import { pause } from "../../support/waiting.ts";
import { judgeTrace, type TraceVerdict } from "./trace.ts";

const CALLS = "fdatasync,fsync,pread64,pwrite64,recvfrom,read,sendto,sendmsg,write,writev";
/** The trace is complete this long after the server has ended. */
const TRACE_MS = 10_000;
const LARGE = "x".repeat(16 * 1024);

export interface DurabilityOptions {
  /** An empty one. */
  readonly directory: string;
  readonly sends: number;
  /** So many more, of 16 KiB each: every 250 or so fill the log. */
  readonly largeSends?: number;
}

export interface DurabilityReport extends TraceVerdict {
  /** Every failure, one a line. */
  readonly faults: readonly string[];
}

/** Whether strace is installed and may trace a process. */
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
  { directory, sends, largeSends = 0 }: DurabilityOptions,
): Promise<DurabilityReport> {
  const trace = `${directory}/trace`;
  await using server = await ChildServer.start({
    directory,
    args: ["--limit", "all=off"],
    // -D: the server stays our child, and strace is its.
    under: ["strace", "-D", "-f", "-y", "-q", "-s", "200", "-e", `trace=${CALLS}`, "-o", trace],
  });
  const small = Array.from({ length: sends }, (_, n) => `one after the other, ${n}`);
  const texts = [...small, ...Array<string>(largeSends).fill(LARGE)];
  const faults = await sayAll(server, texts);
  const { code } = await server.terminate();
  if (code !== 0) faults.push(`the server ended with ${code}`);
  const verdict = judgeTrace(await readWhole(trace, server.pid));
  const reported = verdict.acks.map(({ id }) => id);
  if (reported.join() !== texts.map((_, n) => `send-${n}`).join()) {
    faults.push(`the trace tells of ${reported.length} acks, not of ${texts.length}`);
  }
  return { ...verdict, faults };
}

async function sayAll(server: ChildServer, texts: readonly string[]): Promise<string[]> {
  using peer = await server.connect();
  const auth = { method: "guest", name: "ada" };
  await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const faults: string[] = [];
  for (const [n, content] of texts.entries()) {
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
