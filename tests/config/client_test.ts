import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { formatExitCodes } from "../../lib/client/exit.ts";
import { type ClientConfig, parseClientConfig } from "../../lib/config/client.ts";
import { ConfigError } from "../../lib/config/config_error.ts";

interface Surroundings {
  /** The folders that exist. */
  readonly folders?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: string;
  /** Files of the state, by their path in its directory. */
  readonly state?: Readonly<Record<string, string>>;
  /** True unless given. */
  readonly isAttended?: boolean;
}

const STATE = "/home/ada/.local/state/parley/";

function parse(
  args: readonly string[],
  { env = {}, file, state = {}, folders = [], isAttended = true }: Surroundings = {},
): ReturnType<typeof parseClientConfig> {
  const variables: Readonly<Record<string, string>> = { HOME: "/home/ada", ...env };
  return parseClientConfig(args, {
    version: "1.2.3",
    exitCodes: formatExitCodes(),
    env: (name) => variables[name],
    hasFolder: (path) => folders.includes(path),
    isAttended: () => isAttended,
    findFile: (path) =>
      path === "/home/ada/.config/parley/client.json" ? file : state[path.slice(STATE.length)],
  });
}

function config(args: readonly string[], surroundings: Surroundings = {}): ClientConfig {
  const parsed = parse(args, surroundings);
  if ("text" in parsed) throw new Error(parsed.text);
  return parsed;
}

function refused(args: readonly string[], surroundings: Surroundings = {}): ConfigError {
  return assertThrows(() => parse(args, surroundings), ConfigError);
}

Deno.test("client config: without anything it is a chat in the lobby of this machine's server", () => {
  assertEquals(config([]), {
    server: { address: { hostname: "127.0.0.1", port: 65432 } },
    profiles: [],
    profile: undefined,
    undecided: undefined,
    caPath: undefined,
    notifyCommand: undefined,
    plain: undefined,
    name: undefined,
    remembersName: false,
    isNameInEnvironment: false,
    configDirectory: "/home/ada/.config/parley",
    stateDirectory: "/home/ada/.local/state/parley",
    command: { kind: "chat", room: "lobby" },
  });
  assertEquals(config(["chat", "#ops"]).command, { kind: "chat", room: "ops" });
});

Deno.test("client config: XDG variables name the folders, unless only those in HOME exist", () => {
  const env = { XDG_CONFIG_HOME: "/etc/ada", XDG_STATE_HOME: "/var/ada/" };
  const directories = (surroundings: Surroundings) => {
    const { configDirectory, stateDirectory } = config([], surroundings);
    return [configDirectory, stateDirectory];
  };
  assertEquals(directories({ env }), ["/etc/ada/parley", "/var/ada/parley"]);
  const former = "/home/ada/.config/parley";
  assertEquals(directories({ env, folders: [former] }), [former, "/var/ada/parley"]);
  assertEquals(directories({ env, folders: [former, "/etc/ada/parley"] })[0], "/etc/ada/parley");
  const relative = { XDG_CONFIG_HOME: "etc", XDG_STATE_HOME: "" };
  assertEquals(directories({ env: relative }), [former, "/home/ada/.local/state/parley"]);
  assertEquals(directories({ env: { ...env, HOME: "" } })[0], "/etc/ada/parley");
  assertStringIncludes(refused([], { env: { HOME: "" } }).message, "HOME is not set");
});

Deno.test("client config: each command with its defaults and its options", () => {
  const timeoutMs = 30_000;
  assertEquals(config(["send", "ops"]).command, {
    kind: "send",
    room: "ops",
    text: undefined,
    json: false,
    timeoutMs,
  });
  assertEquals(config(["send", "ops", "hello you", "--json", "--timeout", "500ms"]).command, {
    kind: "send",
    room: "ops",
    text: "hello you",
    json: true,
    timeoutMs: 500,
  });
  assertEquals(config(["ask"]).command, {
    kind: "ask",
    text: undefined,
    queue: undefined,
    json: false,
    timeoutMs: 1_800_000,
  });
  assertEquals(config(["ask", "may I?", "--json", "--timeout", "2h"]).command, {
    kind: "ask",
    text: "may I?",
    queue: undefined,
    json: true,
    timeoutMs: 7_200_000,
  });
  assertEquals(config(["tail", "?42"]).command, {
    kind: "tail",
    room: "?42",
    json: false,
    showsSeq: false,
    history: 0,
    since: undefined,
  });
  assertEquals(config(["tail", "ops", "--history", "20", "--since", "0", "--json"]).command, {
    kind: "tail",
    room: "ops",
    json: true,
    showsSeq: false,
    history: 20,
    since: 0,
  });
  for (
    const [args, since, json] of [[[], undefined, false], [
      ["--since", "7", "--json"],
      7,
      true,
    ]] as const
  ) {
    const command = { kind: "tail", room: "desk", history: 0, since, json } as const;
    assertEquals(config(["desk", ...args]).command, command);
  }
  for (const args of [["desk", "--since", "7d"], ["desk", "report", "--since", "soon"]]) {
    assertStringIncludes(refused(args).message, "--since takes");
  }
  assertEquals(config(["desk", "report", "--since", "30d", "--json"]).command, {
    kind: "report",
    periodMs: 30 * 86_400_000,
    json: true,
    timeoutMs,
  });
  assertEquals(config(["history", "?42"]).command, {
    kind: "history",
    room: "?42",
    json: false,
    showsSeq: false,
    before: undefined,
    sinceMs: undefined,
    limit: 50,
    timeoutMs,
  });
  assertEquals(
    config(["history", "ops", "--before", "9", "--limit", "500", "--timeout", "2m"]).command,
    {
      kind: "history",
      room: "ops",
      json: false,
      showsSeq: false,
      before: 9,
      sinceMs: undefined,
      limit: 500,
      timeoutMs: 120_000,
    },
  );
});

Deno.test("client config: wait has a pattern, and history --since is a day or a minute here", () => {
  const given = ["wait", "ops", "--match", "a(b|c)", "--since", "7", "--timeout", "10m", "--seq"];
  assertEquals(config(given).command, {
    kind: "wait",
    room: "ops",
    pattern: "a(b|c)",
    since: 7,
    timeoutMs: 600_000,
    json: false,
    showsSeq: true,
  });
  for (
    const [text, date] of [
      ["2026-11-01", new Date(2026, 10, 1)],
      ["2026-11-01T14:05", new Date(2026, 10, 1, 14, 5)],
      ["2026-11-01T14:05Z", new Date(Date.UTC(2026, 10, 1, 14, 5))],
    ] as const
  ) {
    const { command } = config(["history", "ops", "--since", text]);
    assert(command.kind === "history");
    assertEquals([command.sinceMs, command.limit], [date.getTime(), undefined], text);
  }
  const wrong = ["yesterday", "2026-02-30", "2026-13-01", "4711", "2026-11-01T25:00"];
  for (const text of wrong) {
    const { message, exitCode } = refused(["history", "ops", "--since", text]);
    assertStringIncludes(message, "a day like 2026-11-01");
    assertEquals(exitCode, 64);
  }
  for (const args of [["--match", "a("], ["--match", "\\-"], []]) {
    assertEquals(refused(["wait", "ops", ...args]).exitCode, 64);
  }
});

Deno.test("client config: a text may begin with a dash, after two of them", () => {
  const { command } = config(["send", "ops", "--", "--json"]);
  assertEquals(command.kind === "send" && command.text, "--json");
});

Deno.test("client config: server and name come from flag, variable, file, in this order", () => {
  const file = JSON.stringify({ server: "file:1", name: "filo" });
  const env = { PARLEY_SERVER: "env:2", PARLEY_NAME: "envy" };
  const of = (
    { server, name }: ClientConfig,
  ) => [server.address.hostname, server.address.port, name];
  assertEquals(of(config([], { file })), ["file", 1, "filo"]);
  assertEquals(of(config([], { file, env })), ["env", 2, "envy"]);
  const flags = ["--server", "[::1]:3", "--name", "flag"];
  assertEquals(of(config(flags, { file, env })), ["::1", 3, "flag"]);
  assertEquals(of(config(["tail", "ops", ...flags], { file, env })), ["::1", 3, "flag"]);
  assertEquals(of(config([], { file, env: { PARLEY_SERVER: "", PARLEY_NAME: "" } })), [
    "file",
    1,
    "filo",
  ]);
});

Deno.test("client config: what is wrong on the command line is 64, in one line", () => {
  const wrong = [
    ["sned", "ops"],
    ["send"],
    ["send", "ops", "two", "words"],
    ["send", "no room", "x"],
    ["send", "ops", "x", "--jsno"],
    ["ask", "two", "words"],
    ["ask", "x", "--timeout", "0"],
    ["tail", "?0"],
    ["tail", "ops", "--since", "-1"],
    ["tail", "ops", "--history", "many"],
    ["history", "ops", "--limit", "0"],
    ["history", "ops", "--timeout", "soon"],
    ["history", "ops", "--timeout", "9999h"],
    ["--server", "nowhere:x"],
    ["--server", "host:99999"],
    ["--name", "a b"],
    ["--name", "x"],
    ["chat", "ops", "dev"],
    ["ops"],
  ];
  for (const args of wrong) {
    const error = refused(args);
    assertEquals([error.exitCode, error.message.includes("\n")], [64, false], args.join(" "));
  }
  assertStringIncludes(refused(["sned"]).message, 'no command "sned": there are chat, menu, send,');
});

Deno.test("client config: what is wrong in the environment or the file is 78, and named", () => {
  const cases: readonly (readonly [Surroundings, string])[] = [
    [{ env: { HOME: "" } }, "HOME is not set"],
    [{ env: { PARLEY_SERVER: "nowhere:x" } }, "PARLEY_SERVER"],
    [{ env: { PARLEY_NAME: "a b" } }, "PARLEY_NAME"],
    [{ file: "{" }, "client.json is not JSON"],
    [{ file: "[]" }, "must hold an object"],
    [{ file: '{"sever":"a:1"}' }, '"sever"'],
    [{ file: '{"name":7}' }, '"name" must be a string'],
    [{ file: '{"server":"nowhere:x"}' }, '"server" in client.json'],
  ];
  for (const [surroundings, says] of cases) {
    const error = refused([], surroundings);
    assertEquals(error.exitCode, 78, says);
    assertStringIncludes(error.message, says);
  }
});

Deno.test("client config: a server without a port is at the default one", () => {
  for (const [text, hostname] of [["chat", "chat"], ["::1", "::1"], ["[::1]", "::1"]] as const) {
    const server = { hostname, port: 65432 };
    assertEquals(config(["--server", text]).server.address, server);
    assertEquals(config([], { env: { PARLEY_SERVER: text } }).server.address, server);
    assertEquals(config([], { file: JSON.stringify({ server: text }) }).server.address, server);
  }
});

const PIN = "A".repeat(22);
const SERVERS = {
  chat: { address: `parley://chat.example:65433#${PIN}`, name: "ada", plain: true },
  Work: { address: "work.example:7000", name: "eva", notify_command: "beep" },
};
const TWO = JSON.stringify({ name: "filo", notify_command: "ring", servers: SERVERS });
const PLACE_OF_WORK = { hostname: "work.example", port: 7000 };

Deno.test("client config: a server of the person is chosen by its name or its address", () => {
  const chat = { address: { hostname: "chat.example", port: 65433 }, tls: { pin: PIN } };
  for (const text of ["chat", "CHAT", "parley://chat.example"]) {
    const { server, name, plain, notifyCommand, profile } = config(["--server", text], {
      file: TWO,
    });
    assertEquals([server, name, plain, profile?.name], [chat, "ada", true, "chat"], text);
    assertEquals(notifyCommand, "ring", "what is set for all counts where nothing else is");
  }
  const work = config([], { file: TWO, env: { PARLEY_SERVER: "work", PARLEY_NAME: "envy" } });
  assertEquals([work.server.address, work.name], [PLACE_OF_WORK, "envy"]);
  assertEquals([work.plain, work.notifyCommand], [undefined, "beep"]);
  const chosen = JSON.stringify({ server: "work", servers: SERVERS });
  assertEquals(config([], { file: chosen, isAttended: false }).name, "eva");
});

Deno.test("client config: another key, port or way is another server, with nothing of the kept one", () => {
  const others = [
    `parley://chat.example#${"B".repeat(21)}A`,
    "chat.example:65433",
    "parley://chat.example:65434",
    "chat:65433",
  ];
  for (const text of others) {
    const { profile, name, plain } = config(["--server", text], { file: TWO });
    assertEquals([profile, name, plain], [undefined, "filo", undefined], text);
  }
  const refusal = refused(["--server", "work", "--tls"], { file: TWO });
  assertEquals([refusal.exitCode, /without TLS/.test(refusal.message)], [64, true]);
});

Deno.test("client config: without --server it is the only one, else the one used last by a person", () => {
  const only = JSON.stringify({ servers: { Work: SERVERS.Work } });
  assertEquals(config([], { file: only, isAttended: false }).server.address, PLACE_OF_WORK);
  const uses = (chat: string, work: string) => ({
    [`servers/${encodeURIComponent(SERVERS.chat.address)}`]: chat,
    [`servers/${encodeURIComponent(SERVERS.Work.address)}`]: work,
  });
  const [sooner, later] = ["2026-11-01T10:00:00.000Z", "2026-11-02T09:00:00.000Z"];
  const used = (state: Readonly<Record<string, string>>) => config([], { file: TWO, state }).name;
  assertEquals([used(uses(later, sooner)), used(uses(sooner, later))], ["ada", "eva"]);
  const undecided: readonly Surroundings[] = [
    { file: TWO },
    { file: TWO, state: uses(sooner, later), isAttended: false },
  ];
  for (const surroundings of undecided) {
    const { exitCode, message } = refused(["send", "ops", "x"], surroundings);
    assertEquals(exitCode, 64);
    assertStringIncludes(message, "--server NAME chooses one of chat, Work");
    // A join string may name another server, and the list needs none.
    assertEquals(config(["servers"], surroundings).command.kind, "servers");
    assertStringIncludes(config(["join"], surroundings).undecided ?? "", "Which server?");
  }
  assertEquals(config(["--tls"], { file: TWO }).server.address.hostname, "127.0.0.1");
});

Deno.test("client config: a server that cannot be read is 78, and named", () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [[], "an object for each server"],
    [{ "a.b": SERVERS.Work }, '"a.b"'],
    [{ work: {} }, '"work" must hold an "address"'],
    [{ work: { address: "no where" } }, '"work", "address"'],
    [{ work: { address: "w", server: "x" } }, '"server"'],
    [{ work: { address: "w", name: 7 } }, '"name" must be a string'],
  ];
  for (const [servers, says] of cases) {
    const { exitCode, message } = refused([], { file: JSON.stringify({ servers }) });
    assertEquals([exitCode, message.includes(says)], [78, true], message);
  }
});

Deno.test("client config: a name is to be remembered only when it is an option", () => {
  assertEquals(config(["--name", "ada"]).remembersName, true);
  assertEquals(config([], { env: { PARLEY_NAME: "ada" } }).remembersName, false);
  assertEquals(config([], { file: '{"name":"ada"}' }).remembersName, false);
  assertEquals(config([], { env: { PARLEY_NAME: "ada" } }).isNameInEnvironment, true);
  assertEquals(config([], { file: '{"name":"ada"}' }).isNameInEnvironment, false);
  const both = config(["--name", "bob"], { env: { PARLEY_NAME: "ada" } });
  assertEquals(both.isNameInEnvironment, false);
});

Deno.test("client config: a byte order mark is no part of the file", () => {
  assertEquals(config([], { file: '\ufeff{"name":"ada"}' }).name, "ada");
});

Deno.test("client config: help and version are printed, whatever else is wrong", () => {
  const text = (args: readonly string[]) => {
    const parsed = parse(args, { env: { HOME: "" } });
    return "text" in parsed ? parsed.text : "";
  };
  assertEquals(text(["--version"]).trim(), "1.2.3");
  assertStringIncludes(text(["--help"]), formatExitCodes());
  for (const command of ["chat", "send", "ask", "tail", "history"]) {
    const help = text([command, "--help"]);
    assertStringIncludes(help, "Examples:");
    assertStringIncludes(help, "--server");
    assertEquals(help.split("\n").filter((line) => line.length > 100), [], command);
  }
});
