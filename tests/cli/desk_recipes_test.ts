// The recipes of docs/desk.md: each script is run as the page has it, by /bin/sh, with the real client and
// the real server.

import { operator } from "../protocol/scene.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Home } from "../support/processes/client_process.ts";
import { installRecipes, readRecipes } from "../support/processes/recipes.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";

const RECIPES = readRecipes("docs/desk.md");

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Scene extends AsyncDisposable {
  readonly bob: RawClient;
  readonly carol: RawClient;
  /** Runs a recipe to its end. */
  run(
    name: string,
    options: { args?: readonly string[]; stdin?: string; env?: object },
  ): Promise<Ended>;
}

/** A server with two operators, and a home in which `client` is the client. */
async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const home = await Home.create();
  const settings = await installRecipes(home, {
    recipes: RECIPES,
    env: { PARLEY_SERVER: `127.0.0.1:${server.port}`, PARLEY_NAME: "deploy" },
  });
  return {
    bob: await operator(server, "bob"),
    carol: await operator(server, "carol"),
    run: async (name, { args = [], stdin = "", env = {} }) => {
      const child = new Deno.Command("/bin/sh", {
        args: [name, ...args],
        cwd: home.path,
        clearEnv: true,
        env: { ...settings, ...env },
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(stdin));
      await writer.close();
      const { code, stdout, stderr } = await child.output();
      const decoder = new TextDecoder();
      return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

function decide(client: RawClient, inquiry: number, choice: string): Promise<unknown> {
  return client.ask({ type: "decide", inquiry, choice, content: "because" });
}

Deno.test("desk.md: a deployment goes on only when it is approved, and asks nothing twice", async () => {
  await using scene = await openScene();
  const { bob, run } = scene;
  const approved = run("deploy.sh", { args: ["1.0"] });
  assertEquals((await bob.question()).content, "Deploy 1.0 to production?");
  await decide(bob, 1, "approve");
  const { code, out, err } = await approved;
  assertEquals([code, out], [0, "deploying 1.0\n"]);
  assertStringIncludes(err, 'bob decided "approve": because');
  assertEquals((await run("deploy.sh", { args: ["1.0"] })).out, "deploying 1.0\n");
  assertEquals((await bob.until("desk")).change, "decided");
  await bob.quiet();

  const denied = run("deploy.sh", { args: ["1.1"] });
  await bob.question();
  await decide(bob, 2, "deny");
  const { err: why, ...ended } = await denied;
  assertEquals(ended, { code: 3, out: "" });
  assertStringIncludes(why, "1.1 was denied");

  const alone = await run("deploy.sh", { args: ["1.2"], env: { PATIENCE: "1" } });
  assertEquals([alone.code, alone.out], [124, ""]);
  const lost = await run("deploy.sh", { args: ["1.3"], env: { PARLEY_SERVER: "127.0.0.1:1" } });
  assertEquals([lost.code, lost.out], [1, ""]);
});

Deno.test("desk.md: a migration runs only when two people have approved it", async () => {
  await using scene = await openScene();
  const { bob, carol, run } = scene;
  const approved = run("migrate.sh", { args: ["42"] });
  await bob.question();
  await decide(bob, 1, "approve");
  await decide(carol, 1, "approve");
  assertEquals((await approved).out, "running migration 42\n");
  const half = run("migrate.sh", { args: ["43"], env: { PATIENCE: "2" } });
  await bob.question();
  await decide(bob, 2, "approve");
  const { code, out } = await half;
  assertEquals([code, out], [124, ""]);
});

Deno.test("desk.md: an agent's command is refused unless a person approves it", async () => {
  await using scene = await openScene();
  const { bob, run } = scene;
  const stdin = "rm -rf build\nmake\n";
  const approved = run("guard.sh", { stdin });
  assertEquals(
    (await bob.question()).content,
    `May the agent run this?\n\n${stdin.trimEnd()}`,
  );
  await decide(bob, 1, "approve");
  assertEquals((await approved).code, 0);
  const denied = run("guard.sh", { stdin });
  await bob.question();
  await decide(bob, 2, "deny");
  assertEquals((await denied).code, 2);
  const answered = run("guard.sh", { stdin, env: { PATIENCE: "1" } });
  await bob.question();
  await bob.ask({ type: "respond", inquiry: 3, content: "approve" });
  assertEquals((await answered).code, 2);
  const alone = await run("guard.sh", { stdin, env: { PARLEY_SERVER: "127.0.0.1:1" } });
  assertEquals(alone.code, 2);
  assertStringIncludes(alone.err, "refused: no person has approved this command");
});

Deno.test("desk.md: every recipe is run here", () => {
  assertEquals([...RECIPES.keys()], ["deploy.sh", "migrate.sh", "guard.sh"]);
});
