// The real client against a server that has too much to do, or gives it reason to hold back.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Home, runClient, SOON, spawnClient } from "../support/processes/client_process.ts";
import { FakeListener } from "../support/clients/fake_listener.ts";
import type { FakePeer } from "../support/clients/fake_peer.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let readers = 0;

/** The texts said in the lobby. */
async function printed(server: TestServer): Promise<readonly string[]> {
  const reader = await server.connect();
  await reader.hello(`reader${++readers}`); // A name stays its first guest's.
  const page = await reader.ask({ type: "history", room: "lobby", limit: 100 });
  reader.close();
  return page.events.map(({ content }: { readonly content: string }) => content);
}

Deno.test("client send: more at once than a user's sessions are all stored, with 0", async () => {
  await using server = await startTestServer({ limits: { sessions_per_user: 2 } });
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ada"];
  const texts = Array.from({ length: 8 }, (_, i) => `message ${i}`).sort();
  const runs = texts.map((text) => runClient({ home, args: ["send", "lobby", text, ...at] }));
  for (const { code, err } of await Promise.all(runs)) assertEquals([code, err], [0, ""]);
  assertEquals([...await printed(server)].sort(), texts);
  assertEquals(home.outbox(), []);
});

Deno.test("client send: a server that stays busy is 75, and the next run stores what was piped, once", async () => {
  await using server = await startTestServer({ limits: { sessions_per_user: 1 } });
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "ada"];
  assertEquals((await runClient({ home, args: ["send", "lobby", "zero", ...at] })).code, 0);
  const follower = spawnClient({ home, args: ["tail", "lobby", "--since", "0", ...at] });
  const reader = follower.stdout.getReader();
  await reader.read();
  const late = ["send", "lobby", ...at, "--timeout", SOON];
  const busy = await runClient({ home, args: late, stdin: "first\n" });
  assertEquals(busy.code, 75, busy.err);
  assertStringIncludes(busy.err, "is kept, and the next run sends it first");
  assertEquals(home.outbox().map(({ content }) => content), ["first"]);
  follower.kill("SIGINT");
  await follower.status;
  await reader.cancel();
  await follower.stderr.cancel();

  const { code, err } = await runClient({ home, args: ["send", "lobby", "second", ...at] });
  assertEquals(code, 0);
  assertStringIncludes(err, "is stored (message 2)");
  assertEquals([await printed(server), home.outbox()], [["zero", "first", "second"], []]);
});

Deno.test("client send: killed between stored and answered, the message is stored once by the next run", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  using listener = new FakeListener();
  const at = ["--server", listener.address, "--name", "ada"];
  const user = await server.connect();
  const { you, token, epoch } = await user.hello("ada");
  const child = spawnClient({ home, args: ["send", "lobby", "once", ...at] });
  const peer = await listener.accept();
  await peer.hello({ you, token, epoch });
  const { id: _, ...request } = await peer.next("message");
  assertEquals((await user.ask({ ...request })).type, "ok");
  child.kill("SIGKILL");
  await child.status;
  await Promise.all([child.stdout.cancel(), child.stderr.cancel()]);

  const again = runClient({ home, args: ["send", "lobby", "twice", ...at] });
  const next = await listener.accept();
  await next.hello({ you, epoch });
  for (let message = 0; message < 2; message++) {
    const { id, ...resent } = await next.next("message");
    await next.send({ ...await user.ask({ ...resent }), re: id });
  }
  assertEquals((await again).code, 0);
  assertEquals([await printed(server), home.outbox()], [["once", "twice"], []]);
});

Deno.test("client: a lock that a stopped client holds costs the time-out, and Ctrl-C ends it", async () => {
  await using home = await Home.create();
  using listener = new FakeListener();
  const args = ["send", "lobby", "hello", "--server", listener.address, "--name", "ada"];
  const stopped = spawnClient({ home, args });
  await (await listener.accept()).next("hello");
  stopped.kill("SIGSTOP");
  try {
    const late = await runClient({ home, args: [...args, "--timeout", "500ms"] });
    assertEquals(late.code, 124);
    assertStringIncludes(late.err, "Another client holds ");
    await listener.accept();
    for (const command of [args, ["history", "lobby", ...args.slice(3)]]) {
      const waiting = spawnClient({ home, args: command });
      await listener.accept();
      waiting.kill("SIGINT");
      const { code } = await waiting.output();
      assertEquals(code, 130);
    }
  } finally {
    stopped.kill("SIGKILL");
    await stopped.output();
  }
});

Deno.test("client tail: a server that always sends bye at once is not tried in a hot loop", async () => {
  await using home = await Home.create();
  const listener = new FakeListener();
  const args = ["tail", "lobby", "--server", listener.address, "--name", "ada"];
  const child = spawnClient({ home, args });
  const peers: FakePeer[] = [];
  const third = Promise.withResolvers<void>();
  const bye = { type: "bye", code: "restarting", message: "soon", reconnect: true };
  const playing = (async () => {
    for (;;) {
      const peer = await listener.accept();
      const after_ms = peers.push(peer) === 3 ? 2 ** 53 - 1 : 0;
      await peer.hello();
      await peer.send({ ...bye, after_ms });
      peer.close();
      if (peers.length === 3) third.resolve();
    }
  })().catch(() => {}); // The listener was closed.
  await third.promise;
  const timer = setTimeout(() => child.kill("SIGINT"), 1_000);
  const { code } = await child.output();
  clearTimeout(timer);
  listener[Symbol.dispose]();
  await playing;
  assertEquals([code, peers.length], [130, 3]);
});
