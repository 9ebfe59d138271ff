// What the goal of passwords has in its server: accounts with a password, some of them suspended.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";
import { sayHello } from "./peers.ts";

export const PASSWORD = "correct horse battery";

/** An administrator's connection. */
export async function enterAsAdmin(server: ChildServer, directory: string): Promise<Peer> {
  const token = (await Deno.readTextFile(`${directory}/data/admin.token`)).trim();
  const peer = await server.connect();
  await request(peer, { type: "hello", version: 1, auth: { method: "token", token } });
  return peer;
}

/** Creates an account with the password, by a code, which one hash is spent on. */
export async function createAccount(
  admin: Peer,
  { server, name, from }: { server: ChildServer; name: string; from: string },
): Promise<void> {
  await request(admin, { type: "account", name, role: "member" });
  const { code } = await request(admin, { type: "code", kind: "reset", user: name });
  const auth = { method: "code", code, password: PASSWORD };
  const answer = await sayHello(server.address, { from, auth });
  if (answer.code !== "welcome") throw new Error(`"${name}" has no password: ${answer.bytes}`);
}

export async function suspend(admin: Peer, name: string): Promise<void> {
  await request(admin, { type: "account", name, state: "suspended" });
}

let requests = 0;

async function request(peer: Peer, frame: object): Promise<Frame> {
  const reply = await peer.ask({ ...frame, id: `r${++requests}` });
  if (reply === undefined || reply.type === "error") {
    throw new Error(`Not granted: ${JSON.stringify(reply)}`);
  }
  return reply;
}
