// The bus over a real NATS server: what it carries, what it refuses, and that it comes back. Where no
// nats-server is installed these are ignored, unless PARLEY_TEST_NATS=require.

import { assert, assertEquals } from "@std/assert";
import { connect } from "@nats-io/transport-node";
import type { Notice, ServerId } from "../../lib/cluster/bus.ts";
import { type NatsAddress, type NatsBus, openNatsBus } from "../../lib/cluster/nats_bus.ts";
import { createLog, formatLogLine } from "../../lib/log.ts";
import {
  isNatsMissing,
  NatsServer,
  type NatsServerOptions,
} from "../support/processes/nats_server.ts";
import { roomId } from "../../lib/store/records.ts";
import { eventually } from "../support/waiting.ts";

/** A bus that is listened to. */
interface BusListener extends AsyncDisposable {
  readonly bus: NatsBus;
  readonly received: readonly { readonly notice: Notice; readonly from: ServerId }[];
  readonly logged: readonly string[];
}

function listenAt(
  server: NatsServer,
  { epoch = "store", ...who }: { epoch?: string } & Partial<NatsAddress> = {},
): BusListener {
  const logged: string[] = [];
  const received: { notice: Notice; from: ServerId }[] = [];
  const bus = openNatsBus({
    address: { host: "127.0.0.1", port: server.port, ...who },
    epoch,
    log: createLog("info", (entry) => logged.push(formatLogLine(entry))),
  });
  bus.listen((notice, from) => received.push({ notice, from }));
  return { bus, received, logged, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

async function untilConnected(...listeners: readonly BusListener[]): Promise<void> {
  for (const { bus } of listeners) await eventually(() => bus.isConnected, (is) => is);
}

const times = (event: string, { logged }: BusListener): number =>
  logged.filter((line) => JSON.parse(line).event === event).length;

function testNats(
  name: string,
  body: (server: NatsServer) => Promise<void>,
  options: NatsServerOptions = {},
): void {
  Deno.test({
    name,
    ignore: isNatsMissing(),
    async fn(): Promise<void> {
      await using server = await NatsServer.start(options);
      await body(server);
    },
  });
}

const HINT: Notice = { type: "grown", rooms: [[roomId(1), 7]] };

/** Tells it until it is heard: who has come may not be known to the server yet. */
async function untilHinted(
  { received }: BusListener,
  { by }: { by: BusListener },
): Promise<BusListener["received"][number]> {
  const hint = await eventually(() => {
    by.bus.publish(HINT);
    return received.find(({ notice }) => notice.type === "grown");
  }, (found) => found !== undefined);
  if (hint === undefined) throw new Error("Not heard");
  return hint;
}

testNats("nats: what one tells all others hear, and itself does not", async (server) => {
  await using one = listenAt(server);
  await using other = listenAt(server);
  await using third = listenAt(server);
  await untilConnected(one, other, third);
  for (const listener of [other, third]) {
    assertEquals(await untilHinted(listener, { by: one }), { notice: HINT, from: one.bus.id });
  }
  assertEquals(one.received.filter(({ from }) => from === one.bus.id), []);
});

testNats("nats: servers of another store are not heard", async (server) => {
  await using one = listenAt(server);
  await using other = listenAt(server);
  await using stranger = listenAt(server, { epoch: "another" });
  await untilConnected(one, other, stranger);
  stranger.bus.publish({ type: "acted" });
  await untilHinted(other, { by: one });
  assertEquals(other.received.filter(({ from }) => from === stranger.bus.id), []);
});

testNats("nats: what is no notice is told of once in the log, and harms nobody", async (server) => {
  await using one = listenAt(server);
  await using other = listenAt(server);
  await untilConnected(one, other);
  const stranger = await connect({ servers: server.address });
  for (const text of ["", "{", "null", '{"from":"x","type":"acted"}', "\u0000".repeat(1_000)]) {
    stranger.publish("parley.1.store", text);
  }
  await stranger.flush();
  await stranger.close();
  await untilHinted(other, { by: one });
  assertEquals(times("bus message not understood", other), 1);
});

testNats("nats: a bus that was killed is lost once, and back once", async (server) => {
  await using one = listenAt(server);
  await using other = listenAt(server);
  await untilConnected(one, other);
  await server.kill();
  await eventually(() => one.bus.isConnected || other.bus.isConnected, (is) => !is);
  // Told to nobody, now or later.
  one.bus.publish({ type: "acted" });
  await server.restart();
  await untilConnected(one, other);
  await untilHinted(other, { by: one });
  assertEquals(other.received.filter(({ notice }) => notice.type === "acted"), []);
  for (const listener of [one, other]) {
    assertEquals([times("bus lost", listener), times("bus back", listener)], [1, 1]);
  }
});

testNats(
  "nats: one that is not there yet is waited for, and said to be out of reach once",
  async (server) => {
    await server.kill();
    await using listener = listenAt(server);
    await eventually(() => times("bus out of reach", listener), (count) => count > 0);
    await server.restart();
    await untilConnected(listener);
    assertEquals(times("bus out of reach", listener), 1);
  },
);

const SECRET = "hunter2 & p@ss";

testNats("nats: user and password open it, and neither is ever logged", async (server) => {
  await using right = listenAt(server, { user: "ada", password: SECRET });
  await using wrong = listenAt(server, { user: "ada", password: `${SECRET}!` });
  await untilConnected(right);
  await eventually(() => wrong.logged.length, (count) => count > 0);
  assertEquals(wrong.bus.isConnected, false);
  for (const line of [...right.logged, ...wrong.logged]) assert(!line.includes("hunter2"), line);
}, { user: { name: "ada", password: SECRET } });

testNats("nats: who is refused many times over throws at nobody", async (server) => {
  for (let time = 0; time < 150; time++) {
    await using wrong = listenAt(server, { user: "ada", password: "wrong" });
    await eventually(() => times("bus out of reach", wrong), (count) => count === 1);
  }
}, { user: { name: "ada", password: SECRET } });
