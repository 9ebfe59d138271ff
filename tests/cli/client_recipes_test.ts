// The recipes of docs/client.md, as the page has them, with the real client and the real server.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { PrivateFiles } from "../../lib/client/files/private_files.ts";
import { StatusFile } from "../../lib/client/status/status_file.ts";
import { RunningClock } from "../../lib/time.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { Home } from "../support/processes/client_process.ts";
import { findProgram } from "../support/processes/programs.ts";
import { installRecipes, readRecipes } from "../support/processes/recipes.ts";
import { startTestServer } from "../support/server.ts";
import { hasTmux, Tmux } from "../support/terminals/tmux.ts";
import { eventually } from "../support/waiting.ts";

const RECIPES = readRecipes("docs/client.md");

interface Scene extends AsyncDisposable {
  /** Follows the room `builds`. */
  readonly ann: RawClient;
  readonly home: Home;
  readonly env: Record<string, string>;
}

async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const home = await Home.create();
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "join", room: "builds", create: true });
  const env = await installRecipes(home, {
    recipes: RECIPES,
    env: { PARLEY_SERVER: `127.0.0.1:${server.port}`, PARLEY_NAME: "robot" },
  });
  return {
    ann,
    home,
    env,
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

function start({ home, env }: Scene, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("/bin/sh", {
    args: [...args],
    cwd: home.path,
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("client.md: a job posts the end of its log, and ends with its own exit code", async () => {
  await using scene = await openScene();
  const job = ["ci.sh", "sh", "-c", "seq 30; printf '\\033[31mred\\033[0m\\n' >&2; exit 3"];
  assertEquals((await start(scene, job).output()).code, 3);
  const { content, from } = await scene.ann.until("message");
  assertEquals(from, "robot");
  assertMatch(content, /ended with 3\n12\n13\n/);
  assertStringIncludes(content, "\n30\n[31mred[0m");
});

Deno.test("client.md: a job whose log cannot be posted says so, and ends as it did", async () => {
  await using scene = await openScene();
  const env = { ...scene.env, PARLEY_SERVER: "127.0.0.1:1" };
  const { code, stderr } = await start({ ...scene, env }, ["ci.sh", "true"]).output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stderr), "the log was not posted (69)");
});

Deno.test({
  name: "client.md: a bot answers, also what was asked while it did not run",
  ignore: findProgram("jq") === undefined,
  fn: async () => {
    await using scene = await openScene();
    const { ann, home } = scene;
    const say = (content: string) => ann.ask({ type: "message", room: "builds", content });
    const answer = async () => {
      for (;;) {
        const { from, content } = await ann.until("message");
        if (from === "robot") return content;
      }
    };
    await say("before");
    await home.write("bot.seq", "1");
    await say("!time");
    await say("!times");
    for (const question of ["!time", undefined]) {
      // In a session of its own, so that all its processes can be ended together.
      const bot = start(scene, ["-c", "exec setsid sh bot.sh builds"]);
      assertMatch(await answer(), /^it is \d\d:\d\d UTC$/);
      if (question !== undefined) await say(question);
      if (question !== undefined) assertMatch(await answer(), /^it is /);
      const kept = () => Deno.readTextFileSync(`${home.path}/bot.seq`).trim();
      await eventually(kept, (seq) => seq === (question === undefined ? "7" : "5"));
      Deno.kill(-bot.pid, "SIGTERM");
      await bot.output();
      if (question !== undefined) await say("!time");
    }
  },
});

Deno.test({
  name: "client.md: the status line of tmux shows what is new, and runs nothing of it",
  ignore: !hasTmux,
  fn: async () => {
    await using home = await Home.create();
    const env = await installRecipes(home, { recipes: RECIPES, env: {} });
    const clock = new RunningClock({ usualGapMs: 60_000 });
    using status = await StatusFile.open(
      new PrivateFiles(`${home.path}/.local/state/parley`),
      clock,
    );
    const place = { unread: 3, calls: 1, seen: 0, read: 0, start: 0, base: 0, counted: 0 };
    const room = "a#{pid}#(date)#[bg=red]b";
    const places = [{ ...place, room, number: 2, news: [], lines: [] }];
    const facts = { server: "chat:1", name: "ada", isOnline: true, waiting: 0, lagMs: undefined };
    status?.update({ ...facts, places });
    await using tmux = await Tmux.start({
      directory: home.path,
      // One in another: the outer one shows the status line of the inner one.
      command: ["env", "-u", "TMUX", "tmux", "-S", "inner", "-f", "tmux.conf", "new-session", "sh"],
      env,
      columns: 80,
      rows: 24,
    });
    await tmux.until("the status", (all) => all.at(-1)?.includes(`[2:${room} 3!]`) ?? false);
    await new Deno.Command("tmux", {
      args: ["-S", `${home.path}/inner`, "kill-server"],
      stderr: "null",
    }).output();
  },
});

Deno.test("client.md: every recipe is run here", () => {
  assertEquals([...RECIPES.keys()], ["ci.sh", "bot.sh", "tmux.conf"]);
});
