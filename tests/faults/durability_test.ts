// Stored means on the disk: between a message's arrival and its acknowledgement the log is synced, and
// nothing of it is unsynced when the acknowledgement leaves. A killed process cannot show that, as the
// kernel keeps what it wrote; the order of its system calls can.

import { assert, assertEquals } from "@std/assert";
import { judgeTrace } from "./durability/trace.ts";
import { ChildServer } from "./support/child_server.ts";
import { temporaryDirectory } from "./support/temporary.ts";

const SENDS = 20;
const CALLS = "fdatasync,fsync,pwrite64,recvfrom,read,sendto,sendmsg,write,writev";

/** Whether there is an strace that may look into a process. */
function mayTrace(): boolean {
  try {
    const args = ["-o", "/dev/null", Deno.execPath(), "--version"];
    return new Deno.Command("strace", { args, stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const canTrace = mayTrace();
const proven = canTrace ? "" : " (not proven: strace is missing, or may not trace)";

Deno.test({
  name: `durability: no message is acknowledged before it is on the disk [sqlite]${proven}`,
  ignore: !canTrace,
  async fn(): Promise<void> {
    await using home = await temporaryDirectory();
    const trace = `${home.path}/trace`;
    await using server = await ChildServer.start({
      directory: home.path,
      args: ["--limit", "all=off"],
      // -D: the server stays our child, and strace is its.
      under: ["strace", "-D", "-f", "-y", "-q", "-s", "200", "-e", `trace=${CALLS}`, "-o", trace],
    });
    using peer = await server.connect();
    const auth = { method: "guest", name: "ada" };
    await peer.ask({ type: "hello", id: "hello", version: 1, auth });
    for (let n = 0; n < SENDS; n++) {
      const content = `one after the other, ${n}`;
      const reply = await peer.ask({ type: "message", id: `send-${n}`, room: "lobby", content });
      assertEquals([reply?.type, reply?.seq], ["ok", n + 1]);
    }
    assertEquals((await server.terminate()).code, 0);
    const verdicts = judgeTrace(await readWhole(trace, server.pid));
    assertEquals(
      verdicts.map(({ id }) => id),
      Array.from({ length: SENDS }, (_, n) => `send-${n}`),
    );
    for (const verdict of verdicts) {
      assert(!verdict.isDirty, `${verdict.id} was acknowledged while the log was not synced`);
      assert(verdict.syncs >= 1, `${verdict.id} was acknowledged and no sync was made for it`);
    }
  },
});

/** The trace, once it tells of the end of the process: it is written by another one. */
async function readWhole(path: string, pid: number): Promise<string> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const trace = await Deno.readTextFile(path);
    if (new RegExp(`^${pid} +\\+\\+\\+ exited`, "m").test(trace)) return trace;
    assert(performance.now() < deadline, "the trace has no end");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
