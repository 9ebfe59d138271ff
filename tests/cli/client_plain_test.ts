// `--plain`, by the real program in a real terminal: no control sequence is ever written.

import { assert, assertEquals } from "@std/assert";
import { UNHURRIED } from "../protocol/scene.ts";
import { startTestServer } from "../support/server.ts";
import { Home } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";

for (const how of [{ args: ["--plain"] }, { env: { PARLEY_PLAIN: "1" } }]) {
  const name = how.args?.join() ?? "PARLEY_PLAIN";
  Deno.test({
    name: `client terminal: a chat with ${name} writes lines and nothing else`,
    ignore: !hasPty,
    async fn(): Promise<void> {
      await using server = await startTestServer({ limits: UNHURRIED });
      await using home = await Home.create();
      const bob = await server.connect();
      await bob.hello("bob", { idle_ms: 0 });
      await bob.ask({ type: "join", room: "lobby" });
      const address = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
      const args = [...how.args ?? [], ...address];
      await using terminal = Terminal.start({ home, args, ...how.env && { env: how.env } });
      await terminal.untilSeen("- #lobby, 2 members");
      await bob.ask({ type: "message", room: "lobby", content: "ada: hello" });
      await terminal.untilLast("For you, bob: ada: hello");
      await terminal.type("hel");
      await terminal.untilLast("hel");
      await bob.ask({ type: "message", room: "lobby", content: "meanwhile" });
      await terminal.type("lo", KEYS.enter);
      await terminal.untilSeen("You: hello");
      const { all } = terminal.screen;
      assertEquals(all.filter((row) => row === "hello").length, 1, all.join("\n"));
      assertEquals(all.filter((row) => row === "bob: meanwhile").length, 1, all.join("\n"));
      await terminal.type("/quit", KEYS.enter);
      assertEquals(await terminal.code(), 0);
      // What the runtime writes at its start is not the program's.
      const ours = terminal.raw.slice(terminal.raw.indexOf("- Connecting"));
      // deno-lint-ignore no-control-regex
      assert(!/\x1b/.test(ours), JSON.stringify(ours));
    },
  });
}
