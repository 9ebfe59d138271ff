// `join` and `logout` by the real program against the real server.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Finished, Home, runClient } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly home: Home;
  /** A code that the administrator creates. */
  code(more?: Readonly<Record<string, unknown>>): Promise<string>;
  run(args: readonly string[], stdin?: string): Promise<Finished>;
}

async function open(): Promise<Scene> {
  const server = await startTestServer();
  const home = await Home.create();
  const admin = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  await admin.ask({ type: "hello", version: 1, auth, idle_ms: 0 });
  return {
    server,
    home,
    code: async (more = {}) => (await admin.ask({ type: "code", kind: "join", ...more })).code,
    run: (args, stdin) => {
      const at = ["--server", `127.0.0.1:${server.port}`];
      return runClient({ home, args: [...args, ...at], ...(stdin === undefined ? {} : { stdin }) });
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await home[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The file of the token that is kept for a name. */
function tokenFile({ home, server }: Scene, name: string): string {
  return `${home.path}/.config/parley/tokens/127.0.0.1%3A${server.port}/${name}.json`;
}

function isKept(scene: Scene, name: string): boolean {
  try {
    return ((Deno.statSync(tokenFile(scene, name)).mode ?? 0) & 0o777) === 0o600;
  } catch {
    return false;
  }
}

Deno.test("client join: a code makes an account, however it is typed, and later runs are that user", async () => {
  await using scene = await open();
  const code = await scene.code({ rooms: ["lobby"] });
  const typed = code.toLowerCase().replace(/(.{4})(?=.)/g, "$1-");
  const joined = await scene.run(["join", typed, "--name", "ada"]);
  assertEquals([joined.code, joined.out], [0, ""], joined.err);
  assertStringIncludes(joined.err, "The code is by admin: it makes a member account in #lobby");
  assertStringIncludes(joined.err, "You are ada (member)");
  assertEquals(isKept(scene, "ada"), true);
  const sent = await scene.run(["send", "lobby", "hello"]);
  assertEquals([sent.code, sent.err], [0, ""]);
  const again = await scene.run(["join", code, "--name", "bob"]);
  assertEquals([again.code, again.out], [77, ""]);
  assertEquals(isKept(scene, "bob"), false);
});

Deno.test("client join: from stdin, with a name that is taken, without a name, with no code", async () => {
  await using scene = await open();
  const other = await scene.server.connect();
  await other.hello("bob");
  const code = await scene.code();
  const cases: readonly (readonly [string[], string | undefined, number, string])[] = [
    [["join", "--name", "bob"], code, 1, "--name gives another"],
    [["join"], code, 64, "The new account needs a name"],
    [["join", "--name", "ada"], "", 64, "No code was given"],
    [["join", "--name", "ada"], undefined, 64, "No code was given"],
    [["join", "--name", "ada"], `${code}\n${code}`, 64, "several lines"],
    [["join", "0".repeat(16), "--name", "ada"], undefined, 77, "code"],
    [["join", "no such code", "--name", "ada"], undefined, 64, "neither a code"],
    [["join", `<parley://127.0.0.1/${code}>`, "--name", "ada"], undefined, 64, "neither a code"],
    [["join", "--password-stdin", "--name", "ada"], "x", 64, "needs the code"],
  ];
  for (const [args, stdin, exit, says] of cases) {
    const finished = await scene.run(args, stdin);
    assertEquals([finished.code, finished.out], [exit, ""], finished.err);
    assertStringIncludes(finished.err, says);
  }
  assertEquals((await scene.run(["join", "--name", "ada"], `${code}\n`)).code, 0, "still unused");
});

Deno.test({
  name:
    "client join: in a terminal the name is asked for, again when it is taken; no password is a choice",
  ignore: !hasPty,
  fn: async () => {
    await using scene = await open();
    const other = await scene.server.connect();
    await other.hello("bob");
    const code = await scene.code();
    const args = ["join", "--server", `127.0.0.1:${scene.server.port}`];
    await using terminal = Terminal.start({ home: scene.home, args });
    await terminal.untilSeen("Code:");
    await terminal.type(code, KEYS.enter);
    await terminal.untilSeen("Your name:");
    await terminal.type("bob", KEYS.enter);
    await terminal.untilSeen("Enter alone for none");
    await terminal.type(KEYS.enter, KEYS.enter);
    await terminal.untilSeen("! ");
    await terminal.type("ada", KEYS.enter);
    await terminal.until(
      "the question again",
      ({ all }) => all.filter((row) => row.includes("Enter alone for none")).length === 2,
    );
    await terminal.type(KEYS.enter, KEYS.enter);
    await terminal.untilSeen("You are ada (member)");
    assertEquals(await terminal.code(), 0);
    assertEquals(terminal.raw.includes(code), false, "the code is not shown");
    assertEquals(isKept(scene, "ada"), true);
  },
});

Deno.test("client logout: ends the token here and there; a token that has ended is forgotten", async () => {
  await using scene = await open();
  assertEquals((await scene.run(["join", await scene.code(), "--name", "ada"])).code, 0);
  const { token } = JSON.parse(Deno.readTextFileSync(tokenFile(scene, "ada")));
  const out = await scene.run(["logout"]);
  assertEquals([out.code, out.out], [0, ""], out.err);
  assertStringIncludes(out.err, "ada is logged out");
  assertEquals(isKept(scene, "ada"), false);
  const reader = await scene.server.connect();
  const auth = { method: "token", token };
  assertEquals((await reader.ask({ type: "hello", version: 1, auth })).code, "auth_failed");
  const none = await scene.run(["logout"]);
  assertEquals([none.code, none.out], [64, ""]);
  assertStringIncludes(none.err, "No token is kept for ada");
  await Deno.writeTextFile(
    tokenFile(scene, "ada"),
    JSON.stringify({ server: `127.0.0.1:${scene.server.port}`, name: "ada", token }),
  );
  assertEquals((await scene.run(["logout"])).code, 0);
  assertEquals(isKept(scene, "ada"), false);
});
