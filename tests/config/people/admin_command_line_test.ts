import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../../lib/config/config_error.ts";
import { parseAdminCommandLine } from "../../../lib/config/people/admin_command_line.ts";

function parse(
  line: string,
  env: Readonly<Record<string, string>> = {},
): ReturnType<typeof parseAdminCommandLine> {
  const args = line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', "")) ?? [];
  return parseAdminCommandLine(args, { version: "1.2.3", env: (name) => env[name] });
}

/** What is asked, without the fields that are undefined. */
function actionOf(line: string): unknown {
  const parsed = parse(line);
  if (parsed === undefined || "text" in parsed) throw new Error(`No command: ${line}`);
  return JSON.parse(JSON.stringify(parsed.action));
}

Deno.test("admin command line: a start of the server is none", () => {
  for (
    const line of ["", "--listen 127.0.0.1:7000", "--database sqlite:user", "--bus user", "cert"]
  ) {
    assertEquals(parse(line), undefined, line);
  }
});

Deno.test("admin command line: each command is the action that its words say", () => {
  const HOUR = 3_600_000;
  const cases: readonly (readonly [string, unknown])[] = [
    ["user list", { kind: "user list" }],
    ["user list --role operator --suspended", {
      kind: "user list",
      role: "operator",
      state: "suspended",
    }],
    ["user add @ada", { kind: "user add", user: "ada", role: "member" }],
    ["user role ada admin", { kind: "user role", user: "ada", role: "admin" }],
    ["user password-reset ada --expires 1h", {
      kind: "code reset",
      user: "ada",
      expiresMs: HOUR,
    }],
    ["code join --rooms #lobby,ops --role operator --uses 8 --expires 7d", {
      kind: "code join",
      rooms: ["lobby", "ops"],
      role: "operator",
      uses: 8,
      expiresMs: 168 * HOUR,
    }],
    ["code join", { kind: "code join", rooms: [] }],
    ["code revoke 12", { kind: "code revoke", id: 12 }],
    ['token create ci --scopes read,send:ops --label "build server"', {
      kind: "token create",
      bot: "ci",
      scopes: ["read", "send:ops"],
      label: "build server",
    }],
    ["ban add bob --room #ops --for 30m --reason spam", {
      kind: "ban add",
      banned: { user: "bob" },
      room: "ops",
      forMs: HOUR / 2,
      reason: "spam",
    }],
    ["ban add 2001:db8::/48", { kind: "ban add", banned: { network: "2001:db8::/48" } }],
    ["ban remove 203.0.113.7", { kind: "ban remove", banned: { network: "203.0.113.7" } }],
    ["ban log", { kind: "ban log", limit: 50 }],
    ["panic off", { kind: "panic", on: false }],
  ];
  for (const [line, action] of cases) assertEquals(actionOf(line), action, line);
});

Deno.test("admin command line: the server is that of the options before or behind, or of the environment", () => {
  const whereOf = (line: string, env: Readonly<Record<string, string>> = {}) => {
    const parsed = parse(line, env);
    if (parsed === undefined || "text" in parsed) throw new Error(line);
    const { listen: { hostname, port }, database, json, timeoutMs } = parsed;
    return [`${hostname}:${port}`, database.kind, json, timeoutMs];
  };
  assertEquals(whereOf("user list"), ["127.0.0.1:65432", "sqlite", false, 30_000]);
  const mysql = "mysql://root@127.0.0.1/parley";
  assertEquals(
    whereOf(`--listen [::1]:7000 user list --json --timeout 5s --database ${mysql}`),
    ["::1:7000", "mysql", true, 5_000],
  );
  const env = { PARLEY_LISTEN: "127.0.0.1:7001", PARLEY_DATABASE: mysql };
  assertEquals(whereOf("--json user list", env), ["127.0.0.1:7001", "mysql", true, 30_000]);
});

Deno.test("admin command line: what is wrong is named with what is right, in one line", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["user", "user needs one of list, show, add"],
    ["user lits", "unknown command 'lits'"],
    ["user show", "missing required argument 'name'"],
    ["user show a b", "too many arguments"],
    ["user role ada king", "'king': A role is member, operator, admin"],
    ["user list --role king", "--role 'king': A role is"],
    ["code join --rooms lobby,?1", "A room's name is"],
    ["code join --uses 0", "from 1 on"],
    ["code join --expires 10y", "like 30m, 12h or 7d"],
    ["token create ci --scopes fly --label x", "Scopes are read, send, ask, desk and answer"],
    ["token create ci --scopes send:b!d --label x", "Scopes are read, send, ask, desk and answer"],
    ["token create ci --scopes read", "--label"],
    [`token create ci --scopes read --label ${"x".repeat(65)}`, "1 to 64 characters"],
    ["ban add 1.2.3.4/33", "at most /32"],
    ["ban add ::1/129", "at most /128"],
    ["ban add b!b", "A name is 2 to 32"],
    ["panic", "missing required argument 'on|off'"],
    ["panic maybe", "It is on or off"],
    ["ban list --lisen x", "--listen"],
  ];
  for (const [line, says] of cases) {
    const error = assertThrows(() => parse(line), ConfigError);
    assertEquals(error.exitCode, 64);
    assertStringIncludes(error.message, says);
    assertEquals(error.message.includes("\n"), false, line);
  }
});

Deno.test("admin command line: --help has examples and the exit codes, within 100 columns", () => {
  for (const group of ["user", "code", "token", "ban", "panic"]) {
    const parsed = parse(`${group} --help`);
    if (parsed === undefined || !("text" in parsed)) throw new Error(group);
    assertStringIncludes(parsed.text, "Examples:\n  deno task server");
    assertStringIncludes(parsed.text, "Exit codes: 0 done");
    const wide = parsed.text.split("\n").filter((line) => line.length > 100);
    assertEquals(wide, [], group);
  }
});
