// What an operator types at the server's console becomes an intent. Pure.

import { SlashCommands } from "./slash_commands.ts";

export type ConsoleIntent =
  | { readonly kind: "nothing" }
  | { readonly kind: "queue" }
  | { readonly kind: "answer"; readonly inquiry: number; readonly text: string }
  | { readonly kind: "show"; readonly inquiry: number }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "users" }
  | { readonly kind: "stats" }
  | { readonly kind: "stop" }
  | { readonly kind: "help"; readonly lines: readonly string[] }
  /** The line was understood to be wrong; nothing happens. */
  | { readonly kind: "problem"; readonly message: string };

const COMMANDS: SlashCommands<ConsoleIntent> = new SlashCommands<ConsoleIntent>({
  queue: {
    takes: "",
    says: "the inquiries that wait, the longest waiting first",
    also: ["q"],
    parse: () => ({ kind: "queue" }),
  },
  answer: {
    takes: "NUMBER TEXT",
    says: "answer an inquiry",
    also: ["a"],
    parse: (argument) => parseAnswer(argument),
  },
  show: {
    takes: "NUMBER",
    says: "what was said in an inquiry",
    parse: (argument) => {
      const inquiry = parseNumber(argument);
      return inquiry === undefined ? wrong("show") : { kind: "show", inquiry };
    },
  },
  say: {
    takes: "TEXT",
    says: "say something in the lobby",
    parse: (text) => text === "" ? wrong("say") : { kind: "say", text },
  },
  users: {
    takes: "",
    says: "who is connected",
    also: ["who"],
    parse: () => ({ kind: "users" }),
  },
  stats: { takes: "", says: "the server's counters", parse: () => ({ kind: "stats" }) },
  stop: {
    takes: "",
    says: "stop the server; everyone is told",
    also: ["quit", "exit"],
    parse: () => ({ kind: "stop" }),
  },
  help: {
    takes: "[COMMAND]",
    says: "this list, or what one command does",
    also: ["?"],
    parse: (argument) => {
      const lines = COMMANDS.help(argument);
      if (lines !== undefined) return { kind: "help", lines };
      return { kind: "problem", message: COMMANDS.describeUnknown(argument.replace(/^\//, "")) };
    },
  },
});

/** What the line asks for. Without a slash it is no command, and nobody is told of it. */
export function parseConsoleInput(line: string): ConsoleIntent {
  const text = line.trim();
  if (text === "") return { kind: "nothing" };
  if (!text.startsWith("/")) {
    const message = "Nothing was sent: /answer NUMBER TEXT answers, /say TEXT speaks in the lobby";
    return { kind: "problem", message };
  }
  const parsed = COMMANDS.parse(text);
  return parsed.kind === "intent" ? parsed.intent : { kind: "problem", message: parsed.message };
}

/** What the beginning of a line may become. */
export function completeConsoleInput(line: string): readonly string[] {
  return COMMANDS.names.map((name) => `/${name} `).filter((command) => command.startsWith(line));
}

function parseAnswer(argument: string): ConsoleIntent {
  const [, number = "", text = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const inquiry = parseNumber(number);
  return inquiry === undefined || text === "" ? wrong("answer") : { kind: "answer", inquiry, text };
}

/** `3`, `?3` or `#3`, as people write it. */
function parseNumber(text: string): number | undefined {
  const digits = /^[?#]?(\d{1,15})$/.exec(text)?.[1];
  return digits === undefined || Number(digits) < 1 ? undefined : Number(digits);
}

function wrong(name: string): ConsoleIntent {
  return { kind: "problem", message: `It is written ${COMMANDS.usage(name)}` };
}
