// The console: the client program on the server's own terminal, connected in memory as an operator.
// Its live line and the log share one writer. It ends when the terminal is gone, and never
// blocks the server.

import { chat, type ChatOptions } from "../../client/commands/chat.ts";
import { Failure } from "../../client/exit.ts";
import type { UserIdentity } from "../../client/files/identity.ts";
import { MemoryFiles } from "../../client/files/memory_files.ts";
import { type ConversationPolicy, TALK } from "../../client/state/conversation_policies.ts";
import type { Log } from "../../log.ts";
import { paintColours, paintNothing } from "../../terminal/paint.ts";
import { PromptView } from "../../terminal/prompt_view.ts";
import { type Clock, sleep, type SleepClock } from "../../time.ts";
import type { UserRecord } from "../../store/records.ts";
import type { ChatServer } from "../chat_server.ts";
import type { MemoryEndpoint } from "../endpoint/memory_endpoint.ts";
import { consoleCommands, LOBBY } from "./console_commands.ts";
import type { ScreenLog } from "./screen_log.ts";

/** What is shown as it comes: the lobby's messages, the inquiries, or both. */
export type ConsoleScope = "all" | "messages" | "inquiries";

export interface ConsoleTerminalOptions {
  /** Where the server accepts the console's connections. */
  readonly endpoint: MemoryEndpoint;
  readonly server: Pick<ChatServer, "counters" | "hub" | "issueToken">;
  /** The console's account. */
  readonly account: UserRecord;
  readonly scope: ConsoleScope;
  readonly clock: Clock;
  /** Shown on the terminal as long as there is one. */
  readonly screenLog: ScreenLog;
  readonly log: Log;
  /** Opens the line to type in; on the process's terminal unless given. */
  readonly openView?: OpenConsoleView;
}

type OpenConsoleView = (
  options: Parameters<ChatOptions["openView"]>[0] & { readonly clock: SleepClock },
) => ReturnType<ChatOptions["openView"]>;

/** A console with a terminal. Disposing restores the terminal; only the first call counts. */
export interface ConsoleTerminal extends AsyncDisposable {
  /** Resolves when the operator wants the server to stop. */
  readonly stopRequested: Promise<"console">;
  /** Logs out; the log is still shown. Resolves soon, even with pending answers. Never rejects. */
  disconnect(): Promise<void>;
}

/** Takes the terminal over, and logs in. */
export function openConsole(options: ConsoleTerminalOptions): ConsoleTerminal {
  const { endpoint, account, log, screenLog, scope, server } = options;
  const { openView = openPromptView } = options;
  const clock = { now: options.clock.now, monotonic: () => options.clock.monotonic(), sleep };
  const { promise: stopRequested, resolve } = Promise.withResolvers<"console">();
  const over = new AbortController();
  let closeView = (): Promise<void> => Promise.resolve();
  const close = async (): Promise<void> => {
    screenLog.leaveScreen();
    over.abort(new Failure("interrupted", "The console is closed"));
    await closeView();
  };
  const context = {
    server: "this server",
    // A person with the server's own terminal could also read the admin's token.
    identity: identityOf(server.issueToken({ ...account, role: "admin" })),
    state: new MemoryFiles(),
    connect: () => Promise.resolve(endpoint.connect()),
    clock,
    random: Math.random,
    output: NO_OUTPUT,
    signal: over.signal,
  };
  const running = chat(context, {
    console: {
      policy: policyOf(scope),
      commands: consoleCommands({
        users: () => server.hub.names.connectedUsers().filter(({ name }) => name !== account.name),
        counters: () => server.counters(),
        stop: () => resolve("console"),
      }),
      prompt: "desk",
      refusal: "Nothing was sent: /answer NUMBER TEXT answers, /say TEXT sends to the lobby",
    },
    openView: (prompt) => {
      const view = openView({ ...prompt, clock });
      closeView = () => view.close();
      screenLog.showOn(view);
      // Log lines are shown until the server has stopped: the terminal is restored by `close`.
      return {
        get draft() {
          return view.draft;
        },
        exchangeDraft: (draft) => view.exchangeDraft(draft),
        ring: (text) => view.ring(text),
        show: (lines) => view.show(lines),
        setPrompt: (prompt) => view.setPrompt(prompt),
        askSecrets: (questions) => view.askSecrets(questions),
        close: () => Promise.resolve(),
      };
    },
  });
  const ended = running.then(() => {
    log.warn("console closed: its terminal is gone");
    return close();
  }, (error: Error) => {
    if (over.signal.aborted) return;
    log.warn("no console", { message: error.message });
    return close();
  });
  return {
    stopRequested,
    disconnect: (): Promise<void> => {
      over.abort(new Failure("interrupted", "The server is being stopped"));
      return ended;
    },
    [Symbol.asyncDispose]: close,
  };
}

/** No key ends the server: a second Ctrl-C is pressed too easily. */
const openPromptView: OpenConsoleView = (options) =>
  new PromptView({
    ...options,
    paint: Deno.noColor ? paintNothing : paintColours,
    history: [],
    stays: "/stop stops the server",
  });

function policyOf(scope: ConsoleScope): ConversationPolicy {
  return {
    ...TALK,
    followsMemberships: false,
    alwaysFollows: scope === "inquiries" ? [] : [LOBBY],
    hasPlaces: false,
    showsPresence: false,
    showsInquiries: scope !== "messages",
  };
}

/** A console has no other output than its line. */
const NO_OUTPUT = {
  stdout: (): void => {},
  stderr: (): void => {},
  whenRoom: (): undefined => undefined,
  columnsOf: (): undefined => undefined,
};

function identityOf(token: string): UserIdentity {
  return {
    name: "console",
    isNew: false,
    auth: () => Promise.resolve({ method: "token", token }),
    welcomed: () => Promise.resolve(),
    refused: () => "final",
    helloOver: () => Promise.resolve(),
  };
}
