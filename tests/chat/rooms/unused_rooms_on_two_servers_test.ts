// Which unused rooms two whole servers of one store remove, each by a clock that the test sets.

import { assertEquals } from "@std/assert";
import { enter, greet, join, JumpingClock, UNHURRIED } from "../../protocol/scene.ts";
import type { RawClient } from "../../support/clients/raw_client.ts";
import { MemoryNet } from "../../support/fakes/memory_net.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { testEachStore } from "../../support/stores/databases.ts";

const UNUSED_MS = 60_000;
/** By itself a server does nothing periodic: the test does. */
const OPTIONS = { pace: 0.001, limits: { ...UNHURRIED, unused_room_ms: UNUSED_MS } };

interface TimedServer {
  readonly server: TestServer;
  readonly clock: JumpingClock;
}

/** A look at unused rooms, and a poll. */
async function look({ server }: TimedServer): Promise<void> {
  await server.server.hub.removeUnused();
  await server.server.hub.poll("all");
}

/** Looks on both servers until one has looked over a room that nobody uses for long enough. */
async function lookForLong(one: TimedServer, other: TimedServer): Promise<void> {
  for (let time = 0; time < 8; time++) {
    await look(one);
    await look(other);
    one.clock.jump(UNUSED_MS / 4);
    // The clock of the other runs as it likes.
    other.clock.jump(UNUSED_MS * 3);
  }
}

async function namesOf(client: RawClient): Promise<readonly string[]> {
  const { rooms } = await client.ask({ type: "rooms" });
  return rooms.map(({ room }: { room: string }) => room).sort();
}

async function codeOf(client: RawClient, request: object): Promise<string> {
  const { type, code } = await client.ask(request);
  return code ?? type;
}

for (const bus of ["with", "without"] as const) {
  testEachStore(
    `unused rooms, two servers ${bus} a bus: a room that one uses stays, others vanish from both with their names`,
    async (database) => {
      const net = new MemoryNet();
      const way = () => bus === "with" ? { bus: net.join() } : {};
      const clocks = [new JumpingClock(), new JumpingClock()] as const;
      const isShared = database.url.startsWith("sqlite:");
      await using first = await startTestServer({
        ...OPTIONS,
        ...way(),
        clock: clocks[0],
        driver: await database.open(),
      });
      await using second = await startTestServer({
        ...OPTIONS,
        ...way(),
        clock: clocks[1],
        ...(isShared
          ? { beside: first }
          : { driver: await database.open(), directory: first.directory }),
      });
      const [one, other] = [
        { server: first, clock: clocks[0] },
        { server: second, clock: clocks[1] },
      ];
      const ada = await enter(first, "ada", "ops");
      const bob = await enter(first, "bob", "gone");
      await bob.ask({ type: "leave", room: "gone" });
      const eve = await enter(second, "eve", "spoken");
      await eve.ask({ type: "message", room: "spoken", content: "one" });
      await eve.ask({ type: "leave", room: "spoken" });
      assertEquals(await namesOf(eve), ["gone", "lobby", "ops", "spoken"]);

      await lookForLong(one, other);
      for (const client of [ada, eve]) {
        assertEquals(await namesOf(client), ["lobby", "ops", "spoken"]);
        const send = { type: "message", room: "gone", content: "x" };
        assertEquals(await codeOf(client, send), "no_such_room");
      }
      // The name is free: the next room of it is another one.
      assertEquals((await join(eve, "Gone", { create: true })).room, "Gone");
      assertEquals(await codeOf(ada, { type: "message", room: "gone", content: "x" }), "ok");
      assertEquals((await ada.ask({ type: "message", room: "ops", content: "x" })).seq, 1);

      const kim = await enter(second, "kim", "later");
      await lookForLong(other, one);
      const left = ["Gone", "later", "lobby", "ops", "spoken"];
      assertEquals(await namesOf(await greet(first, "lea")), left);
      await kim.ask({ type: "leave", room: "later" });
      await lookForLong(other, one);
      assertEquals(await namesOf(ada), left.filter((room) => room !== "later"));
    },
  );
}
