// `approve`, `ask --choice` and `decision` by the real program against the real server: the exit code is
// what a script goes by.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  type Finished,
  Home,
  runClient,
  SOON,
  spawnClient,
} from "../support/processes/client_process.ts";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { Relay } from "../support/clients/relay.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { JumpingClock, operator, UNHURRIED } from "../protocol/scene.ts";
import { eventually } from "../support/waiting.ts";

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly home: Home;
  readonly bob: RawClient;
  /** Runs the client to its end, as `deploy`. */
  run(...args: string[]): Promise<Finished>;
  decide(inquiry: number, choice: string, content?: string): Promise<Frame>;
}

async function openScene(): Promise<Scene> {
  const server = await startTestServer({ pace: 20, limits: UNHURRIED });
  const home = await Home.create();
  const bob = await operator(server, "bob");
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "deploy"];
  return {
    server,
    home,
    bob,
    run: (...args) => runClient({ home, args: [...args, ...at] }),
    decide: (inquiry, choice, content) => bob.ask({ type: "decide", inquiry, choice, content }),
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

Deno.test("client approve: 0 when a person approves, 3 when a person denies, and the reason on stderr", async () => {
  await using scene = await openScene();
  const asked = scene.run("approve", "run migration 42 on db3?");
  const question = await scene.bob.question();
  assertEquals([question.content, question.choices, question.from], [
    "run migration 42 on db3?",
    ["approve", "deny"],
    "deploy",
  ]);
  await scene.decide(1, "approve", "drained, go");
  const { code, out, err } = await asked;
  assertEquals([code, out], [0, ""]);
  assertMatch(err, /Asked as \?1 .* closes at .*\n.*bob decided "approve": drained, go\n/);

  const again = scene.run("approve", "and 43?", "--json");
  await scene.bob.question();
  await scene.decide(2, "deny", "not now");
  const denied = await again;
  assertEquals([denied.code, JSON.parse(denied.out).choice], [3, "deny"]);
  assertStringIncludes(denied.err, 'bob decided "deny": not now');
});

Deno.test("client approve: 124 when nobody decides, and no text is an approval; the question is closed", async () => {
  await using scene = await openScene();
  const asked = scene.run("approve", "go?", "--timeout", SOON);
  await scene.bob.question();
  await scene.bob.ask({ type: "respond", inquiry: 1, content: "approve" });
  const { code, out, err } = await asked;
  assertEquals([code, out], [124, ""]);
  assertMatch(err, /Nobody has decided \?1: it is (withdrawn|expired)/);
  assertEquals((await scene.decide(1, "approve")).code, "expired");
});

Deno.test("client approve: with --needs 2 one approval is not enough", async () => {
  await using scene = await openScene();
  const carol = await operator(scene.server, "carol");
  const asked = scene.run("approve", "go?", "--needs", "2");
  await scene.bob.question();
  assertEquals((await scene.decide(1, "approve")).state, "pending");
  assertEquals((await scene.decide(1, "approve")).code, "already_decided");
  await carol.ask({ type: "decide", inquiry: 1, choice: "approve" });
  assertEquals((await asked).code, 0);
});

Deno.test("client approve: the same --key finds the earlier decision, and asks nothing again", async () => {
  await using scene = await openScene();
  const args = ["approve", "go?", "--key", "deploy-4711"];
  const first = scene.run(...args);
  await scene.bob.question();
  await scene.decide(1, "deny");
  assertEquals((await first).code, 3);
  assertEquals((await scene.run(...args)).code, 3);
  assertEquals((await scene.bob.until("desk")).change, "decided");
  await scene.bob.quiet();
  const other = await scene.run("approve", "another?", "--key", "deploy-4711");
  assertEquals(other.code, 1);
  assertStringIncludes(other.err, "cid was used for another message");
});

Deno.test("client ask --choice: prints the choice", async () => {
  await using scene = await openScene();
  const asked = scene.run("ask", "Which colour?", "--choice", "red,blue", "--choice", "green");
  assertEquals((await scene.bob.question()).choices, ["red", "blue", "green"]);
  await scene.decide(1, "green");
  const { code, out } = await asked;
  assertEquals([code, out], [0, "green\n"]);
});

Deno.test("client decision: --no-wait prints the number, and what became of it is looked up or waited for", async () => {
  await using scene = await openScene();
  const asked = await scene.run("approve", "go?", "--no-wait", "--key", "k");
  assertEquals([asked.code, asked.out], [0, "1\n"]);
  const open = await scene.run("decision", "1");
  assertEquals([open.code, open.out], [75, "open\n"]);
  const waiting = scene.run("decision", "--key", "k", "--wait");
  await scene.decide(1, "approve", "yes");
  const { code, out } = await waiting;
  assertEquals([code, out], [0, "approve\n"]);
  assertEquals((await scene.run("decision", "?1")).code, 0);
  const missing = await scene.run("decision", "--key", "other");
  assertEquals(missing.code, 1);
  assertStringIncludes(missing.err, 'You have asked nothing as "other"');

  await scene.run("approve", "go?", "--no-wait");
  await scene.decide(2, "deny");
  const denied = await scene.run("decision", "2");
  assertEquals([denied.code, denied.out], [3, "deny\n"]);

  await scene.run("approve", "go?", "--no-wait", "--timeout", "1ms");
  await eventually(
    () => scene.bob.ask({ type: "question", inquiry: 3 }),
    ({ event }) => event !== undefined,
  );
  const closed = await scene.run("decision", "3");
  assertEquals([closed.code, closed.out], [124, "expired\n"]);
});

Deno.test("client decision: a wait that ends withdraws nothing", async () => {
  await using scene = await openScene();
  await scene.run("approve", "go?", "--no-wait");
  const { code, err } = await scene.run("decision", "1", "--wait", "--timeout", SOON);
  assertEquals(code, 75);
  assertStringIncludes(err, "nothing was withdrawn");
  assertEquals((await scene.decide(1, "approve")).state, "decided");
});

Deno.test("client approve: Ctrl-C withdraws the question, and so do a hangup and a time-out of the shell", async () => {
  await using scene = await openScene();
  const at = ["--server", `127.0.0.1:${scene.server.port}`, "--name", "deploy"];
  for (const [n, signal] of (["SIGINT", "SIGTERM", "SIGHUP"] as const).entries()) {
    const child = spawnClient({ home: scene.home, args: ["approve", "go?", ...at] });
    const { inquiry } = await scene.bob.question();
    // At once, with the reply to the question on its way perhaps.
    child.kill(signal);
    const { code, stderr } = await child.output();
    assertEquals([code, inquiry], [130, n + 1]);
    assertStringIncludes(new TextDecoder().decode(stderr), "The question is withdrawn");
    assertEquals((await scene.bob.ask({ type: "question", inquiry })).state, "withdrawn");
  }
});

Deno.test("client approve: killed while it waits, it leaves a question that expires, and is never approved", async () => {
  const clock = new JumpingClock();
  const limits = { ...UNHURRIED, idle_ms: 3_600_000 };
  await using server = await startTestServer({ clock, pace: 50, limits });
  await using home = await Home.create();
  const bob = await operator(server, "bob");
  const at = ["--server", `127.0.0.1:${server.port}`, "--name", "deploy"];
  const args = ["approve", "go?", "--key", "deploy-4711", "--timeout", "10m", ...at];
  const child = spawnClient({ home, args });
  const { inquiry } = await bob.question();
  child.kill("SIGKILL");
  await Promise.all([child.status, child.stdout.cancel(), child.stderr.cancel()]);
  clock.jump(599_000);
  assertEquals((await bob.ask({ type: "question", inquiry })).state, "open");
  clock.jump(1_000);
  const { state } = await eventually(
    () => bob.ask({ type: "question", inquiry }),
    (question) => question.state !== "open",
  );
  assertEquals(state, "expired");
  assertEquals((await bob.ask({ type: "decide", inquiry, choice: "approve" })).code, "expired");
  // The job that is repeated reads the same, and asks nothing again.
  assertEquals((await runClient({ home, args })).code, 124);
});

Deno.test("client approve: what an operator writes back is shown, and is no decision", async () => {
  await using scene = await openScene();
  const asked = scene.run("approve", "go?");
  await scene.bob.question();
  await scene.bob.ask({ type: "respond", inquiry: 1, content: "which of the two?" });
  await scene.decide(1, "deny");
  const { code, out, err } = await asked;
  assertEquals([code, out], [3, ""]);
  assertStringIncludes(err, "bob: which of the two?");
});

Deno.test("client approve: a denial is no success when nobody reads its output", async () => {
  await using scene = await openScene();
  const at = ["--server", `127.0.0.1:${scene.server.port}`, "--name", "deploy"];
  const child = spawnClient({ home: scene.home, args: ["approve", "go?", "--json", ...at] });
  await child.stdout.cancel();
  await scene.bob.question();
  await scene.decide(1, "deny");
  const { code } = await child.status;
  await child.stderr.cancel();
  assertEquals(code, 3);
});

Deno.test("client approve: a decision made while the connection was cut is found", async () => {
  await using scene = await openScene();
  await using relay = new Relay({ target: scene.server.port });
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "deploy"];
  const asked = runClient({ home: scene.home, args: ["approve", "go?", ...at] });
  await scene.bob.question();
  relay.target = undefined;
  relay.cut();
  await scene.decide(1, "deny");
  relay.target = scene.server.port;
  assertEquals((await asked).code, 3);
});

Deno.test("client approve: 75 when it is not known, 69 when nothing was asked", async () => {
  await using scene = await openScene();
  await using relay = new Relay({ target: scene.server.port });
  const at = ["--server", `127.0.0.1:${relay.port}`, "--name", "deploy", "--timeout", SOON];
  const asked = runClient({ home: scene.home, args: ["approve", "go?", ...at] });
  await scene.bob.question();
  relay.target = undefined;
  relay.cut();
  const { code, err } = await asked;
  assertEquals(code, 75);
  assertStringIncludes(err, "decision 1");
  const nothing = await runClient({ home: scene.home, args: ["approve", "go?", ...at] });
  assertEquals(nothing.code, 69);
});

Deno.test("client approve: options that fit nothing are refused by what was typed", async () => {
  await using home = await Home.create();
  const refused: [string[], string][] = [
    [["ask", "go?", "--choice", "red"], "--choice takes 2 to 8 words"],
    [["ask", "go?", "--choice", "red,red"], "--choice has red twice"],
    [["ask", "go?", "--choice", "red,b lue"], '--choice "b lue" is no choice'],
    [["ask", "go?", "--needs", "2"], "have no effect without --choice"],
    [["ask", "go?", "--no-wait"], "have no effect without --choice"],
    [["approve", "go?", "--needs", "11"], "from 1 to 10"],
    [["approve", "go?", "--key", ""], "A key is 1 to 64 bytes"],
    [["decision"], "either the number of an inquiry or --key"],
    [["decision", "1", "--key", "k"], "either the number of an inquiry or --key"],
    [["decision", "x"], "number of an inquiry is like 42"],
    [["answer", "x", "y"], "number of an inquiry is like 42"],
  ];
  const ended = await Promise.all(refused.map(([args]) => runClient({ home, args })));
  for (const [at, { code, err }] of ended.entries()) {
    assertEquals(code, 64, refused[at]?.[0].join(" "));
    assertStringIncludes(err, refused[at]?.[1] ?? "");
  }
});

Deno.test("client queue, answer: an operator lists what waits, and answers it", async () => {
  await using scene = await openScene();
  const ann = await scene.server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "inquiry", content: "may I\nreboot?" });
  await ann.ask({ type: "inquiry", content: "run it?", choices: ["yes", "no"], needs: 2 });
  await using desk = await Home.create();
  const at = ["--server", `127.0.0.1:${scene.server.port}`];
  const stdin = scene.server.adminToken;
  assertEquals((await runClient({ home: desk, args: ["use-token", ...at], stdin })).code, 0);
  const { code, out } = await runClient({ home: desk, args: ["queue", ...at] });
  const [first = "", second = "", ...others] = out.split("\n");
  assertEquals([code, others], [0, [""]]);
  assertMatch(first, /^1 \d{4}-\d\d-\d\d \d\d:\d\d ann may I$/);
  assertMatch(second, /^2 .* ann \[yes\|no\] \(needs 2\) run it\?$/);
  const listed = await runClient({ home: desk, args: ["queue", "--json", "--limit", "1", ...at] });
  assertEquals(JSON.parse(listed.out).content, "may I\nreboot?");
  assertStringIncludes(listed.err, "and more after them");

  const answered = await runClient({ home: desk, args: ["answer", "1", "go ahead", ...at] });
  assertEquals([answered.code, answered.out], [0, ""]);
  assertEquals((await ann.until("response")).content, "go ahead");
  const stdinAnswer = await runClient({
    home: desk,
    args: ["answer", "1", "--json", "--to", "1", ...at],
    stdin: "still\n",
  });
  assertEquals([stdinAnswer.code, JSON.parse(stdinAnswer.out).inquiry], [0, 1]);
  assertEquals((await runClient({ home: desk, args: ["answer", "9", "x", ...at] })).code, 1);
  assertEquals((await scene.run("queue")).code, 77);
});
