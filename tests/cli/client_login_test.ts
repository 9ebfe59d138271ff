// `login` and `register` by the real program against the real server, and the same in the live line.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { files, type Finished, Home, runClient } from "../support/processes/client_process.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const PASSWORD = "correct horse";
const OTHER = "battery staple";

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
  readonly home: Home;
  run(args: readonly string[], stdin?: string): Promise<Finished>;
  /** Whether the password opens the account, as another device. */
  opens(name: string, password: string): Promise<boolean>;
}

async function open(): Promise<Scene> {
  const server = await startTestServer();
  const home = await Home.create();
  return {
    server,
    home,
    run: (args, stdin) => {
      const at = ["--server", `127.0.0.1:${server.port}`];
      return runClient({ home, args: [...args, ...at], ...(stdin === undefined ? {} : { stdin }) });
    },
    async opens(name, password): Promise<boolean> {
      const client = await server.connect();
      const auth = { method: "password", name, password };
      return (await client.ask({ type: "hello", version: 1, auth })).type === "welcome";
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await home[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Every text below the home. */
function texts({ home }: Scene): string {
  return files(home.path).map((path) => Deno.readTextFileSync(path)).join("\n");
}

Deno.test("client register: the guest that one is becomes an account, and keeps its rooms", async () => {
  await using scene = await open();
  assertEquals((await scene.run(["send", "lobby", "as a guest", "--name", "ada"])).code, 0);
  const done = await scene.run(["register", "--name", "ada"], `${PASSWORD}\n`);
  assertEquals([done.code, done.out], [0, ""], done.err);
  assertStringIncludes(done.err, "ada is your account now (member)");
  assertEquals(await scene.opens("ada", PASSWORD), true);
  assertEquals((await scene.run(["send", "lobby", "as a member"])).code, 0);
  const reader = await scene.server.connect();
  await reader.hello("reader");
  const { events } = await reader.ask({ type: "history", room: "lobby", limit: 10 });
  assertEquals(events[0].user, events[1].user);
  const again = await scene.run(["register", "--name", "ada"], PASSWORD);
  assertEquals([again.code, again.out], [1, ""]);
  assertStringIncludes(again.err, "You have an account already");
  assertEquals(texts(scene).includes(PASSWORD), false);
});

Deno.test("client login: by name and password, on another device; what is wrong keeps nothing", async () => {
  await using scene = await open();
  assertEquals((await scene.run(["register", "--name", "ada"], PASSWORD)).code, 0);
  await using home = await Home.create();
  const login = (args: readonly string[], stdin?: string) => {
    const at = ["--server", `127.0.0.1:${scene.server.port}`];
    const piped = stdin === undefined ? {} : { stdin };
    return runClient({ home, args: ["login", ...args, ...at], ...piped });
  };
  const cases: readonly (readonly [string[], string | undefined, number, string])[] = [
    [["ada"], OTHER, 77, "Wrong name or password"],
    [["nobody"], PASSWORD, 77, "Wrong name or password"],
    [["ada"], "", 64, "No password was given"],
    [["ada"], undefined, 64, "No password was given"],
    [["ada"], `${PASSWORD}\n${PASSWORD}`, 64, "several lines"],
    [["b!b"], PASSWORD, 64, "is no name"],
    [[], PASSWORD, 64, "A name is needed"],
  ];
  for (const [args, stdin, code, says] of cases) {
    const finished = await login(args, stdin);
    assertEquals([finished.code, finished.out], [code, ""], finished.err);
    assertStringIncludes(finished.err, says);
  }
  assertEquals(files(`${home.path}/.config/parley`), []);
  const done = await login(["ada"], PASSWORD);
  assertEquals([done.code, done.out], [0, ""], done.err);
  assertStringIncludes(done.err, "You are ada (member)");
  const at = ["--server", `127.0.0.1:${scene.server.port}`];
  assertEquals((await runClient({ home, args: ["send", "lobby", "hello", ...at] })).err, "");
});

Deno.test("client login: a device whose token has ended says how to log in again, and is nobody else", async () => {
  await using scene = await open();
  assertEquals((await scene.run(["register", "--name", "ada"], PASSWORD)).code, 0);
  assertEquals((await scene.run(["send", "lobby", "one"])).code, 0);
  const client = await scene.server.connect();
  const auth = { method: "password", name: "ada", password: PASSWORD };
  await client.ask({ type: "hello", version: 1, auth });
  const { tokens } = await client.ask({ type: "tokens" });
  await client.ask({ type: "revoke", token: tokens[0].token });
  const refused = await scene.run(["send", "lobby", "two"]);
  assertEquals([refused.code, refused.out], [77, ""], refused.err);
  assertStringIncludes(refused.err, "You are logged out as ada");
  assertStringIncludes(refused.err, "client login ada");
  assertEquals((await scene.run(["login"], PASSWORD)).code, 0);
  assertEquals((await scene.run(["send", "lobby", "three"])).code, 0);
});

Deno.test("client register: bad passwords are refused here, and no guest is left behind", async () => {
  await using scene = await open();
  for (
    const [stdin, says] of [["", "empty"], ["short", "at least 8"], ["a\tb\tc\td\te", "control"]]
  ) {
    const { code, out, err } = await scene.run(["register", "--name", "ada"], stdin);
    assertEquals([code, out], [64, ""], err);
    assertStringIncludes(err, says ?? "");
  }
  assertEquals(files(`${scene.home.path}/.config/parley`), []);
});

function test(name: string, work: () => Promise<void>): void {
  Deno.test({ name: `client terminal: ${name}`, ignore: !hasPty, fn: work });
}

test("/register, /password and /login ask unseen; no file and no screen has a password", async () => {
  await using scene = await open();
  const args = ["--name", "ada", "--server", `127.0.0.1:${scene.server.port}`];
  {
    await using terminal = Terminal.start({ home: scene.home, args });
    await terminal.untilLast("#lobby>");
    await terminal.type("/register", KEYS.enter);
    await terminal.untilLast("New password:");
    await terminal.type(PASSWORD, KEYS.enter);
    await terminal.untilLast("The same again:");
    await terminal.type(PASSWORD, KEYS.enter);
    await terminal.untilSeen("ada is your account now");
    await terminal.untilLast("#lobby>");
    await terminal.type("/help", KEYS.enter);
    await terminal.untilSeen("/password");
    assertEquals(await scene.opens("ada", PASSWORD), true);
    await terminal.type("/password", KEYS.enter, PASSWORD, KEYS.enter);
    await terminal.untilLast("New password:");
    await terminal.type(OTHER, KEYS.enter, OTHER, KEYS.enter);
    await terminal.untilSeen("Your password is changed");
    assertEquals(await scene.opens("ada", OTHER), true);
    // Typed into the line by mistake.
    await terminal.type(`/password ${OTHER}`, KEYS.enter);
    await terminal.untilSeen("asked for unseen");
    await terminal.type(KEYS.up);
    await terminal.untilLast("#lobby> /password");
    await terminal.type("\x15/quit", KEYS.enter);
    assertEquals(await terminal.code(), 0);
    const shown = terminal.raw.replaceAll(`/password ${OTHER}`, "");
    assertEquals(shown.includes(PASSWORD), false);
  }
  assertEquals([PASSWORD, OTHER].some((secret) => texts(scene).includes(secret)), false);
});

test("a name that is an account's is asked for again, with the way in for its owner", async () => {
  await using scene = await open();
  assertEquals((await scene.run(["register", "--name", "ada"], PASSWORD)).code, 0);
  await using home = await Home.create();
  const args = ["--server", `127.0.0.1:${scene.server.port}`];
  await using terminal = Terminal.start({ home, args });
  await terminal.untilSeen("Your name:");
  await terminal.type("ada", KEYS.enter);
  await terminal.untilSeen("if it is yours: client login ada");
  await terminal.type("bob", KEYS.enter);
  await terminal.untilLast("#lobby>");
});

test("/login goes on as the account, in the same room; later runs are that user", async () => {
  await using scene = await open();
  assertEquals((await scene.run(["register", "--name", "ada"], PASSWORD)).code, 0);
  await using home = await Home.create();
  const args = ["--name", "guest-one", "--server", `127.0.0.1:${scene.server.port}`];
  await using terminal = Terminal.start({ home, args });
  await terminal.untilLast("#lobby>");
  await terminal.type("/login ada", KEYS.enter);
  await terminal.untilLast("Password:");
  await terminal.type(OTHER, KEYS.enter);
  await terminal.untilSeen("! Wrong name or password");
  await terminal.untilLast("#lobby>");
  await terminal.type("/login ada", KEYS.enter);
  await terminal.untilLast("Password:");
  await terminal.type(PASSWORD, KEYS.enter);
  await terminal.untilSeen("You are ada (member)");
  await terminal.untilLast("#lobby>");
  await terminal.type("hello from ada", KEYS.enter);
  await terminal.untilSeen("ada: hello from ada");
  Deno.kill(terminal.pid, "SIGTERM");
  assertEquals(await terminal.code(), 143);
  assertEquals(terminal.isRestored, true);
  assertEquals(JSON.parse(Deno.readTextFileSync(`${home.path}/.local/state/parley/name.json`)), {
    name: "ada",
    chosen: true,
  });
});
