// A stop signal during work: the server answers accepted requests, every connection gets bye and a
// proper end, and exactly the acknowledged messages are stored.

import { readSqlite, type Stored } from "../crash/stored.ts";
import { findBugLines } from "../support/leftovers.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";

/** Where messages are kept, when it is not the file that the server makes by default. */
export interface LoadStore {
  /** What the server finds in PARLEY_DATABASE. */
  readonly url: string;
  /** `host:port` it lies at. */
  readonly database?: string | undefined;
  read(): Promise<Stored>;
}

export interface LoadOptions {
  /** Where the server is started; new. */
  readonly directory: string;
  readonly clients: number;
  /** The stop signal comes after this many acknowledgements. */
  readonly work: number;
  /** A file answers in the turn in which it is asked; only elsewhere is anything still on its way. */
  readonly store?: LoadStore;
}

export interface StopReport {
  readonly acked: number;
  /** Connections that ended properly. */
  readonly shownOut: number;
  readonly tookMs: number;
  /** Every failure, one a line. */
  readonly problems: readonly string[];
}

const IN_FLIGHT = 16;
export const STOP_MS = 5_000;

/** Starts a server, stops it under load, and checks its end. */
export async function stopUnderLoad(options: LoadOptions): Promise<StopReport> {
  const { directory, clients, work, store } = options;
  await using server = await ChildServer.start({
    directory,
    args: ["--limit", "all=off"],
    ...(store === undefined ? undefined : { env: { PARLEY_DATABASE: store.url } }),
    database: store?.database,
  });
  const acked = new Set<string>();
  const refused: string[] = [];
  const busy = Promise.withResolvers<void>();
  let arrived = 0;
  let left = work;
  const take = (frame: Frame) => {
    if (frame.type === "error") refused.push(`refused: ${JSON.stringify(frame)}`);
    if (frame.type === "welcome") arrived++;
    if (frame.type !== "ok") return;
    acked.add(frame.re);
    if (arrived === clients && --left === 0) busy.resolve();
  };
  const talks = Array.from({ length: clients }, (_, n) => talkToTheEnd(server, { n, take }));
  await Promise.race([busy.promise, Promise.all(talks)]);
  const started = performance.now();
  const { code, signal } = await server.terminate();
  const tookMs = performance.now() - started;
  const endings = (await Promise.all(talks)).map(describeEnding);
  const bad = endings.filter((ending) => ending !== "");
  const stored = store === undefined ? readSqlite(`${directory}/data/parley.db`) : store.read();
  const shownOutLogged = server.logged("stopped").map((entry) => entry.all_disconnected);
  return {
    acked: acked.size,
    shownOut: endings.length - bad.length,
    tookMs,
    problems: [
      ...(code === 0 ? [] : [`ended with ${signal ?? code}`]),
      ...(shownOutLogged.join() === "true" ? [] : [`logged stops: ${shownOutLogged}`]),
      ...bad,
      ...refused,
      ...compareStored(await stored, acked),
      ...findBugLines(server),
    ],
  };
}

/** How a connection ended, and its last frame. */
interface Leaving {
  readonly ending: Peer["ending"];
  readonly last: Frame | undefined;
}

/** Sends messages one by one until the connection ends. */
async function talkToTheEnd(
  server: ChildServer,
  { n, take }: { n: number; take: (frame: Frame) => void },
): Promise<Leaving> {
  using peer = await server.connect();
  const auth = { method: "guest", name: `talker${n}` };
  peer.send({ type: "hello", id: "hello", version: 1, auth });
  let posted = 0;
  const say = () => {
    const cid = `${n} ${posted++}`;
    peer.send({ type: "message", id: cid, cid, room: "lobby", content: `word ${cid}` });
  };
  let last: Frame | undefined;
  for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
    last = frame;
    take(frame);
    if (frame.type === "ok") say();
    if (frame.type === "welcome") { while (posted < IN_FLIGHT) say(); }
  }
  return { ending: peer.ending, last };
}

/** The errors in the end of a connection; empty when there are none. */
function describeEnding({ ending, last }: Leaving): string {
  const isBye = last?.type === "bye" && last.code === "restarting" && last.reconnect === true &&
    last.after_ms >= 0 && last.after_ms <= STOP_MS;
  if (ending === "fin" && isBye) return "";
  return `shown out by ${ending} with ${JSON.stringify(last)}`;
}

/** Stored and not acknowledged is undecided; acknowledged and not stored is lost. */
function compareStored({ rows, damage }: Stored, acked: ReadonlySet<string>): readonly string[] {
  const stored = new Set(rows.map(({ cid }) => cid));
  const describe = (cids: ReadonlySet<string>, what: string) =>
    cids.size === 0 ? [] : [`${cids.size} ${what}`];
  return [
    ...describe(acked.difference(stored), "acknowledged and not stored"),
    ...describe(stored.difference(acked), "stored and not acknowledged"),
    ...(rows.length === stored.size ? [] : ["stored twice"]),
    ...damage,
  ];
}
