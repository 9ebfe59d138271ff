// The server in a terminal: its three lines, and the operator's console, by the real program in a
// pseudo-terminal.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { SERVER_PROGRAM, serverFlags } from "../support/processes/task_flags.ts";
import { Home } from "../support/processes/client_process.ts";
import { OldProgram } from "../support/clients/old_program.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import type { Address } from "../support/clients/peer.ts";
import { RawClient } from "../support/clients/raw_client.ts";
import { freePort } from "../support/processes/ports.ts";
import { untilEnded } from "../support/processes/processes.ts";

/** A server in a terminal of its own, and where it listens. */
interface Place extends AsyncDisposable {
  readonly terminal: Terminal;
  readonly address: Address;
}

async function start(
  more: readonly string[] = [],
): Promise<Place> {
  const home = await Home.create();
  const address = { hostname: "127.0.0.1", port: freePort() };
  const listen = `127.0.0.1:${address.port}`;
  const terminal = Terminal.start({
    home,
    program: [...serverFlags({ listen }), "--quiet", SERVER_PROGRAM],
    args: ["--listen", listen, ...more],
  });
  return {
    terminal,
    address,
    async [Symbol.asyncDispose](): Promise<void> {
      await terminal[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** A guest in the lobby. */
async function enter(address: Address): Promise<RawClient> {
  const client = await RawClient.connect(address);
  await client.hello("ann");
  return client;
}

/** Registers a test with a server in a terminal whose console is ready. */
function testConsole(
  name: string,
  { args = [], body }: { args?: readonly string[]; body: (place: Place) => Promise<void> },
): void {
  test(name, async () => {
    await using place = await start(args);
    await place.terminal.untilLast("desk>");
    await body(place);
  });
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `server terminal: ${name}`, ignore: !hasPty, fn });
}

test("three lines say what it is, where it is and how to connect", async () => {
  await using place = await start(["--console", "off", "--log-level", "off"]);
  const { terminal, address } = place;
  await terminal.untilSeen("Connect with");
  const at = `127.0.0.1:${address.port}`;
  const [what, where, how, ...more] = terminal.screen.all;
  assertMatch(what ?? "", /^Parley \d+\.\d+\.\d+: /);
  assertEquals(where, `Listening on ${at}, keeping messages in data/parley.db.`);
  assertEquals(how, `Connect with: deno task client --server ${at}`);
  assertEquals(more, []);
  Deno.kill(terminal.pid, "SIGTERM");
  assertEquals(await terminal.code(), 0);
});

testConsole("what arrives while an answer is typed does not tear it", {
  args: ["--log-level", "debug"],
  body: async ({ terminal, address }) => {
    using old = await OldProgram.connect(address);
    await old.inquiry("how do I reset my password?");
    await terminal.untilSeen("?1 legacy-3: how do I reset my password?");
    await terminal.type("/answer 1 ask Bob");
    await terminal.untilLast("desk> /answer 1 ask Bob");
    using ann = await enter(address);
    for (let n = 1; n <= 9; n++) {
      await ann.ask({ type: "message", room: "lobby", content: `said meanwhile ${n}` });
    }
    // A line of the log comes between, too: the refusal ends this connection.
    using lost = await RawClient.connect(address);
    await lost.send("GET / HTTP/1.1");
    await terminal.untilSeen("said meanwhile 9");
    await terminal.untilSeen("── bye");
    await terminal.untilLast("desk> /answer 1 ask Bob");
    await terminal.type(" in room 3", KEYS.enter);
    assertEquals(await old.receive(), { type: "response", content: "ask Bob in room 3" });
    await terminal.untilSeen("?1 console: ask Bob in room 3");
    await terminal.type("/stop", KEYS.enter);
    assertEquals(await terminal.code(), 0);
    assert(terminal.isRestored, "the terminal is not as it was");
  },
});

/** More than all that lies between a program and the reader of its terminal can hold. */
const FLOOD = 500;
const LONG = "x".repeat(1_500);

/** Says so much in the lobby that a terminal which is not read is full of it. */
async function flood(client: RawClient): Promise<void> {
  for (let n = 0; n < FLOOD; n++) {
    const printed = await client.ask({ type: "message", room: "lobby", content: `${n} ${LONG}` });
    assertEquals(printed.type, "ok");
  }
}

testConsole("a terminal that nobody reads holds nobody up, and is drawn rightly afterwards", {
  args: ["--limit", "all=off"],
  body: async ({ terminal, address }) => {
    using ann = await enter(address);
    terminal.pause();
    await flood(ann);
    assertEquals((await ann.ask({ type: "ping" })).type, "pong");
    await terminal.type("/answer 1 nothing");
    terminal.resume();
    await terminal.until(
      "what was not shown is told",
      ({ all }) =>
        all.some((row) => /^! \d+ lines not shown: the terminal did not take them$/.test(row)),
    );
    await terminal.untilLast("desk> /answer 1 nothing");
    await ann.ask({ type: "message", room: "lobby", content: "and on it goes" });
    await terminal.untilSeen("ann: and on it goes");
    await terminal.untilLast("desk> /answer 1 nothing");
    Deno.kill(terminal.pid, "SIGTERM");
    assertEquals(await terminal.code(), 0);
    assert(terminal.isRestored, "the terminal is not as it was");
  },
});

testConsole("SIGTERM stops a server whose terminal nobody reads, with a goodbye", {
  args: ["--limit", "all=off"],
  body: async ({ terminal, address }) => {
    using ann = await enter(address);
    terminal.pause();
    await flood(ann);
    const { pid } = terminal;
    Deno.kill(pid, "SIGTERM");
    assertEquals((await ann.until("bye")).code, "restarting");
    await untilEnded(pid);
    terminal.resume();
    assertEquals(await terminal.code(), 0);
    assert(terminal.isCooked, "the terminal is not as it was");
  },
});

testConsole("a terminal that is closed ends the server as SIGTERM does", {
  body: async ({ terminal, address }) => {
    using ann = await enter(address);
    const { pid } = terminal;
    terminal.hangUp();
    assertEquals((await ann.until("bye")).code, "restarting");
    await untilEnded(pid);
  },
});

testConsole("no key stops the server, and an answer is sent once", {
  body: async ({ terminal, address }) => {
    await terminal.type("a", KEYS.interrupt, "b", KEYS.interrupt, KEYS.interrupt, KEYS.interrupt);
    await terminal.untilSeen("── /stop stops the server");
    using ann = await enter(address);
    await ann.ask({ type: "inquiry", content: "may I?" });
    await terminal.untilSeen("may I?");
    await terminal.type("/answer 1 you may", KEYS.escape);
    await terminal.settle();
    await terminal.type(KEYS.enter, KEYS.enter);
    await terminal.untilSeen("console: you may");
    await terminal.untilLast("desk>");
    const answers = terminal.screen.all.filter((row) => row.includes("console: you may"));
    assertEquals(answers.length, 1, terminal.screen.all.join("\n"));
    await terminal.type("/stop", KEYS.enter);
    assertEquals(await terminal.code(), 0);
  },
});
