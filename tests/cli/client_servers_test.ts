// Several servers of one person, by the real program: kept by themselves, chosen by name, listed; and no
// token of one goes to another.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { files, Home, runClient } from "../support/processes/client_process.ts";
import { RecordingRelay } from "../support/clients/recording_relay.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { startTestServer } from "../support/server.ts";

Deno.test({
  name:
    "client servers: a chat keeps its server; with several the prompt names it, and the last is the default",
  ignore: !hasPty,
  fn: async () => {
    await using one = await startTestServer();
    await using two = await startTestServer();
    await using home = await Home.create();
    const at = ({ port }: { port: number }) => `127.0.0.1:${port}`;
    const chat = async (args: readonly string[], { prompt }: { prompt: string }) => {
      await using terminal = Terminal.start({ home, args });
      await terminal.untilLast(prompt);
      assertEquals(terminal.screen.all.at(-1)?.trimStart().startsWith(prompt), true);
      await terminal.type("/quit", KEYS.enter);
      assertEquals(await terminal.code(), 0);
    };
    await chat(["--server", at(one), "--name", "ada"], { prompt: "#lobby>" });
    await chat(["--server", at(two), "--name", "eva"], { prompt: "local-2 #lobby>" });
    await chat(["--server", "local"], { prompt: "local #lobby>" });
    await chat([], { prompt: "local #lobby>" });

    const run = (...args: readonly string[]) => runClient({ home, args });
    const listed = await run("servers", "--json");
    assertEquals([listed.code, listed.err], [0, ""]);
    const rows = listed.out.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(rows.map(({ name, address, user }) => [name, address, user]), [
      ["local", at(one), "ada"],
      ["local-2", at(two), "eva"],
    ]);
    const undecided = await run("send", "lobby", "to whom?");
    assertEquals([undecided.code, undecided.out], [64, ""]);
    assertStringIncludes(
      undecided.err,
      "Which server? --server NAME chooses one of local, local-2",
    );
    assertEquals((await run("servers", "rename", "local-2", "work")).code, 0);
    assertEquals((await run("send", "lobby", "hello work", "--server", "work")).code, 0);
    const read = await run("history", "lobby", "--server", "Work");
    assertStringIncludes(read.out, "eva: hello work");
    assertEquals((await run("servers", "remove", "local")).code, 0);
    const { out } = await run("servers");
    assertEquals(out.split("\n").map((row) => row.split(/ {2,}/)[0]), ["name", "work", ""]);
    assertEquals((await run("servers", "rename", "work", "a.b")).code, 64);
    assertEquals((await run("servers", "remove", "local")).code, 64);
  },
});

Deno.test("client servers: an address that is changed by hand gets no token", async () => {
  await using one = await startTestServer();
  await using two = await startTestServer();
  await using relay = new RecordingRelay(two.port);
  await using home = await Home.create();
  const write = (port: number) =>
    home.write(
      ".config/parley/client.json",
      JSON.stringify({ servers: { chat: { address: `127.0.0.1:${port}`, name: "ada" } } }),
    );
  const send = () => runClient({ home, args: ["send", "lobby", "x", "--server", "chat"] });
  await write(one.port);
  assertEquals((await send()).code, 0);
  const [file = ""] = files(`${home.path}/.config/parley/tokens`)
    .filter((path) => path.endsWith("/ada.json"));
  const { token } = JSON.parse(await Deno.readTextFile(file));
  await write(relay.port);
  assertEquals((await send()).code, 0);
  const guest = '"method":"guest"';
  assertEquals(relay.find("to server", [guest, token]), [guest]);
});
