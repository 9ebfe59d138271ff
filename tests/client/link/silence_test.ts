import { assertEquals } from "@std/assert";
import { watchSilence } from "../../../lib/client/link/silence.ts";
import { FakeClock } from "../../support/fakes/fake_clock.ts";

Deno.test("silence: after 40 s of it the client pings, after 75 s the connection is dead", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const events: string[] = [];
  let lastByteAt = clock.monotonic();
  const note = (what: string): void =>
    void events.push(`${what} ${(clock.monotonic() - lastByteAt) / 1_000}`);
  const watching = watchSilence({
    clock,
    signal: stop.signal,
    lastByteAt: () => lastByteAt,
    ping: () => note("ping"),
    dead: () => note("dead"),
  });
  await clock.advance(30_000);
  lastByteAt = clock.monotonic();
  await clock.advance(80_000);
  assertEquals(events, ["ping 40", "ping 50", "ping 60", "ping 70", "dead 80"]);
  stop.abort();
  await watching;
});
