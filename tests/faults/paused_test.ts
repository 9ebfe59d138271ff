// A server process is stopped for longer than any allowed silence, and continued: it reads what its
// peers have sent meanwhile before it judges their silence.

import { assertEquals } from "@std/assert";
import { ChildServer } from "../support/processes/child_server.ts";
import type { Frame, Peer } from "../support/clients/peer.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { pause } from "../support/waiting.ts";

const PEERS = 20;
const IDLE_MS = 2_000;
/** Longer than the silence that is allowed, and than what is left of it when the server goes on. */
const STOPPED_MS = 2 * IDLE_MS;

Deno.test({
  name:
    "paused server: no peer whose ping waits is sent away as silent, neither before nor after login",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using home = await temporaryDirectory();
    const limits = [`idle_ms=${IDLE_MS}`, "ping_ms=1000", `first_frame_ms=${IDLE_MS}`];
    await using server = await ChildServer.start({
      directory: home.path,
      args: limits.flatMap((limit) => ["--limit", limit]),
    });
    const peers: Peer[] = [];
    for (let n = 0; n < PEERS; n++) {
      const peer = await server.connect();
      const auth = { method: "guest", name: `guest-${n}` };
      await peer.ask({ type: "hello", id: "hello", version: 1, auth });
      peers.push(peer);
    }
    // Half a frame: the other half comes while the server is stopped.
    const beginner = await server.connect();
    await beginner.write(new TextEncoder().encode('{"type":"ping",'));
    Deno.kill(server.pid, "SIGSTOP");
    for (const peer of peers) peer.send({ type: "ping", id: "alive" });
    await beginner.write(new TextEncoder().encode('"id":"whole"}\n'));
    await pause(STOPPED_MS);
    Deno.kill(server.pid, "SIGCONT");
    for (const peer of peers) assertEquals((await reply(peer, "alive"))?.type, "pong");
    assertEquals((await reply(beginner, "whole"))?.type, "pong");
    assertEquals(server.logged("bye"), []);
    for (const peer of [...peers, beginner]) peer.close();
  },
});

/** The reply to this request, or the bye instead. */
async function reply(peer: Peer, id: string): Promise<Frame | undefined> {
  for (;;) {
    const frame = await peer.next();
    if (frame === undefined || frame.re === id || frame.type === "bye") return frame;
  }
}
