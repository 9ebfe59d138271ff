// The live line, by the real program in a pseudo-terminal.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { files, Home } from "../support/processes/client_process.ts";
import { FakeListener } from "../support/clients/fake_listener.ts";
import { message } from "../support/clients/fake_peer.ts";
import { hasPty, KEYS, pasted, Terminal, type TerminalOptions } from "../support/terminals/pty.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { Relay } from "../support/clients/relay.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "../support/server.ts";
import { pause } from "../support/waiting.ts";

const UNLIMITED = {
  messages_burst: 100_000,
  messages_per_s: 100_000,
  bytes_burst: 1e9,
  bytes_per_s: 1e9,
};

/** The lobby, empty. */
const ROOM = { type: "room", room: "lobby", topic: "", first: 1, last: 0, read: 0, count: 1 };

interface Place extends AsyncDisposable {
  readonly server: TestServer;
  readonly home: Home;
  readonly terminal: Terminal;
  /** Somebody else in the lobby. */
  readonly bob: RawClient;
}

/** A person called ada in the lobby, and bob, who speaks there. */
async function enter(
  { limits, ...more }: Partial<TerminalOptions> & Pick<TestServerOptions, "limits"> = {},
): Promise<Place> {
  const server = await startTestServer({ limits: { ...UNLIMITED, ...limits } });
  const home = await Home.create();
  const bob = await server.connect();
  await bob.hello("bob", { idle_ms: 0 });
  const args = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
  const terminal = Terminal.start({ home, args, ...more });
  await terminal.untilLast("#lobby>");
  return {
    server,
    home,
    terminal,
    bob,
    async [Symbol.asyncDispose](): Promise<void> {
      await terminal[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function say(bob: RawClient, content: string): Promise<unknown> {
  return bob.ask({ type: "message", room: "lobby", content });
}

/** What was said in the lobby. */
async function printed({ bob }: Place): Promise<readonly string[]> {
  const page = await bob.ask({ type: "history", room: "lobby", limit: 100 });
  return page.events.map(({ content }: { content: string }) => content);
}

/** Rows as one text without blanks: where a row is broken, a blank may have gone. */
function flow(rows: readonly string[]): string {
  return rows.join("").replaceAll(" ", "");
}

function test(name: string, work: () => Promise<void>): void {
  Deno.test({ name: `client terminal: ${name}`, ignore: !hasPty, fn: work });
}

test("what is said stands there once, and the line is free again", async () => {
  await using place = await enter();
  const { terminal } = place;
  await terminal.type("hello there", KEYS.enter);
  await terminal.untilSeen("ada: hello there");
  await terminal.untilLast("#lobby>");
  const rows = terminal.screen.all.filter((row) => row.includes("hello there"));
  assertEquals(rows.length, 1, rows.join("\n"));
  assertEquals(await printed(place), ["hello there"]);
});

test("text that arrives while one types never tears the line", async () => {
  await using place = await enter();
  const { terminal, bob } = place;
  const typed = "a line that is so long that it wraps, 日本語 and all, because it has more than " +
    "eighty columns";
  await terminal.type(typed, KEYS.left, KEYS.left, KEYS.left);
  await terminal.until("the typed line", ({ all }) => flow(all).endsWith(flow([typed])));
  const before = terminal.screen.all.slice(-2);
  for (let n = 1; n <= 30; n++) {
    await say(bob, n % 3 === 0 ? `burst ${n}\nsecond row` : `burst ${n}`);
    if (n % 10 !== 0) continue;
    await terminal.untilSeen(`burst ${n}`);
    await terminal.until("the line untorn", ({ all }) => all.slice(-2).join() === before.join());
  }
  await terminal.type("XY", KEYS.enter);
  const whole = typed.slice(0, -3) + "XY" + typed.slice(-3);
  // A message that is longer than a row goes on behind a bar.
  const shown = flow([`ada: ${whole}`]);
  await terminal.until("the message", ({ all }) => flow(all).replaceAll("│", "").includes(shown));
  assertEquals((await printed(place)).at(-1), whole);
  const bursts = terminal.screen.all.filter((row) => /bob: burst \d+$/.test(row));
  const numbers = bursts.map((row) => Number(row.replace(/^.*burst /, "")));
  assertEquals(numbers, Array.from({ length: 30 }, (_, i) => i + 1));
});

test("a burst is drawn at most twenty times a second, and whole", async () => {
  await using place = await enter();
  const { terminal, bob } = place;
  await terminal.type("half a line");
  await terminal.untilLast("#lobby> half a line");
  const drawn = terminal.raw.length;
  const began = performance.now();
  // Each by itself, so that each could be drawn by itself; then many at once.
  for (let n = 0; n < 200; n++) await say(bob, `flood ${n}`);
  const lines = Array.from({ length: 1_800 }, (_, n) => {
    return { type: "message", id: n, room: "lobby", content: `flood ${200 + n}` };
  });
  await bob.send(...lines);
  for (const _ of lines) await bob.until("ok");
  await terminal.untilSeen("flood 1999");
  const seconds = (performance.now() - began) / 1_000;
  const redraws = terminal.raw.slice(drawn).split("#lobby>").length - 1;
  assert(redraws <= 2 + 20 * seconds, `${redraws} redraws in ${seconds} s`);
  const seen = terminal.screen.all.filter((row) => /bob: flood \d+$/.test(row));
  assertEquals(seen.length, 2_000);
  await terminal.untilLast("#lobby> half a line");
});

test("a paste is never sent before Enter, and then as one message", async () => {
  await using place = await enter();
  const { terminal } = place;
  const text = "first line\nsecond line\n\tthird\n";
  await terminal.type("see: ", pasted(text));
  await terminal.untilLast("#lobby> see: [paste 1: 3 lines]");
  await terminal.type(pasted("one short line\n"));
  await terminal.untilLast("#lobby> see: [paste 1: 3 lines]one short line");
  assertEquals(await printed(place), []);
  await terminal.type(KEYS.enter);
  await terminal.untilSeen("ada: see: first line");
  assertEquals(await printed(place), ["see: first line\nsecond line\n\tthirdone short line"]);
});

test("a misspelt command is not sent, its nearest is named; commands show what they find", async () => {
  await using place = await enter();
  const { terminal } = place;
  await terminal.type("/jion ops", KEYS.enter);
  await terminal.untilSeen("did you mean /join?");
  await terminal.type("/join ops", KEYS.enter);
  await terminal.untilSeen("/create ops creates it");
  await terminal.type("/create ops", KEYS.enter);
  await terminal.untilLast("#ops>");
  await terminal.type("/who", KEYS.enter, "/rooms", KEYS.enter);
  await terminal.untilSeen("#ops here: ada (guest)");
  await terminal.untilSeen("#lobby · 1 member · joined");
  await terminal.type("/leave", KEYS.enter);
  await terminal.untilLast("#lobby>");
  assertEquals(await printed(place), []);
});

test("Tab completes a command, also for one who types on at once", async () => {
  await using place = await enter();
  const { terminal } = place;
  await terminal.type("/cr", KEYS.tab, " ops", KEYS.enter);
  await terminal.untilLast("#ops>");
  await terminal.type("/h", KEYS.tab, KEYS.tab);
  await terminal.untilSeen("/help");
  await terminal.untilLast("#ops> /h");
});

test("a refusal is told with its reason, and the text is not lost", async () => {
  await using place = await enter();
  const { terminal } = place;
  await terminal.type(pasted("x".repeat(40_000)), KEYS.enter);
  await terminal.untilSeen("Enter sends it as one message");
  await terminal.type(KEYS.enter);
  await terminal.untilSeen("! not sent: The text is too long");
  await terminal.untilLast("#lobby>");
});

test("/quit and Ctrl-D leave with 0, Ctrl-C twice with 130; the terminal is as it was", async () => {
  const ways = [
    { keys: ["/quit", KEYS.enter], code: 0 },
    { keys: [KEYS.end], code: 0 },
    { keys: [KEYS.interrupt, KEYS.interrupt], code: 130 },
  ];
  for (const { keys, code } of ways) {
    await using place = await enter();
    const { terminal } = place;
    await terminal.type(...keys);
    assertEquals(await terminal.code(), code, JSON.stringify(keys));
    assertEquals(terminal.isRestored, true, JSON.stringify(keys));
  }
});

test("last words before /quit are stored", async () => {
  await using place = await enter();
  const { terminal, home } = place;
  await terminal.type("last words", KEYS.enter, "/quit", KEYS.enter);
  assertEquals(await terminal.code(), 0);
  assertEquals(await printed(place), ["last words"]);
  assertEquals(home.outbox(), []);
});

test("Ctrl-C clears the line first; Ctrl-D does nothing to a line that is not empty", async () => {
  await using place = await enter();
  const { terminal } = place;
  await terminal.type("unfinished", KEYS.end);
  await terminal.untilLast("#lobby> unfinished");
  await terminal.type(KEYS.interrupt);
  await terminal.untilLast("#lobby>");
  await terminal.type("finished", KEYS.enter);
  await terminal.untilSeen("ada: finished");
  assertEquals(await printed(place), ["finished"]);
});

test("the terminal is as it was after a signal", async () => {
  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 130]] as const) {
    await using place = await enter();
    const { terminal } = place;
    await terminal.type("half a line");
    await terminal.untilLast("#lobby> half a line");
    Deno.kill(terminal.pid, signal);
    assertEquals(await terminal.code(), code, signal);
    assertEquals(terminal.isRestored, true, signal);
  }
});

test("a line that a signal ends stands there in the next run, and no half-written file is left", async () => {
  for (const signal of ["SIGHUP", "SIGTERM"] as const) {
    await using place = await enter();
    const { home, server, terminal } = place;
    await terminal.type(`half a line ${signal}`);
    await terminal.untilLast(`#lobby> half a line ${signal}`);
    Deno.kill(terminal.pid, signal);
    await terminal.code();
    const drafts = files(`${home.path}/.local/state/parley/drafts`);
    assertEquals(drafts.map((path) => path.slice(path.lastIndexOf("/") + 1)), ["lobby.json"]);
    const args = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
    await using next = Terminal.start({ home, args });
    await next.untilLast(`#lobby> half a line ${signal}`);
  }
});

test("the terminal is as it was when the server breaks the protocol, which is 76", async () => {
  await using home = await Home.create();
  using listener = new FakeListener();
  const args = ["--name", "ada", "--server", listener.address];
  await using terminal = Terminal.start({ home, args });
  const peer = await listener.accept();
  await peer.hello();
  await peer.answer("join", ROOM);
  await terminal.untilLast("#lobby>");
  await peer.send("HTTP/1.1 502 Bad Gateway\r\n");
  assertEquals(await terminal.code(), 76);
  assertEquals(terminal.isRestored, true);
  await terminal.untilSeen("! The server broke the protocol");
});

test("what is typed while the server is away is sent once, when it is back, in order", async () => {
  const directory = await Deno.makeTempDir({ prefix: "parley-away-" });
  await using home = await Home.create();
  await using relay = new Relay();
  const args = ["--name", "ada", "--server", `127.0.0.1:${relay.port}`];
  await using terminal = await (async () => {
    await using server = await startTestServer({ directory });
    relay.target = server.port;
    const terminal = Terminal.start({ home, args });
    await terminal.untilLast("#lobby>");
    await terminal.type("before", KEYS.enter);
    await terminal.untilSeen("ada: before");
    relay.target = undefined;
    relay.cut();
    await terminal.untilLast("#lobby (offline)>");
    return terminal;
  })();
  await terminal.type("one", KEYS.enter, "two", KEYS.enter);
  await terminal.untilSeen("… two");
  // Shown at once, and kept a moment later.
  await home.untilKept(2);
  {
    await using server = await startTestServer({ directory });
    relay.target = server.port;
    await terminal.untilSeen("── Connected again");
    await terminal.untilSeen("ada: two");
    await terminal.untilLast("#lobby>");
    const bob = await server.connect();
    await bob.hello("bob", { idle_ms: 0 });
    const { events } = await bob.ask({ type: "history", room: "lobby" });
    const texts = events.map(({ content }: { content: string }) => content);
    assertEquals(texts, ["before", "one", "two"]);
    await terminal.type("/quit", KEYS.enter);
    assertEquals(await terminal.code(), 0);
    assertEquals(home.outbox(), []);
  }
  await Deno.remove(directory, { recursive: true });
});

test("whatever a hostile server says, in any field, it is only ever shown", async () => {
  const evil = "\x1b[2J\x1b]52;c;cm0=\x07\x1bP1$r\x1b\\\x9b31m\x9d0;x\x9c\x1b[6n\r\x08\x7f" +
    "\u202e\u200b\n── forged";
  await using home = await Home.create();
  using listener = new FakeListener();
  const args = ["--name", "ada", "--server", listener.address];
  await using terminal = Terminal.start({ home, args });
  const peer = await listener.accept();
  const rooms = [{ room: evil, first: 1, last: 4, topic: evil, unread: 2 }];
  await peer.hello({ server: evil, you: { user: 1, name: evil, role: "guest" }, rooms });
  await peer.answer("resume", { type: "resumed", rooms: [{ room: evil, error: "no_such_room" }] });
  await peer.answer("join", { ...ROOM, room: evil, topic: evil, last: 3 });
  const event = { room: evil, from: evil, content: evil };
  const page = { type: "page", room: evil, more_before: true, more_after: false };
  await peer.answer("history", { ...page, events: [message(3, event)] });
  await peer.send(
    message(4, event),
    { type: "joined", room: evil, user: 2, from: evil, time: 1 },
    { type: "error", code: "internal", message: evil },
  );
  await terminal.untilSeen("forged joined");
  await peer.answer("read", { type: "ok", room: evil });
  await terminal.type("/rooms", KEYS.enter, "/who", KEYS.enter);
  await peer.answer("rooms", { type: "rooms", rooms, more: false });
  const members = [{ user: 3, name: evil, role: "member", here: true }];
  await peer.answer("members", { type: "members", room: evil, members, more: false });
  await terminal.untilSeen("here:");
  await peer.send({ type: "bye", code: "kicked", message: evil, reconnect: false });
  assertEquals(await terminal.code(), 1);
  for (const row of terminal.screen.all) assertEquals(row.startsWith("── forged"), false, row);
  assertEquals(terminal.isRestored, true);
});

test("a narrow and low screen works too", async () => {
  await using place = await enter({ columns: 20, rows: 5 });
  const { terminal, bob } = place;
  await terminal.type("a line that wraps twice over");
  await say(bob, "short");
  await terminal.untilSeen("bob: short");
  await terminal.until("the line", ({ all }) => {
    return flow(all.slice(-2)) === flow(["#lobby> a line that wraps twice over"]);
  });
});

test("a window made narrower and wider tears nothing", async () => {
  await using place = await enter();
  const { terminal, bob } = place;
  const typed =
    "a line that is long enough to be broken in one window or another, not in all of them";
  await terminal.type(typed);
  await terminal.until("the line", ({ all }) => flow(all).endsWith(flow([typed])));
  const widths = [40, 100, 33, 80, 20, 120];
  for (const columns of widths) {
    await terminal.resize(columns);
    await say(bob, `now ${columns}`);
    await terminal.untilSeen(`bob: now ${columns}`);
    await terminal.until("the line", ({ all }) => flow(all).endsWith(flow([`#lobby> ${typed}`])));
  }
  const rows = terminal.screen.all;
  const seen = rows.filter((row) => row.includes("bob: now ")).map((row) => row.slice(15));
  assertEquals(seen, widths.map((columns) => `${columns}`));
  assertEquals(flow(rows).split("#lobby>").length - 1, 1, rows.join("\n"));
});

test("nobody's text begins a row, however wide the window is and becomes", async () => {
  await using place = await enter();
  const { terminal, bob } = place;
  const forgery = "! internal fault 7f3a: the server is gone";
  const head = "00:00 bob: ".length;
  for (const columns of [80, 40, 26]) {
    // To the end of the first row, and of the second one of a window that is half as wide.
    await say(bob, `${" ".repeat(columns - head)}${forgery}`);
    await say(bob, `${" ".repeat(2 * columns - head)}${forgery}\n${forgery}`);
  }
  for (const columns of [40, 26, 20, 9, 80, 33]) {
    await terminal.resize(columns);
    await say(bob, `now ${columns}`);
    await terminal.until(
      "each row begins as the program lets it",
      ({ lines }) =>
        lines.join("").includes(`${columns}`) &&
        lines.every((row) => /^(?:\d|[ │]|── |! Ctrl|#lobby>|#|ada@127|$)/.test(row)),
    );
  }
  const seen = terminal.screen.all.filter((row) => row.startsWith("! "));
  assertEquals(seen, []);
});

test("a terminal that nobody reads does not keep the client from its server's pings", async () => {
  const idleMs = 3_000;
  await using place = await enter({ limits: { idle_ms: idleMs, ping_ms: 500 } });
  const { terminal, bob, server } = place;
  const { accepted } = server.server.counters();
  terminal.pause();
  const begun = performance.now();
  // More than the terminal holds, for longer than the server bears silence. Not faster than a client
  // can read on a busy machine: a ping behind too many messages would be answered too late, too.
  for (let n = 0; n < 400 || performance.now() - begun < 2 * idleMs; n++) {
    await say(bob, `${n} ${"x".repeat(1_500)}`);
    if (n >= 400) await pause(20);
  }
  const { accepted: acceptedSince, sessions } = server.server.counters();
  assertEquals([acceptedSince, sessions], [accepted, 2], "the client was away");
  terminal.resume();
  await say(bob, "and on it goes");
  await terminal.untilSeen("bob: and on it goes");
  await terminal.untilLast("#lobby>");
  assert(terminal.screen.all.some((row) => /^! \d+ lines not shown/.test(row)));
});

test("lines of earlier runs come back with the arrow keys", async () => {
  await using place = await enter();
  const { terminal, home, server } = place;
  await terminal.type("remember me", KEYS.enter, " but not me", KEYS.enter);
  await terminal.untilSeen("but not me");
  await terminal.type("/quit", KEYS.enter);
  await terminal.code();
  const args = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
  await using again = Terminal.start({ home, args });
  await again.untilLast("#lobby>");
  await again.type(KEYS.up, KEYS.up);
  await again.untilLast("#lobby> remember me");
});

test("the first run asks for a name, and the next one knows it", async () => {
  await using server = await startTestServer();
  await using home = await Home.create();
  const args = ["--server", `127.0.0.1:${server.port}`];
  {
    await using terminal = Terminal.start({ home, args });
    await terminal.untilLast("Your name:");
    await terminal.type("x y\n");
    await terminal.untilSeen("A name is 2 to 32");
    await terminal.type("cleo\n");
    await terminal.untilSeen("You are cleo (guest)");
    await terminal.type("/quit", KEYS.enter);
    assertEquals(await terminal.code(), 0);
  }
  await using terminal = Terminal.start({ home, args });
  await terminal.untilSeen("You are cleo (guest)");
  assertStringIncludes(terminal.screen.all.join("\n"), "/help lists the commands");
});

test("two terminals of one person follow each other into rooms, out of them, and to the desk", async () => {
  await using place = await enter();
  const { server, home, terminal, bob } = place;
  const args = ["--name", "ada", "--server", `127.0.0.1:${server.port}`];
  await using second = Terminal.start({ home, args });
  await second.untilLast("#lobby>");
  await bob.ask({ type: "join", room: "ops", create: true });
  await terminal.type("/join ops", KEYS.enter);
  await terminal.untilLast("#ops>");
  await second.untilSeen("You joined #ops in another terminal; /join ops speaks there");
  await bob.ask({ type: "message", room: "ops", content: "heard in both" });
  await terminal.untilSeen("bob: heard in both");
  await second.untilSeen("[2:ops 1]");
  await second.type("\x1b2");
  await second.untilLast("#ops>");
  await second.untilSeen("bob: heard in both");
  await second.type("\x1b1");
  await second.untilLast("#lobby>");

  await second.type("/leave", KEYS.enter);
  await second.untilLast("#ops>");
  await terminal.untilSeen("You left #lobby in another terminal");
  await terminal.untilLast("#ops>");
  await second.type("/leave", KEYS.enter);
  for (const one of [terminal, second]) {
    await one.until("no room in the prompt", ({ all }) => all.at(-1)?.trim() === ">");
  }
  await terminal.untilSeen("You left #ops in another terminal");

  await terminal.type("/ask may I?", KEYS.enter);
  await second.untilSeen("You asked ?1 in another terminal");
  const op = await server.connect();
  await op.ask({ type: "hello", version: 1, auth: { method: "token", token: server.adminToken } });
  await op.ask({ type: "respond", inquiry: 1, content: "you may" });
  for (const one of [terminal, second]) await one.untilSeen("admin: you may");
});

test("Esc or Alt-Enter before Enter sends once", async () => {
  await using place = await enter();
  const { terminal } = place;
  await terminal.type("deploying now", KEYS.escape);
  await terminal.settle();
  await terminal.type(KEYS.enter, KEYS.enter);
  await terminal.untilSeen("ada: deploying now");
  await terminal.type("and again", `${KEYS.escape}${KEYS.enter}`);
  await terminal.settle();
  await terminal.type(KEYS.enter, KEYS.enter);
  await terminal.untilSeen("ada: and again");
  await terminal.untilLast("#lobby>");
  assertEquals(await printed(place), ["deploying now", "and again"]);
});

test("a terminal that reports no width works as one of 80 columns", async () => {
  await using place = await enter({ reportedSize: [0, 0] });
  const { terminal, bob } = place;
  await terminal.type("half a line");
  await say(bob, "hello");
  await terminal.untilSeen("bob: hello");
  await terminal.untilLast("#lobby> half a line");
});

test("a hundred lines that no paste marks wait for Enter, and are one message", async () => {
  await using place = await enter();
  const { terminal, home } = place;
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`);
  await terminal.type(lines.join(KEYS.enter) + KEYS.enter);
  await terminal.untilSeen("Several lines came at once");
  await terminal.untilLast("#lobby> [paste 1: 100 lines]");
  await terminal.type(KEYS.interrupt, "never mind", KEYS.enter);
  await terminal.untilSeen("ada: never mind");
  await terminal.type("/quit", KEYS.enter);
  assertEquals(await terminal.code(), 0);
  assertEquals([await printed(place), home.outbox()], [["never mind"], []]);
});

test("what is typed before the connection stands is kept", async () => {
  await using home = await Home.create();
  using listener = new FakeListener();
  const args = ["--name", "ada", "--server", listener.address];
  await using terminal = Terminal.start({ home, args });
  await terminal.type("typed early");
  const peer = await listener.accept();
  await terminal.untilSeen("typed early");
  await peer.hello();
  await peer.answer("join", ROOM);
  await terminal.untilLast("#lobby> typed early");
});
