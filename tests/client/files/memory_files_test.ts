import { assert, assertEquals } from "@std/assert";
import { MemoryFiles } from "../../../lib/client/files/memory_files.ts";
import { Outbox } from "../../../lib/client/outbox/outbox.ts";

const OWNER = { server: "this server", epoch: "e", user: 1 };
const ENTRY = { ...OWNER, cid: "01", name: "console", room: "lobby", content: "x", time: 1 };

Deno.test("memory files: an outbox in memory gives a message that is held to nobody else", async () => {
  const outbox = new Outbox(new MemoryFiles());
  const held = await outbox.keep(ENTRY);
  assertEquals((await outbox.take(OWNER)).mine, []);
  held.release();
  const { mine } = await outbox.take(OWNER);
  assertEquals(mine.map(({ cid }) => cid), ["01"]);
  await mine[0]?.settle();
  assertEquals((await outbox.take(OWNER)).mine, []);
});

Deno.test("memory files: a store of one name is the same one each time", async () => {
  const files = new MemoryFiles();
  await files.within("a").write("b.txt", new TextEncoder().encode("text"));
  assertEquals(await files.within("a").find("b.txt"), "text");
  assertEquals(await files.within("a").names(), ["b.txt"]);
  assert((await files.within("c").names()).length === 0);
  await files.within("a").remove("b.txt");
  assertEquals(await files.within("a").tryHold("b.txt"), undefined);
});
