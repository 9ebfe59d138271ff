// Every exit code of the client, by the real program.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Finished,
  Home,
  LineReader,
  runClient,
  SOON,
  spawnClient,
} from "../support/processes/client_process.ts";
import { FakeListener } from "../support/clients/fake_listener.ts";
import { type FakePeer, welcome } from "../support/clients/fake_peer.ts";
import { startTestServer } from "../support/server.ts";

const ADA = ["--name", "ada"];

/** Runs `send ops hello` against a server that a test plays. */
async function sendTo(
  play: (peer: FakePeer) => Promise<unknown>,
  ...args: readonly string[]
): Promise<Finished & { readonly kept: readonly Record<string, unknown>[] }> {
  await using home = await Home.create();
  using listener = new FakeListener();
  const playing = listener.accept().then(async (peer) => {
    await play(peer);
    peer.close();
  });
  const args_ = ["send", "ops", "hello", ...ADA, "--server", listener.address, ...args];
  const finished = await runClient({ home, args: args_ });
  await playing;
  return { ...finished, kept: home.outbox() };
}

/** Trouble is one line on stderr, and stdout stays clean. */
function assertReported({ out, err }: Finished): void {
  assertEquals(out, "");
  assert(/^! .+\n$/.test(err), JSON.stringify(err));
}

Deno.test("client: 0 when the message is stored", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const args = ["send", "lobby", "hello", "--server", `127.0.0.1:${server.port}`];
  assertEquals(await runClient({ home, args }), { code: 0, out: "", err: "" });
});

Deno.test("client: 1 when the server refuses", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`, ...ADA];
  for (const args of [["send", "nowhere", "hello"], ["history", "nowhere"], ["tail", "nowhere"]]) {
    const finished = await runClient({ home, args: [...args, ...at] });
    assertEquals(finished.code, 1, args.join(" "));
    assertStringIncludes(finished.err, "There is no room");
    assertReported(finished);
  }
});

Deno.test("client: 1 when another user has the name, in one line", async () => {
  await using server = await startTestServer();
  const other = await server.connect();
  await other.hello("ada");
  await using home = await Home.create();
  const args = ["send", "lobby", "hello", ...ADA, "--server", `127.0.0.1:${server.port}`];
  const finished = await runClient({ home, args });
  assertEquals(finished.code, 1);
  assertStringIncludes(finished.err, "; --name gives another");
  assertReported(finished);
});

Deno.test("client: 64 for a wrong option, argument or text", async () => {
  await using home = await Home.create();
  const wrong = [["--nonsense"], ["sned"], ["send", "no room", "x"], ["send", "ops", "a\x1bb"], [
    "chat",
  ]];
  for (const args of wrong) {
    const finished = await runClient({ home, args });
    assertEquals(finished.code, 64, args.join(" "));
    assertReported(finished);
  }
  const nothing = await runClient({ home, args: ["send", "ops"] });
  assertEquals(nothing.code, 64);
  assertStringIncludes(nothing.err, "empty");
});

Deno.test("client: 64 for stdin that is no text, and it is kept", async () => {
  await using home = await Home.create();
  const stdin = Uint8Array.of(0x61, 0xff, 0x0a);
  const finished = await runClient({ home, args: ["send", "ops"], stdin });
  assertEquals(finished.code, 64);
  assertReported(finished);
  const path = /kept in (\S+)/.exec(finished.err)?.[1] ?? "";
  assertEquals(await Deno.readFile(path), stdin);
});

Deno.test("client: 69 when nothing listens there, and nothing is kept", async () => {
  await using home = await Home.create();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = ["--server", `127.0.0.1:${listener.addr.port}`, ...ADA];
  listener.close();
  for (const args of [["send", "ops", "hello"], ["history", "ops"], ["tail", "ops"]]) {
    const finished = await runClient({ home, args: [...args, ...at] });
    assertEquals(finished.code, 69, args.join(" "));
    assertStringIncludes(finished.err, "nothing listens there");
    assertReported(finished);
  }
  assertEquals(home.outbox(), []);
});

Deno.test("client: 75 when the answer is unknown or unavailable, and the message is kept", async () => {
  const cut = await sendTo(async (peer) => {
    await peer.hello();
    await peer.next("message");
  });
  const unavailable = await sendTo(async (peer) => {
    await peer.hello();
    await peer.answer("message", {
      type: "error",
      code: "unavailable",
      message: "later",
      retry: true,
    });
  });
  const silent = await sendTo(
    async (peer) => {
      await peer.hello();
      await peer.next("message");
      await peer.find();
    },
    "--timeout",
    SOON,
  );
  for (const finished of [cut, unavailable, silent]) {
    assertEquals(finished.code, 75);
    assertReported(finished);
    assertEquals(finished.kept.map(({ content, user }) => [content, user]), [["hello", 7]]);
  }
});

Deno.test("client: 76 when the other side speaks another protocol", async () => {
  const http = await sendTo(async (peer) => {
    await peer.next("hello");
    await peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const later = await sendTo((peer) => peer.answer("hello", welcome({ version: 2 })));
  for (const finished of [http, later]) {
    assertEquals(finished.code, 76);
    assertReported(finished);
  }
});

Deno.test("client: 77 when the user is not allowed", async () => {
  for (const code of ["auth_failed", "forbidden", "banned"] as const) {
    const finished = await sendTo((peer) =>
      peer.answer("hello", { type: "error", code, message: "no" })
    );
    assertEquals([finished.code, finished.err], [77, "! no\n"]);
  }
});

Deno.test("client: 78 for the environment, the configuration file and missing permissions", async () => {
  await using home = await Home.create();
  const send = ["send", "ops", "hello"];
  const noHome = await runClient({ home, args: send, env: { HOME: "" } });
  const badServer = await runClient({ home, args: send, env: { PARLEY_SERVER: "nowhere:x" } });
  const otherHome = await runClient({ home, args: send, env: { HOME: "/somewhere/else" } });
  await home.write(".config/parley/client.json", '{"sever":"x:1"}');
  const badFile = await runClient({ home, args: send });
  for (const finished of [noHome, badServer, badFile]) {
    assertEquals(finished.code, 78);
    assertReported(finished);
  }
  assertEquals(otherHome.code, 78);
});

Deno.test("client: 124 when the server accepts the connection and does not answer", async () => {
  const finished = await sendTo(
    async (peer) => {
      await peer.next("hello");
      await peer.find();
    },
    "--timeout",
    "300ms",
  );
  assertEquals([finished.code, finished.kept], [124, []]);
  assertReported(finished);
});

Deno.test("client: 130 when it is interrupted", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const speaker = await server.connect();
  await speaker.hello("bob");
  const args = ["tail", "lobby", "--since", "0", "--server", `127.0.0.1:${server.port}`];
  await speaker.ask({ type: "message", room: "lobby", content: "first" });
  const child = spawnClient({ home, args });
  const lines = new LineReader(child.stdout);
  assertStringIncludes(await lines.next() ?? "", "bob: first");
  child.kill("SIGINT");
  const { code } = await child.status;
  assertEquals(code, 130);
  await lines.close();
  await child.stderr.cancel();
});
