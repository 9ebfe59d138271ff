import { assertEquals, assertRejects } from "@std/assert";
import { Backoff } from "../../../lib/client/link/backoff.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { keepConnected } from "../../../lib/client/link/reconnect.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import { guest } from "../../support/clients/client_parts.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, FakeServer } from "../../support/clients/fake_peer.ts";

class Linked {
  readonly server = new FakeServer();
  readonly clock = new FakeClock();
  readonly stop = new AbortController();
  /** Whenever a session was lost: why, and after how many milliseconds the next try comes. */
  readonly cuts: (readonly [string, number])[] = [];
  welcomes = 0;
  readonly over: Promise<void>;

  constructor() {
    this.over = keepConnected({
      connect: this.server.connect,
      identity: guest(),
      clock: this.clock,
      backoff: new Backoff(() => 0.5),
      signal: this.stop.signal,
      online: () => this.welcomes++,
      offline: (reason, retryMs) => this.cuts.push([reason, retryMs]),
    });
    this.over.catch(() => {});
  }

  get waits(): readonly number[] {
    return this.cuts.map(([, retryMs]) => retryMs);
  }

  /** The next connection, whose hello is answered. */
  async welcome(): Promise<FakePeer> {
    const peer = await this.server.accept();
    await peer.hello();
    await settle();
    return peer;
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.over;
  }
}

Deno.test("link: after a cut it comes back within a second", async () => {
  const link = new Linked();
  const peer = await link.welcome();
  peer.close();
  await settle();
  assertEquals(link.waits, [500]);
  await link.clock.advance(499);
  assertEquals(link.server.attempts, 1);
  await link.clock.advance(1);
  const again = await link.welcome();
  assertEquals(link.welcomes, 2);
  await link.end();
  again.close();
});

Deno.test("link: while the server is out of reach the waits grow, without an end", async () => {
  const link = new Linked();
  const peer = await link.welcome();
  link.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  peer.close();
  for (let tries = 0; tries < 9; tries++) await link.clock.advance(30_000);
  assertEquals(link.waits.slice(0, 9), [
    500,
    500,
    1_000,
    2_000,
    4_000,
    8_000,
    15_000,
    15_000,
    15_000,
  ]);
  await link.end();
});

Deno.test("link: the server's hint says when to come back", async () => {
  const link = new Linked();
  const peer = await link.server.accept();
  await peer.hello();
  await peer.send({
    type: "bye",
    code: "restarting",
    message: "soon",
    reconnect: true,
    after_ms: 2_400,
  });
  await settle();
  assertEquals(link.cuts, [["soon", 2_400]]);
  await link.end();
  peer.close();
});

Deno.test("link: a connection that held makes the next wait short again, a short one does not", async () => {
  const link = new Linked();
  const waitsAfter = async (heldMs: number) => {
    const peer = await link.welcome();
    await link.clock.advance(heldMs);
    peer.close();
    await settle();
    const wait = link.waits.at(-1) ?? 0;
    await link.clock.advance(wait);
    return wait;
  };
  assertEquals(await waitsAfter(0), 500);
  assertEquals(await waitsAfter(0), 500);
  assertEquals(await waitsAfter(0), 1_000);
  assertEquals(await waitsAfter(11_000), 500);
  await link.end();
});

Deno.test("link: a failure that may pass is waited out", async () => {
  const link = new Linked();
  const peer = await link.welcome();
  peer.close();
  await link.clock.advance(500);
  const busy = await link.server.accept();
  const retry = { retry: true, after_ms: 700 };
  await busy.answer("hello", { type: "error", code: "busy", message: "full", ...retry });
  await settle();
  assertEquals(link.cuts.at(-1), ["full", 700]);
  await link.end();
  busy.close();
});

Deno.test("link: a first try that fails is not repeated", async () => {
  const link = new Linked();
  const peer = await link.server.accept();
  peer.close();
  await assertRejects(() => link.over, Failure);
  assertEquals(link.cuts, []);
});

Deno.test("link: a final failure ends it", async () => {
  const kicked = new Linked();
  const peer = await kicked.server.accept();
  await peer.hello();
  await peer.send({ type: "bye", code: "banned", message: "out", reconnect: false });
  const banned = await assertRejects(() => kicked.over, Failure, "out");
  assertEquals(banned.reason, "denied");
  peer.close();

  const garbled = new Linked();
  const other = await garbled.server.accept();
  await other.hello();
  await other.send("garbage\n");
  const broken = await assertRejects(() => garbled.over, Failure);
  assertEquals(broken.reason, "protocol");
  other.close();

  const refused = new Linked();
  const third = await refused.server.accept();
  await third.answer("hello", { type: "error", code: "name_taken", message: "taken" });
  await assertRejects(() => refused.over, ChatError, "taken");
  third.close();
});

Deno.test("link: a server that comes back with another key is tried once, and no more", async () => {
  const link = new Linked();
  const peer = await link.welcome();
  // As `connectTls` refuses another key.
  link.server.fault = new Failure("protocol", "it has another key");
  peer.close();
  await settle();
  await link.clock.advance(500);
  const refused = await assertRejects(() => link.over, Failure, "another key");
  assertEquals(refused.exitCode, 76);
  await link.clock.advance(60_000);
  assertEquals([link.server.attempts, link.cuts.length], [2, 1]);
});

Deno.test("link: a signal ends a wait, and no try comes after it", async () => {
  const link = new Linked();
  const peer = await link.welcome();
  peer.close();
  await settle();
  await link.end();
  await link.clock.advance(60_000);
  assertEquals(link.server.attempts, 1);
});

Deno.test("link: a server that always sends bye with 0 is tried less and less often", async () => {
  const link = new Linked();
  const bye = { type: "bye", code: "restarting", message: "soon", reconnect: true };
  for (const after_ms of [0, 0, 0, 0, 2 ** 31, 2 ** 53 - 1]) {
    const peer = await link.server.accept();
    await peer.hello();
    await peer.send({ ...bye, after_ms });
    await settle();
    peer.close();
    await link.clock.advance(link.waits.at(-1) ?? 0);
  }
  assertEquals(link.waits, [500, 500, 1_000, 2_000, 30_000, 30_000]);
  await link.end();
});

Deno.test("link: a bye before the welcome has the same waits, and its reconnect counts", async () => {
  const link = new Linked();
  const first = await link.welcome();
  first.close();
  await link.clock.advance(500);
  const bye = { type: "bye", code: "too_many", message: "full", reconnect: true };
  for (const after_ms of [0, 4_000]) {
    const peer = await link.server.accept();
    await peer.next("hello");
    await peer.send({ ...bye, after_ms });
    await settle();
    peer.close();
    await link.clock.advance(link.waits.at(-1) ?? 0);
  }
  assertEquals(link.waits, [500, 500, 4_000]);
  const last = await link.server.accept();
  await last.next("hello");
  await last.send({ ...bye, reconnect: false });
  await assertRejects(() => link.over, Failure, "full");
  last.close();
});

Deno.test("link: a first try that the server only postpones is repeated, even when it is away for a moment", async () => {
  const link = new Linked();
  const busy = await link.server.accept();
  const refusal = { type: "error", code: "busy", message: "full", retry: true, after_ms: 700 };
  await busy.answer("hello", refusal);
  await settle();
  assertEquals(link.cuts, [["full", 700]]);
  link.server.fault = new Failure("unreachable", "Cannot reach chat:1");
  await link.clock.advance(700);
  link.server.fault = undefined;
  await link.clock.advance(500);
  const peer = await link.welcome();
  assertEquals(link.welcomes, 1);
  await link.end();
  busy.close();
  peer.close();
});
