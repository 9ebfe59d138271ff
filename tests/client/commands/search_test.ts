import { assertEquals, assertRejects } from "@std/assert";
import { search } from "../../../lib/client/commands/search.ts";
import { Failure } from "../../../lib/client/exit.ts";
import { fakeWorld } from "../../support/clients/client_parts.ts";
import { message } from "../../support/clients/fake_peer.ts";

const OPTIONS = { query: "disk full", limit: 3, json: true, timeoutMs: 30_000 };

Deno.test("search: pages are asked for until there are enough", async () => {
  await using world = await fakeWorld();
  const searching = search(world.context, OPTIONS);
  const peer = await world.server.accept();
  await peer.hello();
  const first = { type: "found", events: [message(9), message(7)], more: true, next: "70" };
  const { id: _, ...asked } = await peer.answer("search", first);
  assertEquals(asked, { type: "search", query: "disk full", limit: 3 });
  const second = { type: "found", events: [message(5), message(4)], more: true, next: "40" };
  assertEquals((await peer.answer("search", second)).from, "70");
  await searching;
  const lines = world.output.out.split("\n").filter((line) => line !== "");
  assertEquals(lines.map((line) => JSON.parse(line).seq), [9, 7, 5]);
  peer.close();
});

Deno.test("search: an empty page is not the end, and each line names its room", async () => {
  await using world = await fakeWorld();
  const searching = search(world.context, { ...OPTIONS, json: false });
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("search", { type: "found", events: [], more: true, next: "70" });
  await peer.answer("search", { type: "found", events: [message(5)], more: false });
  await searching;
  assertEquals(world.output.out.includes("#ops"), true, world.output.out);
  peer.close();
});

Deno.test("search: a query that the server does not take is 1, with its reason", async () => {
  await using world = await fakeWorld();
  const searching = assertRejects(() => search(world.context, OPTIONS), Failure, "another word");
  const peer = await world.server.accept();
  await peer.hello();
  await peer.answer("search", {
    type: "error",
    code: "bad_field",
    message: "Too many messages have these words: add another word",
    field: "query",
  });
  assertEquals((await searching).exitCode, 1);
  peer.close();
});
