// The checks of the hostile run: a check that cannot fail proves nothing.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Peer } from "../../support/clients/peer.ts";
import { Random } from "../../support/random.ts";
import { answered, FrameGenerator, type HostileCase, refused, type Stage } from "./case.ts";
import { CLASS_COUNT, HOSTILE_CLASSES, OTHER_CLASSES } from "./classes.ts";
import { formatCase, parseCase } from "./corpus.ts";
import { Exchange } from "./exchange.ts";
import { SentTexts } from "./sent_texts.ts";
import { shrink } from "./shrink.ts";

const STAGES: readonly Stage[] = ["first", "greeted", "member"];

Deno.test("hostile classes: each of the forty is sent, or proved elsewhere", () => {
  const sent = HOSTILE_CLASSES.map(({ number }) => number);
  const all = [...sent, ...OTHER_CLASSES.keys()].sort((one, other) => one - other);
  assertEquals(all, Array.from({ length: CLASS_COUNT }, (_, n) => n + 1));
});

Deno.test("hostile classes: the same seed makes the same cases, and whole lines unless they close", () => {
  for (const { stages = STAGES, generate } of HOSTILE_CLASSES) {
    for (const stage of stages) {
      const [one, other] = [
        new FrameGenerator(new Random(5), stage),
        new FrameGenerator(new Random(5), stage),
      ];
      for (let n = 0; n < 30; n++) {
        const hostile = generate(one);
        assertEquals(hostile, generate(other));
        assertEquals(hostile.stage, stage);
        assert(hostile.closes || hostile.bytes.at(-1) === 0x0a);
      }
    }
  }
});

/** What the exchange finds wrong when a peer answers a case with these lines. */
async function judged(hostile: HostileCase, lines: readonly object[]): Promise<string | undefined> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  using peer = await Peer.connect(listener.addr);
  using conn = await accepting;
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  await conn.write(new TextEncoder().encode(text));
  conn.close();
  const exchange = new Exchange(peer, {
    self: { user: 7, name: "ada" },
    sentTexts: new SentTexts(),
  });
  const [mismatch] = await (hostile.closes ? exchange.runLast(hostile) : exchange.run([hostile]));
  return mismatch?.why;
}

const BEHIND = [{ type: "pong", re: "ping 0" }, { type: "error", re: "then 0", code: "forbidden" }];

Deno.test("hostile oracle: takes the answer that is due, and events and pongs in between", async () => {
  const generator = new FrameGenerator(new Random(1), "member");
  const asked = generator.request("rooms", {}, answered("rooms"));
  const reply = { type: "rooms", re: "c1" };
  assertEquals(await judged(asked, [reply, ...BEHIND]), undefined);
  assertEquals(
    await judged(asked, [{ type: "joined" }, BEHIND[0] ?? {}, reply, BEHIND[1] ?? {}]),
    undefined,
  );
});

Deno.test("hostile oracle: pings without an id are answered once each", async () => {
  const generator = new FrameGenerator(new Random(1), "member");
  const asked = generator.together([
    generator.line('{"type":"ping"}', { answer: { type: "pong" } }),
    generator.line('{"type":"ping"}', { answer: { type: "pong" } }),
  ]);
  const pong = { type: "pong" };
  assertEquals(await judged(asked, [pong, pong, ...BEHIND]), undefined);
  assertMatch(await judged(asked, [pong, ...BEHIND]) ?? "", /1 replies were due, and 0 came/);
  assertMatch(await judged(asked, [pong, pong, pong, ...BEHIND]) ?? "", /a pong too many/);
});

Deno.test("hostile oracle: finds another code, field, id, type, number of replies, and none", async () => {
  const generator = new FrameGenerator(new Random(1), "member");
  const asked = generator.request("read", {}, refused("bad_field", "seq"));
  const right = { type: "error", re: "c1", code: "bad_field", field: "seq" };
  const of = (...lines: object[]) => judged(asked, [...lines, ...BEHIND]);
  assertEquals(await of(right), undefined);
  assertMatch(await of({ ...right, code: "bad_text" }) ?? "", /its code should be bad_field/);
  assertMatch(await of({ ...right, field: "room" }) ?? "", /its field should be seq/);
  assertMatch(await of({ ...right, re: "c2" }) ?? "", /it should carry "c1" back/);
  assertMatch(await of({ ...right, type: "ok" }) ?? "", /it should be "error"/);
  assertMatch(await of(right, right) ?? "", /1 replies were due, and 2 came/);
  assertMatch(await of() ?? "", /1 replies were due, and 0 came/);
  assertMatch(await judged(asked, [right, BEHIND[1] ?? {}]) ?? "", /ping .* was not answered/);
  assertMatch(await judged(asked, [right]) ?? "", /the connection ended \(fin\)/);
});

Deno.test("hostile oracle: whatever is defined is good enough for a mutation, a fault is not", async () => {
  const generator = new FrameGenerator(new Random(1), "member");
  const asked = generator.line("{}", { answer: { type: "*" } });
  const of = (line: object) => judged(asked, [line, ...BEHIND]);
  assertEquals(await of({ type: "error", code: "bad_frame" }), undefined);
  assertMatch(await of({ type: "error", code: "internal" }) ?? "", /no input may do that/);
  assertMatch(await of({ type: "error", code: "oops" }) ?? "", /no input may do that/);
});

Deno.test("hostile oracle: an event that is not as sent, or never arrives, is found", async () => {
  const generator = new FrameGenerator(new Random(1), "member");
  const asked = generator.request("message", { content: "x" }, { type: "ok", says: "x" });
  const ok = { type: "ok", re: "c1", room: "hostile", seq: 3 };
  const who = { user: 7, from: "ada", guest: true };
  const event = { type: "message", room: "hostile", seq: 3, ...who, time: 1, content: "x" };
  assertEquals(await judged(asked, [ok, ...BEHIND, event]), undefined);
  for (
    const forged of [{ content: "y" }, { from: "admin" }, { user: 1 }, { guest: false }, { seq: 4 }]
  ) {
    const why = await judged(asked, [ok, ...BEHIND, { ...event, ...forged }]);
    assertMatch(why ?? "", /is not as sent|without an acknowledgement/);
  }
  assertMatch(await judged(asked, [ok, ...BEHIND]) ?? "", /ended before everything was heard/);
});

Deno.test("hostile oracle: a connection that ends must end as it should", async () => {
  const hostile: HostileCase = {
    stage: "member",
    bytes: new Uint8Array(8),
    replies: [refused("frame_too_large")],
    closes: true,
  };
  assertEquals(await judged(hostile, [{ type: "error", code: "frame_too_large" }]), undefined);
  assertMatch(await judged(hostile, []) ?? "", /1 replies were due/);
});

Deno.test("hostile shrinking: leaves what breaks and nothing else", async () => {
  const bytes = new TextEncoder().encode("a long beginning, BOOM in the middle, and an end");
  const breaks = (tried: Uint8Array) =>
    Promise.resolve(new TextDecoder().decode(tried).includes("BOOM"));
  assertEquals(new TextDecoder().decode(await shrink(bytes, breaks)), "BOOM");
});

Deno.test("hostile corpus: a case comes back from its file as it was", () => {
  const hostile = new FrameGenerator(new Random(1), "greeted")
    .line(Uint8Array.of(0xff, 0x00), { id: "c1", answer: refused("bad_utf8") });
  const kept = { number: 12, title: "half a character", hostile };
  assertEquals(parseCase(formatCase(kept)), kept);
});
