// `menu`, by the real program in a pseudo-terminal: what a beginner can do, in words and numbers.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Home, runClient } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { UNHURRIED } from "../protocol/scene.ts";

const MENU = "Number (Enter shows the menu):";

function at({ port }: { readonly port: number }): readonly string[] {
  return ["--server", `127.0.0.1:${port}`];
}

/** Waits until the last row ends with a question, or has it. */
async function untilAsked(terminal: Terminal, question: string): Promise<void> {
  await terminal.until(`asked: ${question}`, ({ all }) => (all.at(-1) ?? "").includes(question));
}

/** Answers questions, each once it is asked. */
async function answer(
  terminal: Terminal,
  ...steps: readonly (readonly [question: string, text: string])[]
): Promise<void> {
  for (const [question, text] of steps) {
    await untilAsked(terminal, question);
    await terminal.type(text, KEYS.enter);
  }
}

function test(
  name: string,
  fn: (scene: { readonly server: TestServer; readonly home: Home }) => Promise<void>,
): void {
  Deno.test({
    name: `client menu: ${name}`,
    ignore: !hasPty,
    async fn(): Promise<void> {
      await using server = await startTestServer({ limits: UNHURRIED });
      await using home = await Home.create();
      await fn({ server, home });
    },
  });
}

test("a beginner sends, reads, sees rooms, searches, asks, and reads the answer", async (scene) => {
  const { server, home } = scene;
  const operator = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  await operator.ask({ type: "hello", version: 1, auth, idle_ms: 0 });
  await operator.ask({ type: "join", room: "ops", create: true });
  await operator.ask({ type: "message", room: "ops", content: "disk full on db3" });
  await using terminal = Terminal.start({ home, args: ["menu", ...at(server)] });
  await terminal.untilSeen(" 1  Send a message");
  await answer(terminal, [MENU, "1"], ["(Enter alone: lobby):", ""], ["Message:", "hello all"]);
  await answer(terminal, ["Your name:", "admin"], ["Your name:", "ada"]);
  await terminal.untilSeen("Sent to lobby");
  await answer(terminal, [MENU, "2"], ["(Enter alone: lobby):", ""]);
  await terminal.untilSeen("ada: hello all");
  await answer(terminal, [MENU, "3"]);
  await terminal.untilSeen("#ops · 1 member");
  await answer(terminal, [MENU, "4"], ["Words to find", "disk full"]);
  await terminal.untilSeen("#ops admin: disk full on db3");
  await answer(terminal, [MENU, "4"], ["Words to find", "nowhere"]);
  await terminal.untilSeen("No message has nowhere");
  await answer(terminal, [MENU, "6"]);
  await terminal.untilSeen("You have asked nothing yet");
  await answer(terminal, [MENU, "5"], ["Your question:", "may I reboot db3?"]);
  await terminal.untilSeen("Asked as ?1");
  await answer(terminal, [MENU, "6"]);
  await terminal.untilSeen("?1 has no answer yet");
  await operator.ask({ type: "respond", inquiry: 1, content: "yes, at ten", cid: "c1" });
  await answer(terminal, [MENU, "6"]);
  await terminal.untilSeen("1 question, with something new");
  await terminal.untilSeen("admin: yes, at ten");
  await answer(terminal, [MENU, "99"]);
  await terminal.untilSeen('There is no "99": type a number from 0 to 10');
  await answer(terminal, [MENU, "0"]);
  assertEquals(await terminal.code(), 0);
  const shown = terminal.screen.all.join("\n");
  assert(!/no_such|auth_failed|name_taken|bad_field/.test(shown), shown);
});

test("a guest registers, another device logs in, and goes into the chat and back", async (scene) => {
  const { server, home } = scene;
  const password = "correct horse battery";
  {
    await using terminal = Terminal.start({ home, args: ["menu", "--name", "ada", ...at(server)] });
    await answer(terminal, [MENU, "10"], ["New password:", password], ["again:", password]);
    await terminal.untilSeen("ada is your account now");
    await answer(terminal, [MENU, "q"]);
    assertEquals(await terminal.code(), 0);
    assertEquals(terminal.raw.includes(password), false);
  }
  await using device = await Home.create();
  await using terminal = Terminal.start({ home: device, args: ["menu", ...at(server)] });
  await answer(terminal, [MENU, "8"], ["Your name:", "ada"], ["Password:", "not this one"]);
  await terminal.untilSeen("! ");
  await answer(terminal, [MENU, "8"], ["Your name:", "ada"], ["Password:", password]);
  await terminal.untilSeen("You are ada (member)");
  await answer(terminal, [MENU, "7"], ["(Enter alone: lobby):", ""]);
  await terminal.untilLast("#lobby>");
  await terminal.type("from the line", KEYS.enter);
  await terminal.untilSeen("ada: from the line");
  await terminal.type("/quit", KEYS.enter);
  await answer(terminal, [MENU, "0"]);
  assertEquals(await terminal.code(), 0);
  assertEquals(terminal.isRestored, true);
});

test("with --plain no sign and no control sequence is written", async ({ server, home }) => {
  const args = ["menu", "--plain", "--name", "ada", ...at(server)];
  await using terminal = Terminal.start({ home, args });
  await answer(terminal, [MENU, "1"], ["(Enter alone: lobby):", ""], ["Message:", "hello"]);
  await terminal.untilSeen("- Sent to lobby");
  await answer(terminal, [MENU, "3"], [MENU, "2"], ["(Enter alone: lobby):", "no room"]);
  await answer(terminal, ["(Enter alone: lobby):", "nowhere"]);
  await terminal.untilSeen("- Error: ");
  await answer(terminal, [MENU, "0"]);
  assertEquals(await terminal.code(), 0);
  const ours = terminal.raw.slice(terminal.raw.indexOf("- ada on"));
  assertEquals(/[^\r\n\x20-\x7e]/.exec(ours)?.[0], undefined, JSON.stringify(ours));
});

test("a server that is away ends nothing, and the text is offered again", async ({ home }) => {
  const gone = await startTestServer();
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  const args = ["menu", "--name", "ada", ...at({ port })];
  await using terminal = Terminal.start({ home, args });
  await answer(terminal, [MENU, "1"], ["(Enter alone: lobby):", ""], ["Message:", "dear all"]);
  await terminal.untilSeen("! ");
  await answer(terminal, [MENU, "1"], ["(Enter alone: lobby):", ""]);
  await untilAsked(terminal, "Message (Enter alone: the one that was not sent):");
  await terminal.type(KEYS.end);
  await untilAsked(terminal, MENU);
  await terminal.type(KEYS.interrupt);
  assertEquals(await terminal.code(), 130);
});

Deno.test("client menu: without a terminal it is 64 and one line", async () => {
  await using home = await Home.create();
  const { code, out, err } = await runClient({ home, args: ["menu"], stdin: "1\n" });
  assertEquals([code, out], [64, ""]);
  assertStringIncludes(err, "! menu needs a terminal");
  assertEquals(err.trimEnd().split("\n").length, 1);
});
