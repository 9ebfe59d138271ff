import { assertEquals } from "@std/assert";
import { type Handshake, Handshakes } from "../../../lib/server/endpoint/handshakes.ts";
import { until } from "../../support/waiting.ts";

/** Handshakes that note what happens to them, and turns of the event loop that the test takes. */
function createScene(most: number): {
  handshakes: Handshakes;
  log: string[];
  create(name: string): Handshake;
  turn(): void;
  pass(ms: number): void;
} {
  const log: string[] = [];
  const due: (() => void)[] = [];
  let now = 0;
  const handshakes = new Handshakes({
    most,
    clock: { monotonic: () => now },
    schedule: (work) => due.push(work),
  });
  return {
    handshakes,
    log,
    create(name): Handshake {
      const handshake = {
        begin: () => void log.push(`begin ${name}`),
        abort(): void {
          log.push(`abort ${name}`);
          handshakes.leave(handshake);
        },
      };
      return handshake;
    },
    turn: () => due.splice(0).forEach((work) => work()),
    pass: (ms) => now += ms,
  };
}

Deno.test("handshakes: one begins at a time, in their order", () => {
  const { handshakes, log, create, turn } = createScene(64);
  for (const name of ["a", "b", "c"]) handshakes.enter(create(name));
  assertEquals(log, []);
  turn();
  assertEquals(log, ["begin a"]);
  turn();
  turn();
  turn();
  assertEquals(log, ["begin a", "begin b", "begin c"]);
  assertEquals(handshakes.running, 3);
});

Deno.test("handshakes: those above the limit begin when others have ended, and waiting ones may leave", () => {
  const { handshakes, log, create, turn } = createScene(2);
  const [a, b, c, d] = ["a", "b", "c", "d"].map(create) as [
    Handshake,
    Handshake,
    Handshake,
    Handshake,
  ];
  for (const one of [a, b, c, d]) handshakes.enter(one);
  for (let n = 0; n < 5; n++) turn();
  assertEquals(log, ["begin a", "begin b"]);
  handshakes.leave(c);
  handshakes.leave(a);
  turn();
  assertEquals(log, ["begin a", "begin b", "begin d"]);
  handshakes.leave(b);
  handshakes.leave(d);
  assertEquals(handshakes.running, 0);
});

Deno.test("handshakes: a peer that does not answer for a second loses its place, when others wait", async () => {
  const { handshakes, log, create, turn, pass } = createScene(1);
  handshakes.enter(create("silent"));
  turn();
  pass(5_000);
  turn();
  assertEquals(log, ["begin silent"]);
  handshakes.enter(create("next"));
  turn();
  assertEquals(log, ["begin silent", "abort silent", "begin next"]);
  // One that has begun just now gets its second; then the turn comes by itself.
  handshakes.enter(create("third"));
  pass(990);
  turn();
  assertEquals(log.length, 3);
  pass(20);
  await until(() => {
    turn();
    return log.length === 5;
  });
  assertEquals(log.slice(3), ["abort next", "begin third"]);
});
