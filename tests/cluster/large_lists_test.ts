// Lists of people that are larger than what NATS carries at once (1 MB): 500 guests who hear 400 rooms.

import { assert, assertEquals } from "@std/assert";
import { connect } from "@nats-io/transport-node";
import type { Notice } from "../../lib/cluster/bus.ts";
import { BusCluster } from "../../lib/cluster/bus_cluster.ts";
import type { Cluster } from "../../lib/cluster/cluster.ts";
import { type NatsBus, openNatsBus } from "../../lib/cluster/nats_bus.ts";
import { createLog, formatLogLine } from "../../lib/log.ts";
import { isNatsMissing, NatsServer } from "../support/processes/nats_server.ts";
import { roomId, userId } from "../../lib/store/records.ts";
import { eventually } from "../support/waiting.ts";

const GUESTS = 500;
const ROOMS = 400;
/** Rooms of a store that has been in use for years. */
const FIRST_ROOM = 1_000_000;

interface End extends AsyncDisposable {
  readonly bus: NatsBus;
  readonly others: BusCluster;
  readonly logged: string[];
}

/** One server's end of the bus, with so many guests in their rooms. */
function openEnd(port: number, guests: number): End {
  const logged: string[] = [];
  const log = createLog("warn", (entry) => logged.push(formatLogLine(entry)));
  const bus = openNatsBus({ address: { host: "127.0.0.1", port }, epoch: "store", log });
  const users = Array.from({ length: guests }, (_, n) => userId(n + 1));
  const others = new BusCluster({
    bus,
    schedule: (work) => void setImmediate(work),
    monotonic: () => performance.now(),
    handlers: {
      eventsStored: () => {},
      positionMoved: () => {},
      directBegun: () => {},
      typing: () => {},
      presenceChanged: () => {},
      tokensEnded: () => {},
      acted: () => {},
      accountsChanged: () => {},
      membershipChanged: () => {},
    },
    findLocal: (user) => user <= guests ? { name: nameOf(user), connections: 1 } : undefined,
    localUsers: () => users,
    findNames: (asked) => Promise.resolve(new Map(asked.map((user) => [user, nameOf(user)]))),
  });
  for (const user of users) {
    for (let room = 0; room < ROOMS; room++) others.subscribed(roomId(FIRST_ROOM + room), user);
  }
  return { bus, others, logged, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

function nameOf(user: number): string {
  return `guest-with-a-long-name-${user}`;
}

function areAllKnown(inOtherPlaces: Cluster): boolean {
  for (let user = 1; user <= GUESTS; user++) {
    if (!inOtherPlaces.isNameHeld(nameOf(user))) return false;
    if (!inOtherPlaces.isSubscribed(roomId(FIRST_ROOM + ROOMS - 1), userId(user))) return false;
  }
  return true;
}

Deno.test({
  name: "large lists: names of 500 guests in 400 rooms each are known on the other server",
  ignore: isNatsMissing(),
  async fn(): Promise<void> {
    await using nats = await NatsServer.start();
    const listener = await connect({ servers: nats.address });
    const sizes: number[] = [];
    listener.subscribe("parley.>", {
      callback: (_error, message) => {
        const notice = message.json<Notice>();
        if (notice.type === "everyone") sizes.push(message.data.length);
      },
    });
    await listener.flush();
    await using one = openEnd(nats.port, GUESTS);
    await eventually(() => one.bus.isConnected, (is) => is);
    await using other = openEnd(nats.port, 0);
    await eventually(() => other.bus.isConnected, (is) => is);
    await eventually(() => {
      one.others.heartbeat();
      other.others.heartbeat();
      return areAllKnown(other.others);
    }, (are) => are);
    const largest = listener.info?.max_payload ?? 0;
    await listener.close();
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    assert(bytes > largest, `${bytes}`);
    assert(sizes.every((size) => size <= largest / 2), `${sizes}`);
    assertEquals([one.logged, other.logged], [[], []]);
  },
});
