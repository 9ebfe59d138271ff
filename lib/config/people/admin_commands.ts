// The command line of an administrator: `user`, `code`, `token`, `ban` and `panic` of the server's
// program. Which server they are for is in its own options and variables.

import { Command } from "@commander-js/extra-typings";
import {
  parseBanned,
  parseLabel,
  parseNamedRoom,
  parseNumber,
  parseRole,
  parseRooms,
  parseScopes,
  parseSwitch,
  parseUser,
} from "./admin_arguments.ts";
import type { AdminAction } from "./admin_command.ts";
import { BAN_HELP, CODE_HELP, PANIC_HELP, TOKEN_HELP, USER_HELP } from "./admin_help.ts";
import { parsePeriod } from "./duration.ts";

const LOG_ENTRIES = 50;

type Choose = (action: AdminAction) => void;

export interface AdminGroup {
  readonly description: string;
  /** Adds what the group can do; the chosen action goes to `choose`. */
  readonly build: (group: Command, choose: Choose) => void;
}

/** The words that make the server's program a command for a running server. */
export const ADMIN_GROUPS: Readonly<Record<string, AdminGroup>> = {
  user: {
    description: "accounts: list, show, add, role, suspend, activate, password-reset",
    build: addUser,
  },
  code: {
    description: "codes for accounts, passwords, devices: join, reset, device, list, revoke",
    build: addCode,
  },
  token: { description: "tokens of devices and programs: list, create, revoke", build: addToken },
  ban: { description: "bans of accounts and networks: list, add, remove, log", build: addBan },
  panic: {
    description: "on: no guests, no registration, guests are muted; off ends that",
    build: addPanic,
  },
};

function addUser(group: Command, choose: Choose): void {
  group.addHelpText("after", USER_HELP);
  group.command("list").description("all accounts")
    .option("--role <role>", "only those of this role", parseRole)
    .option("--suspended", "only those that are suspended")
    .action(({ role, suspended }) => {
      choose({ kind: "user list", role, state: suspended ? "suspended" : undefined });
    });
  group.command("show").description("one account: its role, its state, when it was here")
    .argument("<name>", "whose", parseUser)
    .action((user) => choose({ kind: "user show", user }));
  group.command("add").description("create an account, and a code by which its owner signs in")
    .argument("<name>", "its name", parseUser)
    .option("--role <role>", "member, operator or admin (default member)", parseRole)
    .action((user, { role = "member" }) => choose({ kind: "user add", user, role }));
  group.command("role").description("give an account another role, at once")
    .argument("<name>", "whose", parseUser)
    .argument("<role>", "member, operator or admin", parseRole)
    .action((user, role) => choose({ kind: "user role", user, role }));
  group.command("suspend").description("end an account's sessions, and refuse its logins")
    .argument("<name>", "whose", parseUser)
    .action((user) => choose({ kind: "user suspend", user }));
  group.command("activate").description("let a suspended account log in again")
    .argument("<name>", "whose", parseUser)
    .action((user) => choose({ kind: "user activate", user }));
  group.command("password-reset").description("a code for a new password (the same as code reset)")
    .argument("<name>", "whose", parseUser)
    .option("--expires <time>", "how long the code can be used: 30m, 12h, 7d", parsePeriod)
    .action((user, { expires }) => choose({ kind: "code reset", user, expiresMs: expires }));
}

function addCode(group: Command, choose: Choose): void {
  group.addHelpText("after", CODE_HELP);
  group.command("join").description("a code for one new account or several")
    .option("--rooms <names>", "rooms that they join at once: lobby,ops", parseRooms)
    .option("--role <role>", "member, operator or admin (default member)", parseRole)
    .option("--uses <n>", "how many accounts it makes", parseNumber)
    .option("--expires <time>", "how long it can be used: 30m, 12h, 7d", parsePeriod)
    .action(({ rooms = [], role, uses, expires }) => {
      choose({ kind: "code join", rooms, role, uses, expiresMs: expires });
    });
  group.command("reset").description("a code by which an account gets a new password")
    .argument("<name>", "whose", parseUser)
    .option("--expires <time>", "how long it can be used: 30m, 12h, 7d", parsePeriod)
    .action((user, { expires }) => choose({ kind: "code reset", user, expiresMs: expires }));
  group.command("device").description("a code for a further device of the admin account")
    .option("--expires <time>", "how long it can be used: 30m, 12h, 7d", parsePeriod)
    .action(({ expires }) => choose({ kind: "code device", expiresMs: expires }));
  group.command("list").description("the codes that can be used, without the codes themselves")
    .action(() => choose({ kind: "code list" }));
  group.command("revoke").description("make a code useless")
    .argument("<id>", "its number in the list", parseNumber)
    .action((id) => choose({ kind: "code revoke", id }));
}

function addToken(group: Command, choose: Choose): void {
  group.addHelpText("after", TOKEN_HELP);
  group.command("list").description("the tokens of an account, without the tokens themselves")
    .argument("<name>", "whose", parseUser)
    .action((user) => choose({ kind: "token list", user }));
  group.command("create").description(
    "a token for a program; its bot account is created if missing",
  )
    .argument("<bot>", "the bot's name", parseUser)
    .requiredOption(
      "--scopes <list>",
      "read, send, ask, desk, answer; of one room: send:ops",
      parseScopes,
    )
    .requiredOption("--label <text>", "what it is for, as the list shows it", parseLabel)
    .option("--expires <time>", "how long it is valid: 12h, 90d", parsePeriod)
    .action((bot, { scopes, label, expires }) => {
      choose({ kind: "token create", bot, scopes, label, expiresMs: expires });
    });
  group.command("revoke").description("end a token and its sessions, at once")
    .argument("<id>", "its number in the list", parseNumber)
    .action((token) => choose({ kind: "token revoke", token }));
}

function addBan(group: Command, choose: Choose): void {
  const room = "a room; without it the whole server";
  group.addHelpText("after", BAN_HELP);
  group.command("list").description("the bans that hold")
    .option("--room <name>", room, parseNamedRoom)
    .action(({ room }) => choose({ kind: "ban list", room }));
  group.command("log").description("who did what to whom, and why: the newest last")
    .option("--room <name>", room, parseNamedRoom)
    .option("--limit <n>", "how many (default 50)", parseNumber)
    .action(({ room, limit = LOG_ENTRIES }) => choose({ kind: "ban log", room, limit }));
  group.command("add").description("ban an account, an address or a network")
    .argument("<who>", "bob, 203.0.113.7 or 2001:db8::/48", parseBanned)
    .option("--room <name>", room, parseNamedRoom)
    .option("--for <time>", "how long: 30m, 12h, 7d; without it until it is removed", parsePeriod)
    .option("--reason <text>", "the reason, in the log and for the banned user")
    .action((banned, { room, for: forMs, reason }) => {
      choose({ kind: "ban add", banned, room, forMs, reason });
    });
  group.command("remove").description("end a ban")
    .argument("<who>", "as it was banned", parseBanned)
    .option("--room <name>", room, parseNamedRoom)
    .action((banned, { room }) => choose({ kind: "ban remove", banned, room }));
}

function addPanic(group: Command, choose: Choose): void {
  group.addHelpText("after", PANIC_HELP)
    .argument("<on|off>", "on or off", parseSwitch)
    .action((on) => choose({ kind: "panic", on }));
}
