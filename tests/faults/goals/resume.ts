// G13: connections cut after any of their bytes, in both directions: a client that reconnects
// misses nothing and receives nothing twice, and a resend is stored once.

import { Crowd } from "../crash/crowd.ts";
import { AddressSource } from "../crash/connection_sources.ts";
import { createRooms, readPages } from "../crash/pages.ts";
import { listCases } from "../crash/report.ts";
import { readSqlite } from "../crash/stored.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Random } from "../../support/random.ts";
import { until } from "../../support/waiting.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const CUTS = { ci: 500, long: 20_000 };
const ROOMS = ["lobby", "ops", "dev"];
const WRITERS = 6;
const READERS = 6;
/** Missed events that are replayed: low, so that some gaps are told as too long and read by pages. */
const RESUMED = 100;
/** Said before the first cut: how long the streams are that are cut. */
const MEASURED = 1_000;
/** The longest wait for a cut. */
const CUT_MS = 1_000;

export const resume: Goal = {
  id: "G13",
  title: "resume",
  asked: "500 cuts at any byte, both directions: lost 0, dup 0, reordered 0, missed 0",
  run,
};

async function run(size: Size, context: GoalContext): Promise<Verdict> {
  const { seed, directory } = context;
  const wanted = CUTS[size];
  await using server = await ChildServer.start({
    directory,
    args: ["--limit", "all=off", "--limit", `resume=${RESUMED}`],
  });
  await createRooms(server, ROOMS);
  const descriptors = countDescriptors(server.pid);
  const random = new Random(seed);
  await using toWriters = await CuttingProxy.open(server.address, random.fork());
  await using toReaders = await CuttingProxy.open(server.address, random.fork());
  const proxies = [toWriters, toReaders];
  await using crowd = new Crowd({
    directory,
    rooms: ROOMS,
    writers: new Array(WRITERS).fill(new AddressSource(toWriters.address)),
    readers: new Array(READERS).fill(new AddressSource(toReaders.address)),
  });
  // All clients are logged in before the first cut: a guest whose welcome is lost cannot return.
  await until(() => crowd.isComplete && crowd.acked >= MEASURED, {
    withinMs: 20_000,
    otherwise: "The crowd did not gather",
  });
  for (const proxy of proxies) proxy.beginCutting();
  for (const proxy of proxies) {
    await until(() => proxy.total >= wanted / 2, {
      withinMs: wanted * CUT_MS,
      otherwise: "Not enough was cut",
    });
  }
  for (const proxy of proxies) proxy.stopCutting();
  await crowd.settle();
  const pages = await readPages(server, ROOMS);
  await crowd.drain(pages);
  const findings = new Findings();
  findings.fault(...await findLeftovers(server, { descriptors }));
  findings.exactly("exit", { is: (await server.terminate()).code, asked: 0 });
  const stored = readSqlite(`${directory}/data/parley.db`);
  findings.fault(...listCases(crowd.judge({ stored, pages })));
  const sum = (what: "toServer" | "toClient" | "resets") =>
    proxies.reduce((total, { cuts }) => total + cuts[what], 0);
  const counts = {
    cuts_to_server: sum("toServer"),
    cuts_to_client: sum("toClient"),
    resets: sum("resets"),
    acknowledged: crowd.acked,
    resent_and_known: crowd.ledger.dups,
    resumed_whole: crowd.resumed.whole,
    sent_as_too_long: crowd.resumed.paged,
  };
  const total = counts.cuts_to_server + counts.cuts_to_client;
  findings.atLeast("cuts", { is: total, asked: wanted });
  return findings.verdict({ reached: `${total} cuts, ${crowd.acked} acknowledged`, counts });
}
