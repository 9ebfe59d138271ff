// Every command of the server's program, as a script runs it, and how it ends. A command without a row
// fails the tests.

import { Command } from "@commander-js/extra-typings";
import { CERTIFICATE_COMMAND } from "../../../lib/config/certificate.ts";
import { type CommandShape, shapeOf } from "../../../lib/config/completion/program_shape.ts";
import { ADMIN_GROUPS } from "../../../lib/config/people/admin_commands.ts";
import type { Row } from "./rows.ts";

/** In the arguments of a row: a name that no other run has. */
export const NEW_NAME = "NEW";

export const SERVER_ROWS: readonly Row[] = [
  {
    command: "",
    args: ["--listen", "127.0.0.1:0"],
    code: 0,
    interruptAt: /"event":"ready"|Connect with/,
  },
  { command: "", args: ["--help"], code: 0, prints: true },
  { command: "", args: ["--version"], code: 0, prints: true },
  { command: "", args: ["--log-level", "loud"], code: 64 },
  {
    command: "cert",
    args: ["cert", "--name", "chat.example", "--cert", "data/c.pem", "--key", "data/k.pem"],
    code: 0,
    prints: true,
  },
  { command: "cert", args: ["cert", "--help"], code: 0, prints: true },
  { command: "user", args: ["user"], code: 64 },
  { command: "user", args: ["user", "--help"], code: 0, prints: true },
  { command: "user list", args: ["user", "list"], code: 0, prints: true, isOperator: true },
  { command: "user list", args: ["user", "list"], code: 78 },
  {
    command: "user show",
    args: ["user", "show", "admin"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  { command: "user add", args: ["user", "add", NEW_NAME], code: 0, prints: true, isOperator: true },
  { command: "user role", args: ["user", "role", "ada", "member"], code: 0, isOperator: true },
  { command: "user suspend", args: ["user", "suspend", "bob"], code: 0, isOperator: true },
  { command: "user activate", args: ["user", "activate", "ada"], code: 0, isOperator: true },
  {
    command: "user password-reset",
    args: ["user", "password-reset", "ada"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  { command: "code", args: ["code"], code: 64 },
  {
    command: "code join",
    args: ["code", "join", "--json"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  {
    command: "code reset",
    args: ["code", "reset", "ada"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  { command: "code device", args: ["code", "device"], code: 0, prints: true, isOperator: true },
  { command: "code list", args: ["code", "list"], code: 0, prints: true, isOperator: true },
  { command: "code revoke", args: ["code", "revoke", "999999"], code: 1, isOperator: true },
  { command: "token", args: ["token"], code: 64 },
  {
    command: "token list",
    args: ["token", "list", "admin"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  {
    command: "token create",
    args: ["token", "create", NEW_NAME, "--scopes", "read", "--label", "x"],
    code: 0,
    prints: true,
    isOperator: true,
  },
  { command: "token revoke", args: ["token", "revoke", "999999"], code: 1, isOperator: true },
  { command: "ban", args: ["ban"], code: 64 },
  { command: "ban list", args: ["ban", "list"], code: 0, prints: true, isOperator: true },
  { command: "ban log", args: ["ban", "log"], code: 0, prints: true, isOperator: true },
  { command: "ban add", args: ["ban", "add", "203.0.113.7"], code: 0, isOperator: true },
  { command: "ban remove", args: ["ban", "remove", "203.0.113.9"], code: 1, isOperator: true },
  { command: "panic", args: ["panic", "off"], code: 0, isOperator: true },
];

/** The commands of the server's program: an administrator's, and the one that writes a certificate. */
export function describeServer(): CommandShape {
  const program = new Command("parley-server");
  for (const [name, { build }] of Object.entries(ADMIN_GROUPS)) {
    build(program.command(name) as Command, () => {});
  }
  program.command(CERTIFICATE_COMMAND);
  return shapeOf(program as Command);
}
