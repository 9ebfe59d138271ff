import { assertEquals, assertRejects } from "@std/assert";
import { runInboxCommand } from "../../../lib/client/inbox/inbox.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { fakeWorld } from "../../support/clients/client_parts.ts";
import { message } from "../../support/clients/fake_peer.ts";

const LIST = { limit: 3, json: true, showsSeq: false, timeoutMs: 30_000 };
const entry = (seq: number) => ({ reason: "mention", read: seq, event: message(seq) });

Deno.test("inbox: pages are asked for until there are enough; an empty page is not the end", async () => {
  await using world = await fakeWorld();
  const running = runInboxCommand(world.context, { kind: "inbox", ...LIST });
  const peer = await world.server.accept();
  await peer.hello();
  const pages = [
    { entries: [entry(7)], more: true, next: "3:7" },
    { entries: [], more: true, next: "4:9" },
    { entries: [entry(2), entry(5), entry(6)], more: true, next: "5:6" },
  ];
  const asked: unknown[] = [];
  for (const page of pages) {
    const { limit, from } = await peer.answer("inbox", { type: "inbox", ...page });
    asked.push([limit, from]);
  }
  await running;
  assertEquals(asked, [[3, undefined], [2, "3:7"], [2, "4:9"]]);
  const lines = world.output.out.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ reason, read, event }) => [reason, read, event.seq]), [
    ["mention", 7, 7],
    ["mention", 2, 2],
    ["mention", 5, 5],
  ]);
  peer.close();
});

Deno.test("laters: each line names its room and, where it is wanted, the seq", async () => {
  await using world = await fakeWorld();
  const command = { kind: "laters", ...LIST, json: false, showsSeq: true } as const;
  const running = runInboxCommand(world.context, command);
  const peer = await world.server.accept();
  await peer.hello();
  const entries = [{ added: 1, event: message(9) }];
  await peer.answer("laters", { type: "laters", entries, more: false });
  await running;
  assertEquals(/^9 .* #ops bob: /.test(world.output.out), true, world.output.out);
  peer.close();
});

Deno.test("inbox, laters: that there is nothing is said beside the data", async () => {
  await using world = await fakeWorld();
  const running = runInboxCommand(world.context, { kind: "inbox", ...LIST });
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("inbox", { type: "inbox", entries: [], more: false });
  await running;
  assertEquals(world.output.out, "");
  assertEquals(world.output.err.includes("Nothing new for you"), true, world.output.err);
  peer.close();
});

Deno.test("later: sets a bookmark and says nothing; what is refused is 1", async () => {
  await using world = await fakeWorld();
  const command = { kind: "later", room: "ops", seq: 59, on: false, timeoutMs: 30_000 } as const;
  const running = runInboxCommand(world.context, command);
  const peer = await world.server.accept();
  await peer.hello();
  const { id: _, ...frame } = await peer.answer("later", { type: "ok" });
  await running;
  assertEquals(frame, { type: "later", room: "ops", seq: 59, on: false });
  assertEquals([world.output.out, world.output.err], ["", ""]);
  peer.close();
  const refused = assertRejects(
    () => runInboxCommand(world.context, command),
    Failure,
    "no message",
  );
  const other = await world.server.accept();
  await other.hello();
  const error = { type: "error", code: "bad_field", message: "There is no message 59" };
  await other.answer("later", error);
  assertEquals((await refused).exitCode, 1);
  other.close();
});
