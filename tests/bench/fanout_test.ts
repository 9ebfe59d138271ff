import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LoadClient } from "../../bench/fanout/load_client.ts";
import { LineReader } from "../../bench/fanout/line_reader.ts";
import {
  formatTrials,
  formatTrialsJson,
  isWrong,
  type MeasuredTrial,
} from "../../bench/fanout/report.ts";
import { describeScenario, type Scenario, SCENARIOS } from "../../bench/fanout/scenarios.ts";
import { listTargets, OVER } from "../../bench/fanout/targets.ts";
import { SeqCheck } from "../../bench/fanout/seq_check.ts";
import { runTrial, summarize, type Trial } from "../../bench/fanout/trial.ts";
import { OTHERS_UNKNOWN } from "../../bench/cpu_time.ts";
import { createSqlite, type MeasuredStore } from "../../bench/stores.ts";
import { Random } from "../support/random.ts";

const NONE = { lost: 0, twice: 0, late: 0 };

function tally(...seqs: readonly number[]): SeqCheck {
  const received = new SeqCheck();
  for (const seq of seqs) received.note(seq);
  return received;
}

Deno.test("fanout tally: all of it, once and in order, is what should be", () => {
  const received = tally(1, 2, 3);
  assertEquals([received.receivedCount, received.last, received.errors(3)], [3, 3, NONE]);
});

Deno.test("fanout tally: what never came is lost, in the middle and at the end", () => {
  assertEquals(tally(1, 3).errors(5), { lost: 3, twice: 0, late: 0 });
});

Deno.test("fanout tally: what comes again and what comes late are told apart", () => {
  const received = tally(1, 3, 2, 3, 1, 4);
  assertEquals([received.receivedCount, received.errors(4)], [4, { lost: 0, twice: 2, late: 1 }]);
});

/** What a reader finds in these bytes when they come in pieces of these lengths. */
function read(text: string, lengths: () => number): { seqs: number[]; others: string[] } {
  const found = { seqs: [] as number[], others: [] as string[], looks: [] as string[] };
  const reader = new LineReader({
    room: "ops",
    sampleEvery: 3,
    onSeq: (seq) => found.seqs.push(seq),
    onSample: (line) => found.looks.push(line),
    onOther: (line) => found.others.push(line),
  });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.subarray(at, at + Math.min(lengths(), reader.free.length));
    reader.free.set(piece);
    reader.take(piece.length);
    at += piece.length;
  }
  for (const line of found.looks) assertEquals(JSON.parse(line).type, "message");
  assertEquals(found.looks.length, Math.floor(found.seqs.length / 3));
  return { seqs: found.seqs, others: found.others };
}

function message(seq: number, room = "ops"): string {
  return JSON.stringify({ type: "message", room, seq, user: 7, content: "x".repeat(seq % 4) }) +
    "\n";
}

Deno.test("fanout reader: every seq is found, however the bytes come", () => {
  const random = new Random(7);
  const ok = (re: string) => JSON.stringify({ type: "ok", re }) + "\n";
  let text = "";
  const seqs: number[] = [];
  const others: string[] = [];
  for (let seq = 1; seq <= 3_000; seq++) {
    text += message(seq);
    seqs.push(seq);
    // Many lengths, so that some together are as long as a message.
    for (let n = random.integer(0, 3); n > 0; n--) {
      const line = ok("1".repeat(random.integer(0, 11)));
      text += line;
      others.push(line.trimEnd());
    }
  }
  for (const most of [1, 7, 100, 5_000, 100_000]) {
    assertEquals(read(text, () => random.integer(1, most)), { seqs, others });
  }
});

Deno.test("fanout reader: another room's message is none of this one's", () => {
  const other = message(2, "opt");
  assertEquals(read(message(1) + other, () => 10), { seqs: [1], others: [other.trimEnd()] });
});

Deno.test("fanout reader: a line without an end is told", () => {
  assertThrows(() => read("x".repeat(200_000), () => 1_000), Error, "longer than any frame");
});

function trial(more: Partial<Trial> = {}): Trial {
  const spells = [19, 21, 20].map((serverUs) => ({
    deliveries: 100,
    seconds: 0.001,
    p50Ms: 1,
    p99Ms: 2,
    serverUs,
    generatorUs: 950,
    yardstickUs: 500,
  }));
  return { ...summarize(spells, NONE), ...more };
}

function taken(name: string, more: Partial<Trial> = {}): MeasuredTrial {
  return { name, trial: trial(more), figure: trial().figure };
}

Deno.test("fanout report: a figure is the median of its runs", () => {
  const { figure, perSecond, generatorShare } = trial();
  assertEquals([figure.us, figure.elapsedUs, figure.yardsticks], [0.2, 10, 0.2 / 500]);
  assertEquals([Math.round(perSecond), generatorShare], [100_000, 0.95]);
});

Deno.test("fanout report: a generator that is the limit is told, and so is what is wrong", () => {
  const results = [
    taken("limit"),
    taken("wrong", { generatorShare: 0.5, errors: { ...NONE, lost: 3 } }),
    { name: "missing", missing: "no server" },
  ];
  const saved = { limit: { ...trial().figure, yardsticks: 0.0002 } };
  const table = formatTrials(results, saved).split("\n");
  assertMatch(table[1] ?? "", /^limit .* 2\.00 .*95 % +slower; the generator is the limit$/);
  assertMatch(table[2] ?? "", /^wrong .*50 % +WRONG: 3 lost, 0 twice, 0 late; no baseline$/);
  assertMatch(table[3] ?? "", /^missing +not measured: no server$/);
  const json = JSON.parse(formatTrialsJson(results, saved));
  assertEquals(json.results.map((row: { isWrong?: boolean }) => row.isWrong), [
    false,
    true,
    undefined,
  ]);
});

Deno.test("fanout scenarios: those who speak are among those who hear; each is told in a few words", () => {
  for (const { rooms, members, senders } of SCENARIOS) assert(senders <= rooms * members);
  assertEquals(SCENARIOS.map(describeScenario), [
    "1 room x 100, 10 send",
    "1 room x 1000, 10 send",
    "100 rooms x 10, 100 send",
    "1 room x 100, 10 send 500/s",
  ]);
});

const STORE: MeasuredStore = { name: "sqlite", create: createSqlite };
const KINDS = { flood: undefined, trickle: 500 };

for (const [kind, messagesPerSecond] of Object.entries(KINDS)) {
  for (const target of listTargets([STORE], OVER)) {
    testTrial(target, { kind, messagesPerSecond });
  }
}

function testTrial(
  { missing, nameOf, start }: ReturnType<typeof listTargets>[number],
  { kind, messagesPerSecond }: { kind: string; messagesPerSecond: number | undefined },
): void {
  const name = nameOf({ name: kind, rooms: 0, members: 0, senders: 0, window: 0 });
  Deno.test({
    name: `fanout trial: all is received, and the cost is found: ${name}`,
    ignore: OTHERS_UNKNOWN !== undefined || missing !== undefined,
    async fn(): Promise<void> {
      const rate = messagesPerSecond === undefined ? undefined : { messagesPerSecond };
      const scenario: Scenario = {
        name: kind,
        rooms: 2,
        members: 5,
        senders: 4,
        window: 8,
        ...rate,
      };
      const { figure, errors, perSecond, p99Ms } = await runTrial(scenario, {
        start,
        runs: 1,
        // On a busy machine nothing may come within the first tenth of a second.
        runMs: 500,
      });
      assertEquals(errors, NONE);
      assert(figure.us >= 0 && perSecond > 0 && p99Ms > 0);
      assert(!isWrong(trial({ errors })));
    },
  });
}

/** Enters at a server that has only this to say, and waits until all of it is heard. */
async function attend(...lines: readonly string[]): Promise<LoadClient> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = listener.accept().then(async (conn) => {
    await conn.write(new TextEncoder().encode(lines.map((line) => line + "\n").join("")));
    conn.close();
  });
  try {
    const attendee = await LoadClient.connect(await Deno.connect({ port: listener.addr.port }), {
      name: "ada",
      room: "ops",
      sampleEvery: 1_000,
      onDelay: () => {},
      onAcks: () => {},
    });
    await attendee.ended;
    return attendee;
  } finally {
    await serving;
  }
}

Deno.test("fanout attendee: a server that leaves one out and repeats another is found out", async () => {
  const printed = [1, 2, 4, 4, 5].map((seq) => message(seq).trimEnd());
  const attendee = await attend('{"type":"room","re":"join","last":0}', ...printed);
  assertEquals(attendee.errors(5), { lost: 1, twice: 1, late: 0 });
});

Deno.test("fanout attendee: one whom the server refuses says so", async () => {
  const why = await attend('{"type":"bye","code":"flood"}').catch((error: Error) => error.message);
  assertMatch(String(why), /^ada: .*flood/);
});
