// `status`: the real client beside a real live line.

import { assert, assertEquals } from "@std/assert";
import { files, Home, runClient } from "../support/processes/client_process.ts";
import { hasPty, Terminal } from "../support/terminals/pty.ts";
import { startTestServer } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("status: it loads no package, nothing of node, and few modules", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `${ROOT}client.ts`],
    stdout: "piped",
  }).output();
  const { modules, roots } = JSON.parse(new TextDecoder().decode(stdout));
  const loaded = new Set<string>();
  const load = (specifier: string): void => {
    if (loaded.has(specifier)) return;
    loaded.add(specifier);
    const found = modules.find((each: { specifier: string }) => each.specifier === specifier);
    for (const { code, isDynamic } of found?.dependencies ?? []) {
      if (code !== undefined && isDynamic !== true) load(code.specifier);
    }
  };
  load(roots[0]);
  assertEquals([...loaded].filter((each) => !each.startsWith("file:")), []);
  assert(loaded.size <= 20, `${loaded.size} modules: ${[...loaded].join(" ")}`);
});

Deno.test({
  name: "status: it shows what is new in a live line, and when that was killed, that there is none",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    await using home = await Home.create();
    const status = (...args: readonly string[]) => runClient({ home, args: ["status", ...args] });
    const none = await status();
    assertEquals([none.code, none.out], [69, ""]);
    const at = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
    await using terminal = Terminal.start({ home, args: at });
    await terminal.untilLast("#lobby>");
    const quiet = await eventually(status, ({ code, out }) => code === 0 && !out.includes("off"));
    assertEquals(quiet, { code: 0, out: "ada@127.0.0.1\n", err: "" });
    const bob = await server.connect();
    await bob.hello("bob");
    await bob.ask({ type: "join", room: "ops", create: true });
    await terminal.type("/join ops\r");
    await terminal.untilLast("#ops>");
    await bob.ask({ type: "message", room: "lobby", content: "ada, look at db3" });
    const called = await eventually(() => status("--format", "tmux"), ({ code }) => code !== 0);
    assertEquals(called, { code: 10, out: "[1:lobby 1!]\n", err: "" });
    const known = await runClient({ home, args: ["rooms", "--known"] });
    assertEquals(known, { code: 0, out: "lobby\nops\n", err: "" });
    Deno.kill(terminal.pid, "SIGKILL");
    await terminal.code();
    assertEquals(files(`${home.path}/.local/state/parley/status`).length, 2);
    assertEquals((await status()).code, 69);
    assertEquals(files(`${home.path}/.local/state/parley/status`), []);
  },
});

Deno.test({
  name: "status: a live line that ends by itself or by a signal leaves no file",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    const at = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
    await using home = await Home.create();
    for (const signal of ["SIGTERM", "SIGHUP", undefined] as const) {
      await using terminal = Terminal.start({ home, args: at });
      await terminal.untilLast("#lobby>");
      const left = () => files(`${home.path}/.local/state/parley/status`).length;
      await eventually(left, (count) => count === 2);
      if (signal === undefined) await terminal.type("/quit\r");
      else Deno.kill(terminal.pid, signal);
      await terminal.code();
      assertEquals(left(), 0, signal);
    }
  },
});
