import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChildServer } from "../support/processes/child_server.ts";
import { Peer } from "../support/clients/peer.ts";
import { countDescriptors, residentBytes, untilDescriptors } from "./support/process_info.ts";
import { Random } from "../support/random.ts";
import { serverFlags } from "../support/processes/task_flags.ts";
import { temporaryDirectory } from "../support/temporary.ts";

Deno.test("fault harness: the child runs under the task's own flags, but for the address", () => {
  const flags = serverFlags({ listen: "127.0.0.1:0" });
  assertEquals(flags[0], "run");
  assert(flags.includes("--allow-net=127.0.0.1:0,127.0.0.1:3306"));
  assert(flags.includes("--deny-run") && flags.includes("--allow-write=data"));
});

Deno.test("fault harness: a child server says where it listens, counts, and ends as asked", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({ directory: home.path });
  const before = countDescriptors(server.pid);
  {
    using _peer = await server.connect();
    assertEquals((await server.stats()).connections, 2);
  }
  // A file of its start may have been open before; none of a connection may be left.
  assert(await untilDescriptors(server.pid, { most: before, withinMs: 2_000 }) <= before);
  assert(residentBytes(server.pid) > 1024 * 1024);
  assertEquals((await server.terminate()).code, 0);
  assertEquals(server.logged("stopped").length, 1);
});

Deno.test("fault harness: a killed server is gone, and the next one starts on its data", async () => {
  await using home = await temporaryDirectory();
  const first = await ChildServer.start({ directory: home.path });
  using peer = await first.connect();
  await first.kill();
  assertEquals(await peer.next(), undefined);
  assertEquals((await first.ended).signal, "SIGKILL");
  await using second = await ChildServer.start({ directory: home.path });
  assertEquals((await second.stats()).sessions, 1);
});

Deno.test("server program: a signal right behind `ready` stops it gently", async () => {
  for (let round = 0; round < 5; round++) {
    await using home = await temporaryDirectory();
    await using server = await ChildServer.start({ directory: home.path });
    assertEquals(await server.terminate(), { success: true, code: 0, signal: null });
  }
});

Deno.test("fault harness: a server that cannot start says why", async () => {
  await using home = await temporaryDirectory();
  const server = ChildServer.spawn({ directory: home.path, args: ["--listen", "nowhere:x"] });
  const why = await server.ready().catch((error: Error) => error.message);
  assertMatch(String(why), /64.*--listen must be HOST/s);
  await server.kill();
});

Deno.test("fault harness: a peer tells an end from a cut", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  using peer = await Peer.connect(listener.addr);
  const conn = await accepting;
  await conn.write(new TextEncoder().encode('{"a":1}\n{"b"'));
  conn.close();
  assertEquals(await peer.untilEnd(), [{ a: 1 }]);
  assertEquals([peer.ending, peer.rest], ["fin", '{"b"']);
});

Deno.test("fault harness: the same seed makes the same choices", () => {
  const choose = (random: Random) => Array.from({ length: 20 }, () => random.integer(1, 6));
  assertEquals(choose(new Random(7)), choose(new Random(7)));
  assert(String(choose(new Random(7))) !== String(choose(new Random(8))));
});
