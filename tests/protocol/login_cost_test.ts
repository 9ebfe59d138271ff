// What a login asks of the store: as many questions for a hundred rooms as for a few.

import { assert, assertEquals } from "@std/assert";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import { userNameOf } from "../../lib/chat/people/names.ts";
import type { Repository } from "../../lib/store/repository.ts";
import { countStatements } from "../support/stores/recording_driver.ts";
import type { Frame } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { openMigrated, testEachStore } from "../support/stores/databases.ts";
import { byToken, hello, UNHURRIED } from "./scene.ts";

const ROOMS = 100;

/** A member of many rooms with a message in each. */
async function joinMany(repository: Repository, token: string): Promise<void> {
  const { users, rooms, members, messages } = repository;
  const now = Date.now();
  const { id: user } = await users.createGuest({
    name: userNameOf("ada"),
    tokenHash: hashToken(token),
    now,
  });
  const ids = await Promise.all(Array.from({ length: ROOMS }, async (_, n) => {
    const name = `room-${n}`;
    const { id } = await rooms.create({ name, key: name, kind: "public", owner: user, now });
    await members.add({ room: id, user, read: 0, now });
    return id;
  }));
  const body = { kind: "message", content: "hi" } as const;
  await messages.append(ids.map((room) => ({ room, user, from: "ada", guest: true, body })));
}

testEachStore("login cost: a hundred rooms are a handful of statements", async (database) => {
  const counted = countStatements(await openMigrated(database));
  await using server = await startTestServer({
    limits: UNHURRIED,
    driver: counted.driver,
    // What the server does by itself is not counted.
    pace: 0.01,
  });
  const token = newToken();
  await joinMany(server.repository, token);
  const client = await server.connect();
  const cost = async (work: () => Promise<unknown>): Promise<number> => {
    const before = counted.statements;
    await work();
    return counted.statements - before;
  };
  let rooms: readonly Frame[] = [];
  const login = await cost(async () => {
    const welcome = await hello(client, byToken(token));
    rooms = welcome.rooms;
  });
  assertEquals(rooms.length, ROOMS);
  const resumed = await cost(async () => {
    const cursors = rooms.map(({ room, last }) => ({ room, seq: last }));
    const reply = await client.ask({ type: "resume", rooms: cursors });
    assert(reply.rooms.every((one: Frame) => one.recovered === true));
  });
  const listed = await cost(() => client.ask({ type: "rooms", limit: ROOMS }));
  const own = await cost(() => client.ask({ type: "rooms", joined: true, limit: ROOMS }));
  assert(login + resumed <= 6, `${login} for the login, ${resumed} for the resume`);
  assert(listed <= 3, `${listed} for the list of rooms`);
  assert(own <= 2, `${own} for the own rooms`);
  // A room in memory costs its member one look at the membership.
  const joined = await cost(() => client.ask({ type: "join", room: "room-1" }));
  assertEquals(joined, 1);
  const other = await server.connect();
  await hello(other, byToken(token));
  const again = await cost(async () => {
    for (const { room } of rooms) await other.ask({ type: "join", room });
  });
  assertEquals(again, ROOMS);
});
