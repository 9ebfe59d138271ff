// The live line in tmux, by the real program: other widths and other rows than the emulator's.

import { assertEquals } from "@std/assert";
import { clientCommand, clientEnv, Home } from "../support/processes/client_process.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { UNHURRIED } from "../protocol/scene.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { hasTmux, Tmux } from "../support/terminals/tmux.ts";

const THAI = "สวัสดีครับ วันนี้ที่ประชุมเรื่องเซิร์ฟเวอร์เริ่มกี่โมงครับ";
const FAMILY = "👨‍👩‍👧‍👦";

interface Place extends AsyncDisposable {
  readonly server: TestServer;
  readonly tmux: Tmux;
  readonly bob: RawClient;
}

/** Ada's client in a window of this size, started by a shell. */
async function enter(columns: number, rows: number): Promise<Place> {
  const server = await startTestServer({ limits: UNHURRIED });
  const home = await Home.create();
  const bob = await server.connect();
  await bob.hello("bob", { idle_ms: 0 });
  const args = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
  const tmux = await Tmux.start({
    directory: home.path,
    command: ["sh", "-i"],
    env: { ...clientEnv(home), PS1: "shell$ " },
    columns,
    rows,
  });
  await tmux.until("the shell", (all) => all.at(-1) === "shell$");
  await tmux.type(`clear; ${[Deno.execPath(), ...clientCommand(args)].join(" ")}`);
  await tmux.press("Enter");
  await tmux.until("the prompt", (all) => all.at(-1) === "#lobby>");
  return {
    server,
    tmux,
    bob,
    async [Symbol.asyncDispose](): Promise<void> {
      await tmux[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Bob says these, one after the other; waits until the last one is seen. */
async function arrive({ bob, tmux }: Place, from: number, end: number): Promise<void> {
  for (let n = from; n < end; n++) {
    await bob.ask({ type: "message", room: "lobby", content: `message ${n}.` });
  }
  await tmux.until("the last message", (all) => all.some((row) => row.endsWith(`${end - 1}.`)));
}

/** @throws unless these messages stand there once each, in order, and one line below them */
async function assertOnce({ tmux }: Place, end: number): Promise<void> {
  const all = await tmux.all();
  const seen = all.flatMap((row) => /bob: message (\d+)\.$/.exec(row)?.[1] ?? []);
  assertEquals(seen, Array.from({ length: end }, (_, n) => `${n}`), all.join("\n"));
  assertEquals(all.filter((row) => row.startsWith("#lobby>")).length, 1, all.join("\n"));
}

/** Waits until ada has sent as many messages as these. @throws when they are others */
async function assertSent(place: Place, messages: readonly string[]): Promise<void> {
  await place.tmux.until(
    "the messages",
    async () => (await printed(place)).length >= messages.length,
  );
  assertEquals(await printed(place), messages);
}

async function printed({ bob }: Place): Promise<readonly string[]> {
  const page = await bob.ask({ type: "history", room: "lobby", limit: 100 });
  return page.events.filter(({ from }: { from: string }) => from === "ada")
    .map(({ content }: { content: string }) => content);
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `client in tmux: ${name}`, ignore: !hasTmux, fn });
}

test("drafts in any script erase no message, and are sent once, after an Esc too", async () => {
  await using place = await enter(80, 12);
  const { tmux } = place;
  await arrive(place, 0, 6);
  for (const [n, draft] of [THAI, "x".repeat(70) + FAMILY].entries()) {
    await tmux.type(draft);
    await arrive(place, 6 + 5 * n, 11 + 5 * n);
    await tmux.press("Escape");
    await new Promise((resolve) => setTimeout(resolve, 700));
    await tmux.press("Enter", "Enter");
    await tmux.until("the line empty again", (all) => all.at(-1) === "#lobby>");
  }
  await assertOnce(place, 16);
  await assertSent(place, [THAI, "x".repeat(70) + FAMILY]);
});

test("resizes and Ctrl-L leave every message once", async () => {
  await using place = await enter(80, 24);
  const { tmux } = place;
  let draft = "a draft that is long enough for several rows of a window that is narrow, 日本語";
  await arrive(place, 0, 15);
  await tmux.type(draft);
  await tmux.until("the draft", (all) => all.at(-1)?.endsWith(draft.slice(-3)) ?? false);
  let count = 15;
  for (const [columns, rows] of [[40, 12], [100, 30], [33, 9], [80, 24], [40, 24]] as const) {
    await tmux.resize(columns, rows);
    await tmux.type("!");
    draft += "!";
    await tmux.until("the key", (all) => all.at(-1)?.endsWith(draft.slice(-3)) ?? false);
    await arrive(place, count, count + 2);
    count += 2;
    await assertOnce(place, count);
  }
  await tmux.press("C-l");
  await arrive(place, count, count + 3);
  await assertOnce(place, count + 3);
  await tmux.press("Enter");
  await tmux.until("the line empty again", (all) => all.at(-1) === "#lobby>");
  await assertSent(place, [draft]);
});

test("Ctrl-Z twice suspends, and after fg the line stands below the shell's rows", async () => {
  await using place = await enter(80, 24);
  const { tmux } = place;
  await tmux.type("half a line");
  await tmux.press("C-z");
  await tmux.until("the hint", (all) => all.at(-1) === "Ctrl-Z once more suspends, Enter goes on");
  await tmux.press("C-z");
  await tmux.until("the shell", (all) => all.at(-1) === "shell$");
  await tmux.type("fg");
  await tmux.press("Enter");
  await tmux.until("the line", (all) => all.at(-1) === "#lobby> half a line");
  await tmux.type("!");
  await tmux.press("Enter");
  await tmux.until("the message", (all) => all.some((row) => row.endsWith("ada: half a line!")));
  await assertSent(place, ["half a line!"]);
});

test("a message that calls the person rings, and stands in the title", async () => {
  await using place = await enter(80, 12);
  const { tmux, bob } = place;
  await tmux.until("the title", async () => await tmux.fact("#{pane_title}") === "#lobby · Parley");
  assertEquals(await tmux.fact("#{window_bell_flag}"), "0");
  await bob.ask({ type: "message", room: "lobby", content: "ada: look" });
  await tmux.until("the mark", (all) => all.some((row) => / » bob: ada: look$/.test(row)));
  await tmux.until("the bell", async () => await tmux.fact("#{window_bell_flag}") === "1");
});
