// Commands with one request wait while the server has too much to do, up to their time.

import { assertEquals } from "@std/assert";
import { search } from "../../../lib/client/commands/search.ts";
import { queue } from "../../../lib/client/desk/queue.ts";
import type { Failure } from "../../../lib/client/exit.ts";
import { type FakeWorld, fakeWorld } from "../../support/clients/client_parts.ts";
import type { FakePeer } from "../../support/clients/fake_peer.ts";
import { settle } from "../../support/fakes/fake_clock.ts";

const TIMEOUT_MS = 10_000;

const COMMANDS: readonly {
  readonly type: string;
  readonly run: (world: FakeWorld) => Promise<unknown>;
  readonly reply: object;
}[] = [
  {
    type: "search",
    run: ({ context }) =>
      search(context, { query: "disk", limit: 5, json: true, timeoutMs: TIMEOUT_MS }),
    reply: { type: "found", events: [], more: false },
  },
  {
    type: "queue",
    run: ({ context }) => queue(context, { limit: 5, json: true, timeoutMs: TIMEOUT_MS }),
    reply: { type: "queue", inquiries: [], more: false },
  },
];

/** Refuses the next request as one too many. */
async function refuse(peer: FakePeer, type: string, after_ms?: number): Promise<void> {
  const message = "Too many requests";
  await peer.answer(type, { type: "error", code: "rate_limited", message, after_ms });
}

for (const { type, run, reply } of COMMANDS) {
  Deno.test(`${type}: what the server refuses for now is asked again as late as it wants`, async () => {
    await using world = await fakeWorld();
    const running = run(world);
    const peer = await world.server.accept();
    await peer.hello();
    await refuse(peer, type, 2_000);
    await world.clock.advance(1_999);
    await settle();
    await world.clock.advance(1);
    await refuse(peer, type);
    await world.clock.advance(1_000);
    await peer.answer(type, reply);
    await running;
    peer.close();
  });

  Deno.test(`${type}: a server that stays busy is 75, at once when it wants more time than there is`, async () => {
    await using world = await fakeWorld();
    const running = run(world).catch((error: Failure) => error);
    const peer = await world.server.accept();
    await peer.hello();
    await refuse(peer, type, TIMEOUT_MS + 1);
    const failure = await running as Failure;
    assertEquals([failure.exitCode, failure.message], [75, "Too many requests"]);
    peer.close();
  });

  Deno.test(`${type}: no answer after a refusal is 75 when the time has passed`, async () => {
    await using world = await fakeWorld();
    const running = run(world).catch((error: Failure) => error);
    const peer = await world.server.accept();
    await peer.hello();
    await refuse(peer, type, TIMEOUT_MS - 1);
    await settle();
    await world.clock.advance(TIMEOUT_MS);
    assertEquals((await running as Failure).exitCode, 75);
    peer.close();
  });
}
