// The list of the person's servers: what is kept of a server, and that no writer loses another's change.

import { assertEquals, assertRejects } from "@std/assert";
import { Failure } from "../../../lib/client/exit.ts";
import { ConfigError } from "../../../lib/config/config_error.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import { ServerList } from "../../../lib/client/files/server_list.ts";
import { parseServer } from "../../../lib/config/link/chosen_server.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const [PIN, NEW_PIN] = ["A".repeat(22), "B".repeat(21) + "A"];

interface Scene extends AsyncDisposable {
  readonly list: ServerList;
  /** The configuration file. */
  read(): Record<string, unknown>;
  write(text: string): Promise<void>;
  another(): ServerList;
}

async function open(): Promise<Scene> {
  const directory = await temporaryDirectory();
  const config = new PrivateFiles(`${directory.path}/config`);
  const state = new PrivateFiles(`${directory.path}/state`);
  const another = () => new ServerList({ config, state, now: () => Date.UTC(2026, 10, 28) });
  return {
    list: another(),
    another,
    read: () => JSON.parse(Deno.readTextFileSync(config.pathOf("client.json"))),
    write: (text) => config.write("client.json", text),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function at(text: string): ReturnType<typeof parseServer> {
  return parseServer(text, "--server", { isTls: false });
}

Deno.test("server list: a server is kept under a name from its host, with what is known of it", async () => {
  await using scene = await open();
  const { list } = scene;
  const servers = [
    "chat.example:1",
    "chat.other:1",
    "CHAT.example:2",
    "127.0.0.1:1",
    "[::1]:1",
    "10.0.0.5",
    "[fd00::7]:1",
    "parley://__.example",
  ];
  for (const text of servers) assertEquals((await list.keep({ server: at(text) })).isNew, true);
  const names = ["chat", "chat-2", "chat-3", "local", "local-2", "10-0-0-5", "fd00-7", "server"];
  assertEquals(Object.keys(scene.read().servers as object), names);
  await list.keep({ server: at("chat.example:1"), user: "ada" });
  const again = await list.keep({ server: at("Chat.Example:1") });
  assertEquals(again, { name: "chat", isNew: false });
  const { chat } = scene.read().servers as Record<string, unknown>;
  assertEquals(chat, { address: "chat.example:1", name: "ada" });
  assertEquals(await list.usedAt(at("chat.example:1")), "2026-11-28T00:00:00.000Z");
  assertEquals(await list.usedAt(at("new.example:1")), undefined);
});

Deno.test("server list: a new pin takes the place of the kept one, and none loses it", async () => {
  await using scene = await open();
  const address = () => (scene.read().servers as Record<string, { address: string }>).one?.address;
  await scene.list.keep({ server: at(`parley://one.example#${PIN}`), user: "ada" });
  await scene.list.keep({ server: at("parley://one.example"), caPath: "ca.pem" });
  assertEquals(address(), `parley://one.example:65433#${PIN}`);
  await scene.list.keep({ server: at(`parley://one.example#${NEW_PIN}`) });
  assertEquals(address(), `parley://one.example:65433#${NEW_PIN}`);
});

Deno.test("server list: everything else in the file stays as it is, a damaged file too", async () => {
  await using scene = await open();
  const work = { address: "work.example:1", name: "eva", plain: true, notify_command: "beep" };
  const file = { server: "work", name: "ada", servers: { work }, plain: false };
  await scene.write(`\ufeff${JSON.stringify(file)}`);
  await scene.list.keep({ server: at("work.example:1"), user: "eve" });
  await scene.list.keep({ server: at("chat.example:1") });
  const chat = { address: "chat.example:1" };
  const kept = { ...file, servers: { work: { ...work, name: "eve" }, chat } };
  assertEquals(scene.read(), kept);
  await scene.list.rename({ from: "WORK", to: "job" });
  assertEquals(scene.read(), {
    ...kept,
    server: "job",
    servers: { job: { ...work, name: "eve" }, chat },
  });
  assertEquals((await scene.list.remove("Job")).name, "job");
  assertEquals(scene.read().servers, { chat });
  await assertRejects(() => scene.list.remove("job"), Failure, "there are chat");
  await scene.write("{");
  await assertRejects(() => scene.list.keep({ server: at("a.example") }), ConfigError, "not JSON");
  assertEquals(
    (await assertRejects(() => Promise.resolve().then(scene.read))) instanceof Error,
    true,
  );
});

Deno.test("server list: a name of another server is refused, in any case; a new case is not", async () => {
  await using scene = await open();
  for (const text of ["one.example:1", "two.example:1"]) {
    await scene.list.keep({ server: at(text) });
  }
  await assertRejects(() => scene.list.rename({ from: "one", to: "TWO" }), Failure, "called two");
  await scene.list.rename({ from: "one", to: "ONE" });
  assertEquals(Object.keys(scene.read().servers as object), ["ONE", "two"]);
});

Deno.test("server list: writers at the same time lose nothing of each other", async () => {
  await using scene = await open();
  const writers = Array.from({ length: 12 }, (_, number) => number);
  await Promise.all(
    writers.map((number) =>
      scene.another().keep({ server: at(`host${number}.example:1`), user: `user${number}` })
    ),
  );
  const kept = Object.entries(scene.read().servers as Record<string, { name: string }>);
  assertEquals(
    kept.map(([name, { name: user }]) => `${name} ${user}`).sort(),
    writers.map((number) => `host${number} user${number}`).sort(),
  );
});
