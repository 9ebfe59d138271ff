import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectionLost, Failure } from "../../../lib/client/exit.ts";
import type { Identity } from "../../../lib/client/files/identity.ts";
import { Session } from "../../../lib/client/link/session.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import { guest } from "../../support/clients/client_parts.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, FakeServer, message, welcome } from "../../support/clients/fake_peer.ts";

interface Pair {
  readonly session: Session;
  readonly peer: FakePeer;
  readonly clock: FakeClock;
  /** The type of every frame received, in order. */
  readonly received: string[];
}

async function open(whenRoom?: () => Promise<void> | undefined): Promise<Pair> {
  const server = new FakeServer();
  const clock = new FakeClock();
  const received: string[] = [];
  const opening = Session.open({
    connect: server.connect,
    identity: guest(),
    clock,
    receive: (frame) => received.push(frame.type),
    whenRoom,
  });
  const peer = await server.accept();
  await peer.hello();
  return { session: await opening, peer, clock, received };
}

/** Opens a session against a server that does what `act` says; how that fails. */
async function failing(act: (peer: FakePeer) => Promise<void>): Promise<Error> {
  const server = new FakeServer();
  const clock = new FakeClock();
  const opening = Session.open({ connect: server.connect, identity: guest(), clock });
  const failed = assertRejects(() => opening);
  const peer = await server.accept();
  await act(peer);
  const error = await failed;
  peer.close();
  return error;
}

Deno.test("session: it sends hello with version, program and name, and is open after the welcome", async () => {
  const server = new FakeServer();
  const opening = Session.open({
    connect: server.connect,
    identity: guest("ada"),
    clock: new FakeClock(),
  });
  const peer = await server.accept();
  const { id, ...hello } = await peer.next("hello");
  assertEquals({ ...hello, client: "" }, {
    type: "hello",
    version: 1,
    client: "",
    auth: { method: "guest", name: "ada" },
  });
  assertStringIncludes(hello.client, "parley/");
  await peer.send({ ...welcome(), re: id });
  const session = await opening;
  assertEquals(session.welcome.you?.name, "ada");
  await Promise.all([session.close(), peer.find().then(() => peer.close())]);
});

Deno.test("session: each request gets its own reply, whatever frames come between", async () => {
  const { session, peer } = await open();
  const first = session.request({ type: "history", room: "ops" });
  const second = session.request({ type: "ping" });
  const asked = await peer.next("history");
  const ping = await peer.next("ping");
  await peer.send({ type: "pong", re: ping.id, time: 4 }, message(1), {
    type: "page",
    re: asked.id,
    room: "ops",
    events: [message(1)],
    more_before: false,
    more_after: false,
  });
  assertEquals((await second).time, 4);
  assertEquals((await first).events.length, 1);
  await session.close();
});

Deno.test("session: a refusal is an error with its code, field and hint", async () => {
  const { session, peer } = await open();
  const request = session.request({ type: "join", room: "ops" });
  const hint = { retry: true, after_ms: 5, field: "room" };
  await peer.answer("join", { type: "error", code: "rate_limited", message: "slowly", ...hint });
  const error = await assertRejects(() => request, ChatError, "slowly");
  assertEquals(error.code, "rate_limited");
  // Every detail that has a value: a missing one may be undefined.
  const details = JSON.parse(JSON.stringify(error.details));
  assertEquals(details, { retry: true, afterMs: 5, field: "room" });
  await session.close();
});

Deno.test("session: a reply goes to its request alone, in the order of the wire", async () => {
  const { session, peer, received } = await open();
  session.request({ type: "resume", rooms: [{ room: "ops", seq: 1 }] }, (reply) => {
    received.push(`reply ${reply.type}`);
  });
  const { id } = await peer.next("resume");
  const rooms = [{ room: "ops", recovered: true, missed: 1, last: 2 }];
  await peer.send({ type: "resumed", re: id, rooms }, message(2), message(3));
  await settle();
  assertEquals(received, ["welcome", "reply resumed", "message", "message"]);
  await session.close();
});

Deno.test("session: a receiver that throws ends it, and the error is not lost", async () => {
  const { session, peer } = await open();
  const error = new Error("no");
  const request = session.request({ type: "rooms" }, () => {
    throw error;
  });
  const lost = assertRejects(() => request, ConnectionLost);
  const { id } = await peer.next("rooms");
  await peer.send({ type: "rooms", re: id, rooms: [], more: false });
  await lost;
  assertEquals((await session.ended).thrown, { error });
});

Deno.test("session: a cut rejects pending requests, and all later ones", async () => {
  const { session, peer } = await open();
  const waiting = assertRejects(() => session.request({ type: "rooms" }), ConnectionLost);
  await peer.next("rooms");
  peer.close();
  await waiting;
  assertEquals((await session.ended).bye, undefined);
  await assertRejects(() => session.request({ type: "rooms" }), ConnectionLost);
});

Deno.test("session: a bye ends it, and is part of its end", async () => {
  const { session, peer, received } = await open();
  await peer.send({
    type: "bye",
    code: "restarting",
    message: "soon",
    reconnect: true,
    after_ms: 9,
  });
  const { bye } = await session.ended;
  assertEquals([bye?.code, bye?.after_ms], ["restarting", 9]);
  assertEquals(received.at(-1), "bye");
});

Deno.test("session: closing writes the frames that were sent", async () => {
  const { session, peer } = await open();
  const sent = session.request({ type: "read", room: "ops", seq: 4 }).catch(() => {});
  const closing = session.close();
  assertEquals((await peer.next("read")).seq, 4);
  assertEquals(await peer.find(), undefined);
  peer.close();
  await Promise.all([closing, sent]);
});

Deno.test("session: the server's ping is answered, unknown replies are ignored", async () => {
  const { session, peer, received } = await open();
  await peer.send({ type: "ok", re: 999 }, { type: "ok", re: "x" }, { type: "novelty" }, {
    type: "ping",
  });
  assertEquals((await peer.next("pong")).id, undefined);
  assertEquals(received.length, 1);
  await session.close();
});

Deno.test("session: in a long silence it sends a ping, and ends without a reply", async () => {
  const { session, peer, clock } = await open();
  await clock.advance(39_000);
  await clock.advance(11_000);
  await peer.answer("ping", { type: "pong", time: 1 });
  await settle();
  await clock.advance(60_000);
  await peer.next("ping");
  await clock.advance(40_000);
  const { message } = await session.ended;
  assertStringIncludes(message, "does not respond");
  peer.close();
});

Deno.test("session: while it reads nothing the silence is its own; then it reads on", async () => {
  let room: PromiseWithResolvers<void> | undefined;
  const { session, peer, clock, received } = await open(() => room?.promise);
  for (const arrives of ["meanwhile", "afterwards"]) {
    const before = received.length;
    room = Promise.withResolvers();
    await peer.send(message(1));
    await settle();
    if (arrives === "meanwhile") await peer.send(message(2));
    for (let s = 0; s < 200; s += 10) await clock.advance(10_000);
    assertEquals(received.length, before + 1, arrives);
    room.resolve();
    room = undefined;
    await settle();
    await clock.advance(10_000);
    if (arrives === "afterwards") await peer.send(message(2));
    await settle();
    assertEquals(received.length, before + 2, arrives);
  }
  await clock.advance(50_000);
  await peer.next("ping"); // The first one: none was sent while it read nothing.
  await session.close();
});

Deno.test("session: a peer that answers with the wrong kind of reply has broken the protocol", async () => {
  const { session, peer } = await open();
  const request = assertRejects(() => session.request({ type: "rooms" }), Error, "rooms");
  await peer.answer("rooms", { type: "pong", time: 1 });
  await request;
  assertEquals((await session.ended).fault?.code, "bad_frame");
  peer.close();
});

Deno.test("session: garbage after the welcome is a broken protocol", async () => {
  for (const garbage of ["HTTP/1.1 502 Bad Gateway\n", "{\n", '{"type":"ok","seq":"4"}\n']) {
    const { session, peer } = await open();
    await peer.send(garbage);
    assert((await session.ended).fault !== undefined, garbage);
    peer.close();
  }
});

Deno.test("session: a frame longer than the limit ends it, before its newline comes", async () => {
  const { session, peer } = await open();
  await Promise.race([peer.send("x".repeat(200_000)).catch(() => {}), session.ended]);
  assertEquals((await session.ended).fault?.code, "frame_too_large");
  peer.close();
});

Deno.test("session: a peer with another protocol is detected at hello", async () => {
  const foreign: Readonly<Record<string, string>> = {
    "an HTTP server": "HTTP/1.1 400 Bad Request\r\n\r\n",
    "an SSH server": "SSH-2.0-OpenSSH_9.2\r\n",
    "another version": JSON.stringify({ ...welcome({ version: 2 }), re: 1 }) + "\n",
    "one who refuses the version":
      '{"type":"error","re":1,"code":"bad_field","field":"version","message":"1 only"}\n',
    "one who knows no hello": '{"type":"error","re":1,"code":"unknown_type","message":"what?"}\n',
    "one who cannot read it": '{"type":"error","code":"bad_json","message":"what?"}\n',
    "one who says so":
      '{"type":"bye","code":"protocol","message":"this is chat","reconnect":false}\n',
  };
  for (const [who, says] of Object.entries(foreign)) {
    const error = await failing(async (peer) => {
      await peer.next("hello");
      await peer.send(says);
    });
    assert(error instanceof Failure, who);
    assertEquals(error.reason, "protocol", who);
  }
});

Deno.test("session: a server that closes the connection at hello is out of reach", async () => {
  const error = await failing(async (peer) => {
    await peer.next("hello");
    peer.close();
  });
  assertEquals((error as Failure).reason, "unreachable");
});

Deno.test("session: a server that does not answer hello is a time-out", async () => {
  const server = new FakeServer();
  const clock = new FakeClock();
  const opening = Session.open({ connect: server.connect, identity: guest(), clock });
  const failed = assertRejects(() => opening, Failure, "within 15 s");
  const peer = await server.accept();
  await peer.next("hello");
  await clock.advance(15_000);
  peer.close();
  assertEquals((await failed).reason, "timeout");
});

Deno.test("session: a refused hello rejects with its code", async () => {
  for (const code of ["name_taken", "banned", "busy"] as const) {
    const error = await failing((peer) =>
      peer.answer("hello", { type: "error", code, message: "no" }).then(() => {})
    );
    assertEquals((error as ChatError).code, code);
  }
});

Deno.test("session: a second hello is sent on the same connection when it may succeed", async () => {
  const server = new FakeServer();
  let tries = 0;
  const identity: Identity = {
    ...guest(),
    auth: () =>
      Promise.resolve(
        tries++ === 0 ? { method: "token", token: "old" } : { method: "guest", name: "ada" },
      ),
    refused: (error) => error.code === "auth_failed" ? "again" : "final",
  };
  const opening = Session.open({ connect: server.connect, identity, clock: new FakeClock() });
  const peer = await server.accept();
  const first = await peer.answer("hello", { type: "error", code: "auth_failed", message: "no" });
  assertEquals(first.auth, { method: "token", token: "old" });
  assertEquals((await peer.hello()).auth, { method: "guest", name: "ada" });
  await (await opening).close();
  assertEquals(server.attempts, 1);
});

Deno.test("session: a signal ends it at once, also while it is opened", async () => {
  const server = new FakeServer();
  const stop = new AbortController();
  const opening = Session.open({
    connect: server.connect,
    identity: guest(),
    clock: new FakeClock(),
    signal: stop.signal,
  });
  const failed = assertRejects(() => opening, Failure, "enough");
  const peer = await server.accept();
  await peer.next("hello");
  stop.abort(new Failure("interrupted", "enough"));
  await failed;
  assertEquals(await peer.find(), undefined);
  peer.close();
});
