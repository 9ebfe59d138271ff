import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionLost, Failure } from "../../../lib/client/exit.ts";
import { readHistory } from "../../../lib/client/history/paging.ts";
import { Session } from "../../../lib/client/link/session.ts";
import { ChatError } from "../../../lib/wire/errors.ts";
import { guest } from "../../support/clients/client_parts.ts";
import { FakeClock, settle } from "../../support/fakes/fake_clock.ts";
import { type FakePeer, FakeServer, type Frame, message } from "../../support/clients/fake_peer.ts";

const random = () => 0.5;

/** A room of so many messages, of which pages hold at most so many. */
interface FakeRoom {
  readonly first: number;
  readonly last: number;
  readonly pageLimit: number;
}

function pageOf({ first, last, pageLimit }: FakeRoom, asked: Frame): object {
  const limit = Math.min(asked.limit ?? 50, pageLimit);
  const after = asked.after ?? Math.min(last, (asked.before ?? last + 1) - 1) - limit;
  const from = Math.max(first, after + 1);
  const to = asked.after === undefined
    ? Math.min(last, (asked.before ?? last + 1) - 1)
    : Math.min(last, from + limit - 1);
  const events = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => message(from + i));
  return { type: "page", room: "ops", events, more_before: from > first, more_after: to < last };
}

/** Reads a range from such a room; the seqs, page by page, and how many pages were asked for. */
async function read(
  range: { readonly limit: number; readonly before?: number },
  room: FakeRoom,
): Promise<{ readonly pages: readonly (readonly number[])[]; readonly asks: number }> {
  const { session, peer, clock } = await open();
  let asks = 0;
  const serving = serve(peer, (asked) => {
    asks++;
    return pageOf(room, asked);
  });
  const pages: number[][] = [];
  const options = { session, clock, random };
  for await (const { events } of readHistory({ room: "ops", ...range }, options)) {
    pages.push(events.map(({ seq }) => seq));
  }
  await session.close();
  await serving;
  return { pages, asks };
}

async function open(): Promise<{ session: Session; peer: FakePeer; clock: FakeClock }> {
  const server = new FakeServer();
  const clock = new FakeClock();
  const opening = Session.open({ connect: server.connect, identity: guest(), clock });
  const peer = await server.accept();
  await peer.hello();
  return { session: await opening, peer, clock };
}

async function serve(peer: FakePeer, answer: (asked: Frame) => object): Promise<void> {
  for (let asked = await peer.find(); asked; asked = await peer.find()) {
    await peer.send({ re: asked.id, ...answer(asked) });
  }
  peer.close();
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

Deno.test("history: what fits into a page is one request", async () => {
  const { pages, asks } = await read({ limit: 50 }, { first: 1, last: 300, pageLimit: 100 });
  assertEquals([pages, asks], [[range(251, 300)], 1]);
});

Deno.test("history: more than a page comes in several, oldest first, no event twice", async () => {
  const { pages } = await read({ limit: 250 }, { first: 1, last: 300, pageLimit: 100 });
  assertEquals(pages, [range(51, 150), range(151, 250), range(251, 300)]);
});

Deno.test("history: before a seq, and only so many", async () => {
  const room = { first: 1, last: 300, pageLimit: 100 };
  assertEquals((await read({ limit: 3, before: 40 }, room)).pages, [[37, 38, 39]]);
  assertEquals((await read({ limit: 150, before: 200 }, room)).pages.flat(), range(50, 199));
});

Deno.test("history: a server with smaller pages gives the same events", async () => {
  const { pages } = await read({ limit: 50 }, { first: 1, last: 300, pageLimit: 7 });
  assertEquals(pages.flat(), range(251, 300));
});

Deno.test("history: less than was asked for is all there is", async () => {
  assertEquals(
    (await read({ limit: 500 }, { first: 1, last: 30, pageLimit: 100 })).pages.flat(),
    range(1, 30),
  );
  assertEquals(
    (await read({ limit: 500 }, { first: 20, last: 150, pageLimit: 50 })).pages.flat(),
    range(20, 150),
  );
  assertEquals((await read({ limit: 500 }, { first: 1, last: 0, pageLimit: 50 })).pages, []);
});

Deno.test("history: asked to go slower, it waits as long as the server says", async () => {
  const { session, peer, clock } = await open();
  const limited = {
    type: "error",
    code: "rate_limited",
    message: "slowly",
    retry: true,
    after_ms: 800,
  };
  const replies = [limited, pageOf({ first: 1, last: 2, pageLimit: 9 }, { limit: 9 })];
  const serving = serve(peer, () => replies.shift() ?? {});
  const pages = readHistory({ room: "ops", limit: 9 }, { session, clock, random });
  const first = pages.next();
  await settle();
  await clock.advance(799);
  assertEquals(replies.length, 1);
  await clock.advance(1);
  const { value } = await first;
  assertEquals(value?.events.map(({ seq }) => seq), [1, 2]);
  await session.close();
  await serving;
});

Deno.test("history: a refusal is thrown", async () => {
  const { session, peer, clock } = await open();
  const serving = serve(peer, () => ({ type: "error", code: "no_such_room", message: "no" }));
  const pages = readHistory({ room: "ops", limit: 9 }, { session, clock, random });
  await assertRejects(() => pages.next(), ChatError, "no");
  await session.close();
  await serving;
});

Deno.test("history: messages that the server leaves out are reported; an end before the range's end is a failure", async () => {
  const { session, peer, clock } = await open();
  const pages = [
    { type: "page", events: [message(299), message(300)], more_before: true, more_after: false },
    { type: "page", events: [message(1), message(2)], more_before: false, more_after: true },
    { type: "page", events: [message(6), message(5)], more_before: true, more_after: true },
    { type: "page", events: [], more_before: true, more_after: false },
  ];
  const serving = serve(peer, () => ({ room: "ops", ...pages.shift() }));
  const reading = readHistory({ room: "ops", limit: 300 }, { session, clock, random });
  const first = (await reading.next()).value;
  assertEquals([first?.events.map(({ seq }) => seq), first?.missing], [[1, 2], undefined]);
  const second = (await reading.next()).value;
  assertEquals([second?.events.map(({ seq }) => seq), second?.missing], [[6], { from: 3, to: 5 }]);
  await assertRejects(() => reading.next(), Failure, "no messages from seq 7 to 300");
  await session.close();
  await serving;
});

Deno.test("history: a server that always says 0 is not asked in a hot loop", async () => {
  const { session, peer, clock } = await open();
  let asks = 0;
  const limited = { type: "error", code: "rate_limited", message: "slowly", after_ms: 0 };
  const serving = serve(peer, () => (asks++, limited));
  const stop = new AbortController();
  const options = { session, clock, random, signal: stop.signal };
  const reading = readHistory({ room: "ops", limit: 9 }, options).next();
  for (let second = 0; second < 6; second++) await clock.advance(1_000);
  assert(asks >= 2 && asks < 10, `${asks} asks`);
  const cut = assertRejects(() => reading, ConnectionLost);
  await session.close();
  stop.abort();
  await cut;
  await serving;
});
