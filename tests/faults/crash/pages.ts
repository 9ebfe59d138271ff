// The rooms of the run, by the protocol: created at the start, and read completely at the end.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";

/** Each room's events, in the order of its pages. */
export type Pages = ReadonlyMap<
  string,
  readonly { readonly seq: number; readonly content: string }[]
>;

const PAGE = 100;

/** Creates the missing rooms. */
export async function createRooms(server: ChildServer, rooms: readonly string[]): Promise<void> {
  using peer = await logIn(server, "founder");
  for (const room of rooms) {
    const reply = await peer.ask({ type: "join", id: room, room, create: true });
    if (reply?.type !== "room") throw new Error(`No room but ${JSON.stringify(reply)}`);
  }
}

/** All events of these rooms. */
export async function readPages(server: ChildServer, rooms: readonly string[]): Promise<Pages> {
  using peer = await logIn(server, "historian");
  const pages = new Map<string, Frame[]>();
  for (const room of rooms) {
    const events: Frame[] = [];
    for (let more = true; more;) {
      const after = events.at(-1)?.seq ?? 0;
      const page = await peer.ask({ type: "history", id: "page", room, after, limit: PAGE });
      if (page?.type !== "page") throw new Error(`No page but ${JSON.stringify(page)}`);
      events.push(...page.events);
      more = page.more_after && page.events.length > 0;
    }
    pages.set(room, events as { seq: number; content: string }[]);
  }
  return pages as Map<string, { seq: number; content: string }[]>;
}

async function logIn(server: ChildServer, name: string): Promise<Peer> {
  const peer = await server.connect();
  const auth = { method: "guest", name };
  const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  if (welcome?.type === "welcome") return peer;
  peer.close();
  throw new Error(`No welcome but ${JSON.stringify(welcome)}`);
}
