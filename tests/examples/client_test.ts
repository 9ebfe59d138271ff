// A test of the client: the test is the server at the other end of a connection in memory, and owns the time.

import { assertEquals } from "@std/assert";
import { Session } from "../../lib/client/link/session.ts";
import { guest } from "../support/clients/client_parts.ts";
import { FakeServer } from "../support/clients/fake_peer.ts";
import { FakeClock } from "../support/fakes/fake_clock.ts";

Deno.test("session: a request gets the reply with its id", async () => {
  const server = new FakeServer();
  const opening = Session.open({
    connect: server.connect,
    identity: guest(),
    clock: new FakeClock(),
  });
  const peer = await server.accept();
  await peer.hello();
  const session = await opening;
  const asking = session.request({ type: "message", room: "lobby", content: "hello" });
  await peer.answer("message", { type: "ok", seq: 1 });
  assertEquals((await asking).seq, 1);
  session.close();
  peer.close();
});
