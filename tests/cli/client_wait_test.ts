// `wait` and `history --since`, by the real client and server.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Home, runClient } from "../support/processes/client_process.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("client wait: a pattern that never ends on a message is 64, and the process is over", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const bob = await server.connect();
  await bob.hello("bob");
  await bob.ask({ type: "message", room: "lobby", content: `${"a".repeat(60)}b` });
  const at = ["--server", `127.0.0.1:${server.port}`];
  const args = ["wait", "lobby", "--match", "^(a+)+$", "--since", "0"];
  const { code, out, err } = await runClient({ home, args: [...args, ...at] });
  assertEquals([code, out], [64, ""]);
  assertStringIncludes(err, "it takes longer than 2 s");

  const overdue = await runClient({ home, args: [...args, "--timeout", "1s", ...at] });
  assertEquals([overdue.code, overdue.out], [124, ""]);
});

Deno.test("client wait: what was written before it began, behind the seq of a send, is found", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  const sent = await runClient({ home, args: ["send", "lobby", "deploying", "--json", ...at] });
  const { seq } = JSON.parse(sent.out);
  await runClient({ home, args: ["send", "lobby", "deploy ok", ...at] });
  const args = ["wait", "lobby", "--match", "deploy(ing| ok)", "--since", `${seq}`, "--seq"];
  const { code, out, err } = await runClient({ home, args: [...args, ...at] });
  assertEquals([code, err], [0, ""]);
  assertMatch(out, /^2 \d{4}-\d\d-\d\d \d\d:\d\d \S+: deploy ok\n$/);
});

Deno.test("client history: --since is a day; a day to come has no messages", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const at = ["--server", `127.0.0.1:${server.port}`];
  await runClient({ home, args: ["send", "lobby", "hello", ...at] });
  const since = (day: string) =>
    runClient({ home, args: ["history", "lobby", "--json", "--since", day, ...at] });
  assertEquals(JSON.parse((await since("2020-01-01")).out).content, "hello");
  assertEquals(await since("2999-01-01"), { code: 0, out: "", err: "" });
});
