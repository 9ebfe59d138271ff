// Protocol 4.1: what a request about a hidden room costs is what it costs for a missing one.

import { assert, assertEquals } from "@std/assert";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { type Asked, overhear } from "../support/stores/recording_driver.ts";
import { greet, join, UNHURRIED } from "./scene.ts";

/** Requests that name a room. */
const REQUESTS: readonly ((room: string) => object)[] = [
  (room) => ({ type: "join", room }),
  (room) => ({ type: "leave", room }),
  (room) => ({ type: "members", room }),
  (room) => ({ type: "history", room }),
  (room) => ({ type: "history", room, after: 0 }),
  (room) => ({ type: "read", room, seq: 1 }),
  (room) => ({ type: "resume", rooms: [{ room: "lobby", seq: 0 }, { room, seq: 0 }] }),
  (room) => ({ type: "message", room, content: "x" }),
  (room) => ({ type: "message", room, content: "x", to: 1 }),
  (room) => ({ type: "edit", room, seq: 1, content: "x" }),
  (room) => ({ type: "delete", room, seq: 1 }),
  (room) => ({ type: "later", room, seq: 1, on: true }),
  (room) => ({ type: "search", query: `one in:${room}` }),
  (room) => ({ type: "topic", room, topic: "x" }),
  (room) => ({ type: "add", room, user: "eve" }),
];

for (const isLoaded of [true, false]) {
  const where = isLoaded ? "in memory" : "in the store";
  testEachStore(
    `protocol 4.1: a hidden room ${where} is asked for by the statements of a missing one`,
    async (database) => {
      const asked: Asked[] = [];
      await using server = await startTestServer({
        limits: UNHURRIED,
        driver: overhear(await openMigrated(database), asked),
        // What the server does by itself is not counted.
        pace: 0.01,
      });
      const [ann, eve] = [await greet(server, "ann"), await greet(server, "eve")];
      await join(eve, "lobby");
      await join(ann, "secret", { create: true, private: true });
      await ann.ask({ type: "message", room: "secret", content: "one" });
      if (!isLoaded) {
        ann.close();
        await untilForgotten(server.server.hub);
      }
      const statements = async (client: RawClient, request: object) => {
        asked.length = 0;
        await client.ask(request);
        return asked.map(({ sql }) => sql);
      };
      for (const request of REQUESTS) {
        const hidden = await statements(eve, request("secret"));
        assertEquals(
          hidden,
          await statements(eve, request("secres")),
          JSON.stringify(request("x")),
        );
        assert(hidden.length > 0);
      }
    },
  );
}

/** The room of a closed connection is forgotten in a poll; the lobby, the desk and its signals stay. */
async function untilForgotten(
  hub: { readonly loadedRooms: number; poll(scope: "doubtful"): Promise<void> },
): Promise<void> {
  while (hub.loadedRooms > 3) {
    await new Promise((resolve) => setImmediate(resolve));
    await hub.poll("doubtful");
  }
}
