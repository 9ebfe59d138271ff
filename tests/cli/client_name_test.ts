// Who one is: the name is asked for, remembered when a server has agreed to it, and asked again when it
// has not. By the real program, in a pseudo-terminal and in pipes.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Home, runClient } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

function at({ port }: TestServer): readonly string[] {
  return ["--server", `127.0.0.1:${port}`];
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `client name: ${name}`, ignore: !hasPty, fn });
}

/** Leaves by the command, as a person does. */
async function quit(terminal: Terminal): Promise<void> {
  await terminal.type("/quit", KEYS.enter);
  assertEquals(await terminal.code(), 0);
  assertEquals(terminal.isRestored, true);
}

/** Starts a chat that knows who it is without asking. */
async function chatAs(
  name: string,
  { home, server }: { home: Home; server: TestServer },
): Promise<void> {
  await using terminal = Terminal.start({ home, args: at(server) });
  await terminal.untilSeen(`You are ${name} (guest)`);
  assertEquals(terminal.screen.all.join("\n").includes("Your name"), false);
  await quit(terminal);
}

test("taken or reserved, it is asked for again, and the one agreed to is remembered", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const other = await server.connect();
  await other.hello("ada");
  {
    await using terminal = Terminal.start({ home, args: at(server) });
    await terminal.untilLast("Your name:");
    await terminal.type("admin\n");
    await terminal.untilSeen("is reserved");
    await terminal.untilLast("Your name:");
    await terminal.type("ada\n");
    await terminal.untilSeen("another user");
    await terminal.untilLast("Your name:");
    await terminal.type("cleo\n");
    await terminal.untilSeen("You are cleo (guest)");
    await terminal.untilLast("#lobby>");
    await terminal.type("I am cleo", KEYS.enter);
    await terminal.untilSeen("cleo: I am cleo");
    await quit(terminal);
  }
  await chatAs("cleo", { home, server });
});

test("a person who gives up at a refused one has nothing remembered", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  for (let run = 0; run < 2; run++) {
    await using terminal = Terminal.start({ home, args: at(server) });
    await terminal.untilLast("Your name:");
    await terminal.type("root\n");
    await terminal.untilSeen("is reserved");
    await terminal.untilLast("Your name:");
    await terminal.type(KEYS.interrupt);
    assertEquals(await terminal.code(), 130);
  }
});

test("the one given by --name is asked again where it is taken, and remembered where it is not", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  {
    await using terminal = Terminal.start({ home, args: ["--name", "system", ...at(server)] });
    await terminal.untilSeen("is reserved");
    await terminal.untilLast("Your name:");
    await terminal.type("dora\n");
    await terminal.untilSeen("You are dora (guest)");
    await quit(terminal);
  }
  await chatAs("dora", { home, server });
  {
    await using terminal = Terminal.start({ home, args: ["--name", "emil", ...at(server)] });
    await terminal.untilSeen("You are emil (guest)");
    await quit(terminal);
  }
  await chatAs("emil", { home, server });
});

test("a file that holds one the server refuses, or none, locks nobody out", async () => {
  await using server = await startTestServer();
  for (const [name, chosen] of [["console", "fay"], ["no name at all", "gus"]] as const) {
    await using home = await Home.create();
    await home.write(".local/state/parley/name.json", JSON.stringify({ name, chosen: true }));
    {
      await using terminal = Terminal.start({ home, args: at(server) });
      await terminal.untilSeen(name === "console" ? "is reserved" : "holds no name");
      await terminal.untilLast("Your name:");
      await terminal.type(`${chosen}\n`);
      await terminal.untilSeen(`You are ${chosen} (guest)`);
      await quit(terminal);
    }
    await chatAs(chosen, { home, server });
  }
});

Deno.test("client name: in a pipe a refused one is a line and an exit code, and is not remembered", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const send = ["send", "lobby", "hello", ...at(server)];
  const refused = await runClient({ home, args: [...send, "--name", "admin"] });
  assertEquals([refused.code, refused.out], [1, ""]);
  assert(/^! .*reserved.*\n$/.test(refused.err), refused.err);
  assertStringIncludes(refused.err, "--name");
  assertEquals(await runClient({ home, args: send }), { code: 0, out: "", err: "" });
});

Deno.test("client name: in a pipe the first that is given is the one of later runs", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const send = ["send", "lobby", "hello", "--json", ...at(server)];
  for (const name of [["--name", "ci"], [], ["--name", "nightly"], []]) {
    assertEquals((await runClient({ home, args: [...send, ...name] })).code, 0);
  }
  const { out } = await runClient({ home, args: ["history", "lobby", "--json", ...at(server)] });
  const authors = out.trim().split("\n").map((line) => JSON.parse(line).from);
  assertEquals(authors, ["ci", "ci", "nightly", "ci"]);
});

Deno.test("client name: in a pipe a file without a name is reported, and replaced", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  await home.write(".local/state/parley/name.json", '{"name":"a b"}');
  const send = ["send", "lobby", "hello", ...at(server)];
  const reported = await runClient({ home, args: send });
  assertEquals([reported.code, reported.out], [0, ""]);
  assert(
    /^── .*name\.json held no name: you are guest-\w+ now.*\n$/.test(reported.err),
    reported.err,
  );
  assertEquals(await runClient({ home, args: send }), { code: 0, out: "", err: "" });
});
