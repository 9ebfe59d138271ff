import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { LineView } from "../../lib/client/commands/chat.ts";
import {
  type ConsoleScope,
  type ConsoleTerminalOptions,
  openConsole,
} from "../../lib/server/console/console_terminal.ts";
import { ensureConsoleUser } from "../../lib/server/console/console_user.ts";
import { formatLogEntry, ScreenLog } from "../../lib/server/console/screen_log.ts";
import { MemoryEndpoint } from "../../lib/server/endpoint/memory_endpoint.ts";
import { createLog } from "../../lib/log.ts";
import { formatRow } from "../../lib/terminal/layout.ts";
import { Draft } from "../../lib/terminal/input/draft.ts";
import type { Line } from "../../lib/terminal/view_lines.ts";
import type { Prompt } from "../../lib/terminal/prompt_view.ts";
import type { Frame } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

type ViewOptions = Parameters<NonNullable<ConsoleTerminalOptions["openView"]>>[0];

/** A terminal without rows: the lines shown, and the lines typed by the test. */
class FakeScreen implements LineView {
  readonly lines: string[] = [];
  prompt = "";
  isClosed = false;
  options: ViewOptions | undefined;
  draft = Draft.EMPTY;
  #waiting: { isThere: () => boolean; resolve: () => void }[] = [];

  show(lines: readonly Line[]): void {
    for (const line of lines) {
      this.lines.push(
        line.kind === "event"
          ? `${line.event.room} ${line.event.from}: ${line.event.content}`
          : `${line.kind}: ${line.text}`,
      );
    }
    this.#wake();
  }

  exchangeDraft(): Draft {
    return Draft.EMPTY;
  }

  ring(): void {}

  setPrompt({ before }: Prompt): void {
    this.prompt = formatRow(before);
    this.#wake();
  }

  askSecrets(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  type(text: string): void {
    this.options?.entered({ typed: text, text });
  }

  /** Resolves when a line has this part, from the given line on. */
  async until(part: string, from = 0): Promise<void> {
    await this.#until(() => this.lines.slice(from).some((line) => line.includes(part)));
  }

  /** Types a line; resolves when a new line has this part. */
  async ask(text: string, part: string): Promise<readonly string[]> {
    const from = this.lines.length;
    this.type(text);
    await this.until(part, from);
    return this.lines.slice(from);
  }

  async untilPrompt(prompt: string): Promise<void> {
    await this.#until(() => this.prompt === prompt);
  }

  async #until(isThere: () => boolean): Promise<void> {
    if (!isThere()) await new Promise<void>((resolve) => this.#waiting.push({ isThere, resolve }));
  }

  #wake(): void {
    const woken = this.#waiting.filter(({ isThere }) => isThere());
    this.#waiting = this.#waiting.filter((waiter) => !woken.includes(waiter));
    for (const { resolve } of woken) resolve();
  }
}

interface Setup extends AsyncDisposable {
  readonly server: TestServer;
  readonly screen: FakeScreen;
  readonly isStopRequested: () => boolean;
  readonly logged: string[];
}

async function open(scope: ConsoleScope = "all"): Promise<Setup> {
  const endpoint = new MemoryEndpoint();
  const server = await startTestServer({ endpoints: [endpoint] });
  const account = await ensureConsoleUser(server.repository, { now: 0 });
  const screen = new FakeScreen();
  const logged: string[] = [];
  let isStopRequested = false;
  const console = openConsole({
    endpoint,
    server: server.server,
    account,
    scope,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    screenLog: new ScreenLog(() => {}),
    log: createLog("info", ({ event }) => logged.push(event)),
    openView: (options) => {
      screen.options = options;
      return screen;
    },
  });
  console.stopRequested.then(() => isStopRequested = true);
  await screen.untilPrompt("desk> ");
  // The lobby is followed once its newest message is known.
  while (scope !== "inquiries" && server.server.counters().subscriptions === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    server,
    screen,
    logged,
    isStopRequested: () => isStopRequested,
    async [Symbol.asyncDispose](): Promise<void> {
      await console.disconnect();
      await console[Symbol.asyncDispose]();
      assert(screen.isClosed);
      await server[Symbol.asyncDispose]();
    },
  };
}

Deno.test("console: it shows the lobby and the inquiries as they come, and takes answers by number", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "message", room: "lobby", content: "good morning" });
  await screen.until("lobby ann: good morning");
  await ann.ask({ type: "inquiry", content: "may I reboot db3?" });
  const bob = await server.connect();
  await bob.hello("bob");
  await bob.ask({ type: "inquiry", content: "where is the key?" });
  await screen.until("?2 bob: where is the key?");
  assertEquals(await screen.ask("/queue", "?2 bob"), [
    "notice: 2 open inquiries, the oldest first",
    "?1 ann: may I reboot db3?",
    "notice: ?1: nobody works on it",
    "?2 bob: where is the key?",
    "notice: ?2: nobody works on it",
  ]);
  screen.type("/answer 2 under the mat");
  screen.type("/a ?1 yes");
  assertEquals((await bob.until("response")).content, "under the mat");
  const answer = await ann.until("response");
  assertEquals([answer.content, answer.from], ["yes", "console"]);
  await screen.ask("/q", "notice: No open inquiries");
  assertEquals((await screen.ask("/show 1", "?1 console: yes")).slice(-2), [
    "?1 ann: may I reboot db3?",
    "?1 console: yes",
  ]);
});

Deno.test("console: a question with choices is decided there, a long one only after it was opened", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  const ann = await server.connect();
  await ann.hello("ann");
  const choices = ["approve", "deny"];
  const asked = await ann.ask({ type: "inquiry", content: "run it?", choices });
  assertEquals(asked.operators, 1);
  await screen.until("notice: /approve 1 or /deny 1 decides it");
  await screen.ask("/approve 1 drained", "notice: You decided ?1: approve");
  const decision = await ann.until("decision");
  assertEquals([decision.from, decision.choice, decision.content], [
    "console",
    "approve",
    "drained",
  ]);
  await screen.ask("/deny 1", "failure: console decided ?1 at ");

  const content = Array.from({ length: 900 }, (_, n) => `line ${n + 1}`).join("\n");
  await ann.ask({ type: "inquiry", content, choices });
  await screen.until("notice: … 890 more lines · /open 2 shows all");
  await screen.ask("/approve 2", "failure: not decided: only the beginning of question 2");
  await screen.ask("/open 2", "line 900");
  await screen.ask("/deny 2", "notice: You decided ?2: deny");
  assertEquals((await ann.until("decision")).choice, "deny");
});

Deno.test("console: nobody sees it come; it sends to the lobby, lists, counts and stops", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  const ann = await server.connect();
  await ann.hello("ann");
  const room = await ann.ask({ type: "join", room: "lobby" });
  assertEquals(room.count, 1);
  await screen.ask("/say maintenance at noon", "lobby console: maintenance at noon");
  assertEquals((await ann.until("message")).from, "console");
  assertEquals(await screen.ask("/users", "ann"), ["notice: ann"]);
  await screen.ask("/stats", "notice: internal_errors 0");
  assertEquals(setup.isStopRequested(), false);
  screen.type("/stop");
  await Promise.resolve();
  assertEquals(setup.isStopRequested(), true);
});

Deno.test("console: it enters rooms as every client does", async () => {
  await using setup = await open();
  const { screen } = setup;
  await screen.ask("/create ops", "#ops");
  await screen.untilPrompt("#ops> ");
  await screen.ask("hello ops", "ops console: hello ops");
  await screen.ask("/leave", "You left #ops");
});

Deno.test("console: it follows the lobby whether it entered and left it or not", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  const ann = await server.connect();
  await ann.hello("ann");
  await screen.ask("/join Lobby", "#lobby");
  await screen.untilPrompt("#lobby> ");
  await screen.ask("/leave LOBBY", "You left #lobby");
  await screen.untilPrompt("desk> ");
  await ann.ask({ type: "message", room: "lobby", content: "one" });
  await screen.until("lobby ann: one");
  await ann.ask({ type: "message", room: "lobby", content: "two" });
  await screen.until("lobby ann: two");
  assertEquals(screen.lines.filter((line) => line.endsWith("ann: one")).length, 1);
});

Deno.test("console: a wrong line is explained, and nothing is sent", async () => {
  await using setup = await open();
  const { screen } = setup;
  for (
    const [typed, shown] of [
      ["hello", "Nothing was sent"],
      ["/anser 1 x", "did you mean /answer?"],
      ["/answer", "Usage: /answer NUMBER TEXT"],
      ["/answer 1", "Usage: /answer NUMBER TEXT"],
      ["/answer 0 x", "Usage: /answer NUMBER TEXT"],
      ["/answer 7 x", 'no inquiry "?7"'],
      ["/show", "Usage: /show NUMBER"],
      ["/show 7", 'no inquiry "?7"'],
    ] as const
  ) await screen.ask(typed, shown);
});

Deno.test("console: a text of unknown outcome is sent again by itself, and stored once", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "inquiry", content: "may I?" });
  await screen.until("may I?");
  const uncertain = loseAnswers(server);
  await screen.ask("/answer 1 yes", "tried again by itself");
  screen.type("/say hello all");
  uncertain.restore();
  // It belongs to the question that was shown when it was typed.
  await ann.ask({ type: "message", room: "?1", content: "and now?" });
  await screen.until("?1 console: yes");
  const { events } = await ann.ask({ type: "history", room: "?1" });
  assertEquals(events.map((event: Frame) => [event.content, event.to]), [
    ["may I?", undefined],
    ["yes", 1],
    ["and now?", undefined],
  ]);
  await screen.until("lobby console: hello all");
  const lobby = await ann.ask({ type: "history", room: "lobby" });
  assertEquals(lobby.events.map((event: Frame) => event.content), ["hello all"]);
});

/** From now on every message is answered `unavailable`, as when the answer to a commit is lost. */
function loseAnswers({ repository: { messages } }: TestServer): { restore(): void } {
  const append = messages.append;
  messages.append = async (drafts) => {
    await append.call(messages, drafts);
    return drafts.map(() => ({ refused: "unavailable" as const }));
  };
  return { restore: () => messages.append = append };
}

Deno.test("console: it follows only what its scope names", async () => {
  for (
    const [scope, shown] of [["messages", "lobby ann: said"], [
      "inquiries",
      "?1 ann: asked",
    ]] as const
  ) {
    await using setup = await open(scope);
    const ann = await setup.server.connect();
    await ann.hello("ann");
    await ann.ask({ type: "inquiry", content: "asked" });
    await ann.ask({ type: "message", room: "lobby", content: "said" });
    await setup.screen.until(shown);
    assertEquals(setup.screen.lines, [shown]);
  }
});

Deno.test("console: when its terminal is gone it logs out, and the server goes on", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  screen.options?.leave("gone");
  while (!screen.isClosed) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(setup.logged, ["console closed: its terminal is gone"]);
  const ann = await server.connect();
  await ann.hello("ann");
});

Deno.test("console: its token is known to its own process only", async () => {
  await using setup = await open();
  await using other = await startTestServer({ beside: setup.server });
  const account = await ensureConsoleUser(setup.server.repository, { now: 0 });
  const token = setup.server.server.issueToken(account);
  const hello = { type: "hello", version: 1, auth: { method: "token", token } };
  const here = await setup.server.connect();
  assertEquals((await here.ask(hello)).you, {
    user: account.id,
    name: "console",
    role: "operator",
  });
  const there = await other.connect();
  assertEquals((await there.ask(hello)).code, "auth_failed");
});

Deno.test("console: it acts as an admin: bans of the server, panic, and who a user is", async () => {
  await using setup = await open();
  const { server, screen } = setup;
  const mallory = await server.connect();
  await mallory.hello("mallory");
  await screen.ask("/whois mallory", "notice: mallory (guest) · here");
  await screen.ask("/ban server mallory 1h spam", "mallory is banned on this server for 1 hour");
  assertEquals((await mallory.until("bye")).code, "banned");
  await screen.ask("/bans server", "notice: mallory, banned by console");
  await screen.ask("/panic on", "notice: Panic is on");
  const guest = await server.connect();
  const auth = { method: "guest", name: "ann" };
  assertEquals((await guest.ask({ type: "hello", version: 1, auth })).code, "forbidden");
  await screen.ask("/panic off", "notice: Panic is off");
  await screen.ask("/ban server admin", "failure: ");
});

Deno.test("console: /help lists its own commands, and completion finds them", async () => {
  await using setup = await open();
  const { screen } = setup;
  const help = (await screen.ask("/help", "//TEXT")).join("\n");
  for (const name of ["queue", "answer", "show", "say", "users", "stats", "stop", "join"]) {
    assertStringIncludes(help, `\nnotice: /${name}`);
  }
  assertEquals(screen.options?.complete("/sta"), ["/stats ", "/standing "]);
});

Deno.test("screen log: when the screen is gone, or there will be none, lines are logged otherwise", () => {
  const others: string[] = [];
  const early = new ScreenLog(({ event }) => others.push(event));
  early.sink({ level: "info", event: "kept", fields: {} });
  early.leaveScreen();
  early.sink({ level: "info", event: "later", fields: {} });
  assertEquals(others, ["kept", "later"]);
  const shown = new ScreenLog(({ event }) => others.push(event));
  shown.showOn(new FakeScreen());
  shown.sink({ level: "info", event: "on the screen", fields: {} });
  shown.leaveScreen();
  shown.sink({ level: "info", event: "behind it", fields: {} });
  assertEquals(others, ["kept", "later", "behind it"]);
});

Deno.test("screen log: what is logged before there is a screen is shown on it later", () => {
  const log = new ScreenLog(({ event }) => assertEquals(event, "never"));
  const screen = new FakeScreen();
  log.sink({ level: "info", event: "early", fields: { n: 1, none: undefined } });
  log.showOn(screen);
  log.sink({ level: "error", event: "late", fields: {} });
  assertEquals(screen.lines, ["notice: early · n 1", "failure: late"]);
  assertEquals(formatLogEntry({ level: "warn", event: "x", fields: {} }).kind, "failure");
});
