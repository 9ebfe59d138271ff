// Lets guests and accounts of several servers walk through rooms, as room_walk.ts has it.

import { userNameOf } from "../../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../../lib/server/tokens.ts";
import { comeBack, greet, UNHURRIED } from "../../protocol/scene.ts";
import type { Random } from "../random.ts";
import type { TestServer } from "../server.ts";
import { RoomWalk, type Walker } from "./room_walk.ts";

/** The limits of a server for a walk: none is met. */
export const WALK_LIMITS = { ...UNHURRIED, rooms_joined: 1_000, rooms_owned: 1_000 };

const ACCOUNTS = ["ann", "bob", "kim"];
const GUESTS = ["guy", "gil"];

/**
 * Takes so many steps, then looks at all that each connection was sent.
 * @throws {WalkError} for the first reply, or delivery, that the model does not have
 */
export async function walkRooms(
  servers: readonly TestServer[],
  { steps, random }: { steps: number; random: Random },
): Promise<RoomWalk["counts"]> {
  const names = [...ACCOUNTS, ...GUESTS];
  const walkers = await Promise.all(
    names.map((name, at) => walkerOn(servers[at % servers.length] as TestServer, name)),
  );
  const settle = async () => {
    for (const { server } of servers) await server.hub.poll("all");
  };
  const walk = new RoomWalk(walkers, { random, settle });
  await walk.walk(steps);
  for (const { client } of walkers) await client.ask({ type: "ping" });
  walk.checkReceived();
  return walk.counts;
}

async function walkerOn(server: TestServer, name: string): Promise<Walker> {
  const isGuest = GUESTS.includes(name);
  if (isGuest) return { name, isGuest, client: await greet(server, name) };
  const { users } = server.repository;
  const { id } = await users.ensureAccount({ name: userNameOf(name), role: "member", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  return { name, isGuest, client: await comeBack(server, token) };
}
