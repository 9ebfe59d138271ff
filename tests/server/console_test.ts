import { assertEquals, assertStringIncludes } from "@std/assert";
import { Console } from "../../lib/server/console/console.ts";
import { Principal } from "../../lib/chat/principal.ts";
import { ensureConsoleUser } from "../../lib/server/console/console_user.ts";
import { completeConsoleInput, parseConsoleInput } from "../../lib/server/console/input.ts";
import { formatLogEntry, ScreenLog } from "../../lib/server/console/screen_log.ts";
import type { Line } from "../../lib/terminal/line.ts";
import type { Frame } from "../support/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** What is on the screen, a line each, and whoever waits for one of them. */
class FakeScreen {
  readonly lines: string[] = [];
  #waiting: { part: string; resolve: (line: string) => void }[] = [];

  show(lines: readonly Line[]): void {
    for (const line of lines) {
      const text = line.kind === "event"
        ? `${line.event.room} ${line.event.from}: ${line.event.content}`
        : `${line.kind}: ${line.text}`;
      this.lines.push(text);
      const woken = this.#waiting.filter(({ part }) => text.includes(part));
      this.#waiting = this.#waiting.filter((waiter) => !woken.includes(waiter));
      for (const { resolve } of woken) resolve(text);
    }
  }

  until(part: string): Promise<string> {
    const shown = this.lines.find((line) => line.includes(part));
    if (shown !== undefined) return Promise.resolve(shown);
    return new Promise((resolve) => this.#waiting.push({ part, resolve }));
  }
}

async function sit(
  { server, repository }: TestServer,
  scope: "all" | "messages" | "inquiries" = "all",
): Promise<{ seat: Console; screen: FakeScreen; stops: () => number } & Disposable> {
  const screen = new FakeScreen();
  let stops = 0;
  const seat = new Console({
    hub: server.hub,
    faults: server.faults,
    principal: await ensureConsoleUser(repository, { principals: server.hub.principals, now: 0 }),
    scope,
    screen,
    counters: () => server.counters(),
    stop: () => stops++,
  });
  await seat.open();
  return { seat, screen, stops: () => stops, [Symbol.dispose]: () => seat.close() };
}

Deno.test("console: shows the lobby and what is asked as it comes, and takes answers by number", async () => {
  await using server = await startTestServer();
  using sitting = await sit(server);
  const { seat, screen } = sitting;
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "message", room: "lobby", content: "good morning" });
  assertEquals(await screen.until("morning"), "lobby ann: good morning");
  await ann.ask({ type: "inquiry", content: "may I reboot db3?" });
  const bob = await server.connect();
  await bob.hello("bob");
  await bob.ask({ type: "inquiry", content: "where is the key?" });
  await screen.until("?2 bob: where is the key?");
  await seat.enter("/queue");
  assertEquals(screen.lines.slice(-2), ["?1 ann: may I reboot db3?", "?2 bob: where is the key?"]);
  await seat.enter("/answer 2 under the mat");
  await seat.enter("/answer ?1 yes");
  assertEquals((await bob.until("response")).content, "under the mat");
  const answer = await ann.until("response");
  assertEquals([answer.content, answer.from], ["yes", "console"]);
  await seat.enter("/queue");
  assertEquals(screen.lines.at(-1), "notice: Nobody waits for an answer");
  await seat.enter("/show 1");
  assertEquals(screen.lines.slice(-2), ["?1 ann: may I reboot db3?", "?1 console: yes"]);
});

Deno.test("console: says, lists, counts and stops", async () => {
  await using server = await startTestServer();
  using sitting = await sit(server);
  const { seat, screen } = sitting;
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "join", room: "lobby" });
  await seat.enter("/say maintenance at noon");
  assertEquals((await ann.until("message")).from, "console");
  await seat.enter("/users");
  assertEquals(screen.lines.at(-1), "notice: ann");
  await seat.enter("/stats");
  assertStringIncludes(screen.lines.join("\n"), "notice: internal_errors 0");
  assertEquals(sitting.stops(), 0);
  await seat.enter("/stop");
  assertEquals(sitting.stops(), 1);
});

Deno.test("console: what is wrong is said, and nobody is told of it", async () => {
  await using server = await startTestServer();
  using sitting = await sit(server);
  const { seat, screen } = sitting;
  for (
    const [typed, said] of [
      ["hello", "Nothing was sent"],
      ["/anser 1 x", "did you mean /answer?"],
      ["/answer", "/answer NUMBER TEXT"],
      ["/answer 1", "/answer NUMBER TEXT"],
      ["/answer 0 x", "/answer NUMBER TEXT"],
      ["/answer 7 x", 'no inquiry "?7"'],
      ["/show 7", 'no inquiry "?7"'],
    ] as const
  ) {
    await seat.enter(typed);
    assertStringIncludes(screen.lines.at(-1) ?? "", said, typed);
  }
});

Deno.test("console: an answer typed again after a doubt keeps its cid, and is stored once", async () => {
  await using server = await startTestServer();
  using sitting = await sit(server);
  const { seat, screen } = sitting;
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "inquiry", content: "may I?" });
  const doubtful = loseAnswers(server);
  await seat.enter("/answer 1 yes");
  assertStringIncludes(screen.lines.at(-1) ?? "", "type it again, and it is stored once");
  await seat.enter("/say hello all");
  doubtful.restore();
  await seat.enter("/answer 1 yes");
  assertEquals(screen.lines.at(-1), "?1 console: yes");
  await seat.enter("/say hello all");
  assertEquals(screen.lines.at(-1), "notice: It was stored the first time, as 1");
  const stored = async (room: string) =>
    (await ann.ask({ type: "history", room })).events.map((event: Frame) => event.content);
  assertEquals(await stored("?1"), ["may I?", "yes"]);
  assertEquals(await stored("lobby"), ["hello all"]);
  // What is known to be stored is, typed again, something new; so is the answer to another question.
  await seat.enter("/answer 1 yes");
  assertEquals(await stored("?1"), ["may I?", "yes", "yes"]);
});

Deno.test("console: an answer in doubt is not taken for one to a later question", async () => {
  await using server = await startTestServer();
  using sitting = await sit(server);
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "inquiry", content: "may I?" });
  const doubtful = loseAnswers(server);
  await sitting.seat.enter("/answer 1 yes");
  doubtful.restore();
  await ann.ask({ type: "message", room: "?1", content: "and now?" });
  await sitting.seat.enter("/answer 1 yes");
  const { events } = await ann.ask({ type: "history", room: "?1" });
  assertEquals(events.map((event: Frame) => [event.content, event.to]), [
    ["may I?", undefined],
    ["yes", 1],
    ["and now?", undefined],
    ["yes", 3],
  ]);
});

/** From now on what is stored is answered `unavailable`, as when the answer to a commit is lost. */
function loseAnswers({ repository: { messages } }: TestServer): { restore(): void } {
  const append = messages.append;
  messages.append = async (drafts) => {
    await append.call(messages, drafts);
    return drafts.map(() => ({ refused: "unavailable" as const }));
  };
  return { restore: () => messages.append = append };
}

Deno.test("console: an answer that nobody will read is said to be one", async () => {
  await using server = await startTestServer();
  using sitting = await sit(server);
  const { seat, screen } = sitting;
  const gone = await server.repository.users.createPassingGuest(() => "legacy-9");
  const asker = new Principal({ user: gone.id, name: gone.name, role: "guest" });
  const { desk } = server.server.hub;
  using open = await desk.enter(await desk.open(asker));
  await desk.ask(asker, open, { content: "?" });
  await seat.enter("/answer 1 too late");
  assertStringIncludes(screen.lines.at(-1) ?? "", "nobody will read it");
});

Deno.test("console: hears only what it was asked to", async () => {
  await using server = await startTestServer();
  using messages = await sit(server, "messages");
  using inquiries = await sit(server, "inquiries");
  const ann = await server.connect();
  await ann.hello("ann");
  await ann.ask({ type: "inquiry", content: "asked" });
  await ann.ask({ type: "message", room: "lobby", content: "said" });
  await messages.screen.until("said");
  await inquiries.screen.until("asked");
  assertEquals(messages.screen.lines, ["lobby ann: said"]);
  assertEquals(inquiries.screen.lines, ["?1 ann: asked"]);
});

Deno.test("console input: help lists every command, and completion finds them", () => {
  const help = parseConsoleInput("/help");
  assertEquals(help.kind === "help" && help.lines.length, 8);
  assertEquals(completeConsoleInput("/st"), ["/stats ", "/stop "]);
  assertEquals(parseConsoleInput("  /a #12  yes and no "), {
    kind: "answer",
    inquiry: 12,
    text: "yes and no",
  });
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
