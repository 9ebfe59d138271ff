// Thousands of hostile frames, each with its exact answer, and a healthy server; and the cases that
// were once answered wrongly.

import { assert, assertEquals } from "@std/assert";
import type { HostileCase } from "./hostile/case.ts";
import { HOSTILE_CLASSES } from "./hostile/classes.ts";
import { readCorpus } from "./hostile/corpus.ts";
import { Exchange } from "./hostile/exchange.ts";
import { countSent, explain, isUnharmed } from "./hostile/report.ts";
import { runHostile } from "./hostile/run.ts";
import { SentTexts } from "./hostile/sent_texts.ts";
import { Sessions } from "./hostile/sessions.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const CASES = 5_000;
const SEED = 1;
/** Generous, as the machine may be busy; the run from the command line reports the figure. */
const BYSTANDER_MS = 1_000;
const GROWTH_BYTES = 64 * 1024 * 1024;

Deno.test("hostile input: five thousand frames of all classes are answered exactly", async () => {
  await using home = await temporaryDirectory();
  const report = await runHostile({
    classes: HOSTILE_CLASSES,
    cases: CASES,
    seed: SEED,
    directory: home.path,
  });
  assert(isUnharmed(report), await explain(report, SEED));
  assert(countSent(report) >= CASES && report.sent.size === HOSTILE_CLASSES.length);
  assert(report.stored > CASES / 10, "too few messages were stored to prove that they are kept");
  assert(report.bystanders.p99Ms < BYSTANDER_MS, await explain(report, SEED));
  assert(report.growthBytes < GROWTH_BYTES, await explain(report, SEED));
});

Deno.test("hostile input: the kept cases are answered as they must be", async () => {
  const corpus = readCorpus(new URL("../corpus/", import.meta.url));
  assert(corpus.length > 0);
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--limit", "all=off"],
  });
  const sessions = new Sessions(server);
  await sessions.found();
  const sentTexts = new SentTexts();
  for (const { title, hostile } of corpus) {
    assertEquals(await send(hostile, { sessions, sentTexts }), [], title);
  }
  assertEquals((await server.stats()).internal_errors, 0);
});

async function send(
  hostile: HostileCase,
  { sessions, sentTexts }: { sessions: Sessions; sentTexts: SentTexts },
): Promise<readonly string[]> {
  const { peer, self } = await sessions.open(hostile.stage);
  using _closed = peer;
  const exchange = new Exchange(peer, { self, sentTexts });
  const mismatches = hostile.closes ? exchange.runLast(hostile) : exchange.run([hostile]);
  return (await mismatches).map(({ why }) => why);
}
