// A page of 50 from the history of a room with a thousand to ten million messages: the cost should
// be the same. And the start of a server on such a store.

import { openRepository } from "../../lib/store/sql_repository.ts";
import type { Repository } from "../../lib/store/repository.ts";
import { roomId } from "../../lib/store/records.ts";
import { ChildServer } from "../../tests/support/processes/child_server.ts";
import { cpuUsOf, OTHERS_UNKNOWN } from "../cpu_time.ts";
import type { MeasuredDatabase, MeasuredStore } from "../stores.ts";
import type { Part, Scale, Unmeasured, Workload } from "../workload.ts";
import { LongRoom } from "./long_room.ts";

const PAGE = 50;
/** Pages a run. */
const PAGES = 20;
/** The golden ratio: spreads any number of positions evenly over a room. */
const GOLDEN = 0.618_033_988_749;

export const history: Part = {
  name: "history",
  async *workloads({ stores, historyRows }: Scale): AsyncGenerator<Workload | Unmeasured> {
    for (const store of stores) {
      if (store.missing === undefined) yield* ofStore(store, historyRows);
      else yield { name: `history ${store.name}`, missing: store.missing };
    }
  },
};

async function* ofStore(
  store: MeasuredStore,
  historyRows: readonly number[],
): AsyncGenerator<Workload | Unmeasured> {
  await using database = await store.create();
  {
    const driver = await database.open();
    await using repository = await openRepository(driver, { now: Date.now });
    const long = await LongRoom.create(repository, driver);
    for (const rows of historyRows) {
      await long.growTo(rows);
      yield* pagesOf(repository, { long, store, database });
    }
  }
  const name = `history ${store.name}: start with ${historyRows.at(-1)} stored`;
  if (OTHERS_UNKNOWN === undefined) yield startOf(database, name);
  else yield { name, missing: OTHERS_UNKNOWN };
}

function* pagesOf(
  { messages }: Repository,
  { long, store, database }: { long: LongRoom; store: MeasuredStore; database: MeasuredDatabase },
): Generator<Workload> {
  const { room, rows } = long;
  let place = 0;
  /** A position with a whole page on either side. */
  const somewhere = () => {
    place = (place + GOLDEN) % 1;
    return PAGE + 1 + Math.floor(place * (rows - 2 * PAGE));
  };
  const pages = [
    ["before", () => messages.before(roomId(room), somewhere(), PAGE)],
    ["after", () => messages.after(roomId(room), somewhere(), PAGE)],
    ["newest", () => messages.before(roomId(room), rows + 1, PAGE)],
  ] as const;
  for (const [name, read] of pages) {
    yield {
      name: `history ${store.name}: ${name}, ${rows} stored`,
      unit: "page",
      units: PAGES,
      async run(): Promise<void> {
        for (let n = 0; n < PAGES; n++) {
          const page = await read();
          if (page.length !== PAGE) throw new Error(`${page.length} events on a page`);
        }
      },
      otherProcessesUs: () => database.cpuUs(),
    };
  }
}

/** From the start of the process until it listens. */
function startOf(database: MeasuredDatabase, name: string): Workload {
  const { home: directory, url, address } = database;
  let spentUs = 0;
  return {
    name,
    unit: "start",
    units: 1,
    async run(): Promise<void> {
      const env = { PARLEY_DATABASE: url };
      await using server = await ChildServer.start({ directory, env, database: address });
      spentUs += cpuUsOf(server.pid);
    },
    otherProcessesUs: () => spentUs + database.cpuUs(),
  };
}
