import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { formatAddress, parseAddress } from "../../lib/config/address.ts";
import { ConfigError } from "../../lib/config/config_error.ts";
import { formatDatabase, parseDatabase } from "../../lib/config/database.ts";
import { parseLimits } from "../../lib/config/limits.ts";
import { parseServerConfig, type ServerConfig } from "../../lib/config/server.ts";
import { encodeFrame } from "../../lib/wire/codec.ts";
import { DEFAULT_LIMITS, LIMITS_OFF } from "../../lib/wire/limits.ts";

function parse(
  args: readonly string[],
  { vars = {}, files = {} }: {
    vars?: Record<string, string>;
    files?: Record<string, string | Uint8Array>;
  } = {},
): ServerConfig {
  const config = parseServerConfig(args, {
    version: "9.9.9",
    env: (name) => vars[name],
    readFile: (path) => {
      const content = files[path];
      if (content === undefined) throw new Deno.errors.NotFound();
      return typeof content === "string" ? new TextEncoder().encode(content) : content;
    },
  });
  assert(!("text" in config));
  return config;
}

function complaint(args: readonly string[], vars: Record<string, string> = {}): [number, string] {
  const error = assertThrows(() => parse(args, { vars }), ConfigError);
  assertEquals(error.message.includes("\n"), false);
  return [error.exitCode, error.message];
}

Deno.test("server config: without options the defaults hold", () => {
  assertEquals(parse([]), {
    listen: { hostname: "127.0.0.1", port: 65432 },
    tls: undefined,
    publicAddress: undefined,
    trustedProxies: undefined,
    database: { kind: "sqlite", path: "data/parley.db" },
    bus: undefined,
    limits: DEFAULT_LIMITS,
    createRooms: "anyone",
    accounts: "open",
    invites: "admins",
    speaksLegacyDialect: true,
    loopback: "exempt",
    deskPath: undefined,
    logLevel: "info",
    upgradesLegacy: false,
    console: "all",
    hosts: [],
  });
});

Deno.test("server config: a flag counts more than the environment, that more than the default", () => {
  const vars = {
    PARLEY_LISTEN: "127.0.0.1:1",
    PARLEY_LOG_LEVEL: "debug",
    PARLEY_LIMIT: "page=5, frame=70000",
  };
  const config = parse(["--listen", "[::1]:2"], { vars });
  assertEquals(config.listen, { hostname: "::1", port: 2 });
  assertEquals(config.logLevel, "debug");
  assertEquals([config.limits.page, config.limits.frame], [5, 70_000]);
});

Deno.test("server config: a bus is an address; its user and password come from the environment", () => {
  const database = ["--database", "mysql://root@db/parley"];
  const nobody = { user: undefined, password: undefined, token: undefined };
  for (
    const [url, bus] of [
      ["nats://bus:4333", { host: "bus", port: 4333, ...nobody }],
      ["nats://127.0.0.1", { host: "127.0.0.1", port: 4222, ...nobody }],
      ["nats://[::1]:1/", { host: "::1", port: 1, ...nobody }],
    ] as const
  ) assertEquals(parse([...database, "--bus", url]).bus, bus);
  for (
    const [url, bus] of [
      ["nats://ada:p%40ss@bus", {
        host: "bus",
        port: 4222,
        user: "ada",
        password: "p@ss",
        token: undefined,
      }],
      ["nats://s3cret@bus", { host: "bus", port: 4222, ...nobody, token: "s3cret" }],
    ] as const
  ) assertEquals(parse(database, { vars: { PARLEY_BUS: url } }).bus, bus);
});

Deno.test("server config: a bus that is malformed, shows a secret, or has no MySQL is refused", () => {
  const database = ["--database", "mysql://root@db/parley"];
  for (const url of ["bus:4222", "nats://", "redis://bus", "nats://bus/x", "nats://bus:99999"]) {
    const [code, message] = complaint([...database, "--bus", url]);
    assertEquals(code, 64);
    assertStringIncludes(message, "--bus must be");
  }
  const [, secret] = complaint([...database, "--bus", "nats://ada:hunter2@bus"]);
  assertStringIncludes(secret, "PARLEY_BUS");
  assertEquals(secret.includes("hunter2"), false);
  assertStringIncludes(complaint(["--bus", "nats://bus"])[1], "needs a MySQL database");
});

Deno.test("server config: TLS needs an address, a certificate and a key", () => {
  const files = ["--tls-cert", "data/cert.pem", "--tls-key", "data/key.pem"];
  assertEquals(parse(["--tls-listen", "0.0.0.0", ...files]).tls, {
    listen: { hostname: "0.0.0.0", port: 65433 },
    certificatePath: "data/cert.pem",
    keyPath: "data/key.pem",
  });
  const vars = { PARLEY_TLS_LISTEN: "[::]:1", PARLEY_TLS_CERT: "c", PARLEY_TLS_KEY: "k" };
  assertEquals(parse([], { vars }).tls?.listen, { hostname: "::", port: 1 });
  for (
    const [args, missing] of [
      [files, "--tls-listen is missing"],
      [["--tls-listen", "0.0.0.0"], "--tls-cert and --tls-key are missing"],
      [["--tls-listen", "0.0.0.0", ...files.slice(2)], "--tls-cert is missing"],
    ] as const
  ) {
    const [code, message] = complaint(args);
    assertEquals([code, message.split(":")[0]], [64, missing]);
  }
  assertStringIncludes(
    complaint(["--tls-listen", "65433", ...files])[1],
    "--tls-listen lacks a host",
  );
});

Deno.test("server config: an address that others can reach is plain only with --insecure-plain", () => {
  for (const listen of ["127.0.0.1:1", "127.8.8.8", "[::1]:1", "localhost", "::ffff:127.0.0.1"]) {
    parse(["--listen", listen]);
  }
  for (const listen of ["0.0.0.0:1", "::", "192.0.2.7", "chat.example", "1270.example"]) {
    const [code, message] = complaint(["--listen", listen]);
    assertEquals(code, 78);
    assertStringIncludes(message, "is not encrypted");
    parse(["--listen", listen, "--insecure-plain"]);
    parse(["--listen", listen], { vars: { PARLEY_INSECURE_PLAIN: "on" } });
  }
  const [code, message] = complaint([], { PARLEY_INSECURE_PLAIN: "yes" });
  assertEquals([code, message], [64, "PARLEY_INSECURE_PLAIN must be one of on, off"]);
});

Deno.test("server config: trusted proxies are addresses and networks", () => {
  const { trustedProxies: trusted } = parse([
    "--trusted-proxies",
    "10.0.0.0/8, fd00::/8,192.0.2.7",
  ]);
  assert(trusted !== undefined);
  for (const address of ["10.1.2.3", "192.0.2.7"]) {
    assertEquals(trusted.check(address, "ipv4"), true);
  }
  for (const address of ["11.0.0.1", "192.0.2.8"]) {
    assertEquals(trusted.check(address, "ipv4"), false);
  }
  assertEquals([trusted.check("fd12::1", "ipv6"), trusted.check("fe80::1", "ipv6")], [true, false]);
  for (
    const wrong of ["balancer", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "10.0.0.0/8/8", "1.2.3"]
  ) {
    const [code, message] = complaint(["--trusted-proxies", wrong]);
    assertEquals(code, 64);
    assertStringIncludes(message, JSON.stringify(wrong));
  }
});

Deno.test("server config: only the flag starts an upgrade", () => {
  assertEquals(parse(["--upgrade-legacy"]).upgradesLegacy, true);
  assertEquals(parse([], { vars: { PARLEY_UPGRADE_LEGACY: "on" } }).upgradesLegacy, false);
});

Deno.test("server config: this machine may be limited like any other, by flag or variable", () => {
  assertEquals(parse(["--loopback", "limited"]).loopback, "limited");
  assertEquals(parse([], { vars: { PARLEY_LOOPBACK: "limited" } }).loopback, "limited");
  const [code, message] = complaint([], { PARLEY_LOOPBACK: "trusted" });
  assertEquals([code, message], [64, "--loopback must be one of exempt, limited"]);
});

Deno.test("server config: help and version are printed", () => {
  for (const [flag, part] of [["--help", "PARLEY_DATABASE"], ["--version", "9.9.9"]] as const) {
    const answer = parseServerConfig([flag], {
      version: "9.9.9",
      env: () => undefined,
      readFile: () => new Uint8Array(),
    });
    assert("text" in answer);
    assertStringIncludes(answer.text, part);
  }
});

Deno.test("server config: a wrong option is one line, and code 64", () => {
  const wrong: readonly string[][] = [
    ["--nonsense"],
    ["--listn", "127.0.0.1:1"],
    ["stray"],
    ["--listen"],
    ["--listen", "7000"],
    ["--listen", ":7000"],
    ["--listen", "127.0.0.1:70000"],
    ["--database", "postgres://x/y"],
    ["--database", "sqlite:"],
    ["--database", "mysql://host/"],
    ["--database", "mysql://host/mysql"],
    ["--limit", "nonsense=1"],
    ["--limit", "page=-1"],
    ["--limit", "page=1.5"],
    ["--limit", "all=on"],
    ["--create-rooms", "nobody"],
    ["--accounts", "some"],
    ["--invites", "everybody"],
    ["--log-level", "loud"],
    ["--legacy-dialect", "maybe"],
    ["--console", "some"],
    ["--loopback", "off"],
  ];
  for (const args of wrong) assertEquals(complaint(args)[0], 64, args.join(" "));
  assertStringIncludes(complaint(["--listn", "x"])[1], "--listen");
});

Deno.test("server config: a password is taken from the environment or a file, never from a flag", () => {
  const url = "mysql://ann:s3cr%2Fet@db:3307/chat";
  const [code, message] = complaint(["--database", url]);
  assertEquals(code, 64);
  assertEquals(message.includes("s3cr"), false);
  const fromUrl = parse([], { vars: { PARLEY_DATABASE: url } }).database;
  assertEquals(fromUrl, {
    kind: "mysql",
    host: "db",
    port: 3307,
    user: "ann",
    password: "s3cr/et",
    database: "chat",
    tls: undefined,
  });
  assertEquals(formatDatabase(fromUrl), "mysql://ann@db:3307/chat");
  const plain = ["--database", "mysql://ann@db/chat"];
  const fromEnv = parse(plain, { vars: { PARLEY_DATABASE_PASSWORD: "x" } }).database;
  assertEquals(fromEnv.kind === "mysql" && fromEnv.password, "x");
  const withFile = [...plain, "--database-password-file", "secret"];
  const fromFile = parse(withFile, { files: { secret: "y\n" } }).database;
  assertEquals(fromFile.kind === "mysql" && fromFile.password, "y");
  assertEquals(complaint(withFile)[0], 78);
});

Deno.test("limits: values that break a promise together are refused, with 78 and both values", () => {
  const broken: readonly (readonly [limits: readonly string[], says: string])[] = [
    [["content_encoded=60001"], "content_encoded must not be above 60000"],
    [["content_encoded=65536", "frame=100000"], "(now content_encoded = 65536)"],
    [["content=59999"], "content + 2 = 60001, content_encoded = 60000"],
    [["content_encoded=32769"], "content + 2 must not be above content_encoded"],
    [["frame=61023"], "content_encoded + 1024 must not be above frame"],
    [["frame_before_auth=65537"], "frame_before_auth must not be above frame"],
    [["frame_before_auth=1023"], "1024 must not be above frame_before_auth"],
    [["queue_bytes=65535"], "65536 must not be above queue_bytes"],
    [["queue_total=1048575"], "queue_bytes must not be above queue_total"],
    [["pending_bytes=32767"], "content must not be above pending_bytes"],
    [["drain_ms=2147483648"], "drain_ms must not be above 2147483647"],
    [["all=off", "content_encoded=60001"], "content_encoded"],
  ];
  for (const [limits, says] of broken) {
    const [code, message] = complaint(limits.flatMap((limit) => ["--limit", limit]));
    assertEquals(code, 78, limits.join(" "));
    assertStringIncludes(message, says);
    assertEquals(message.includes("\n"), false);
  }
  for (
    const limits of [
      ["content=59998"],
      ["content_encoded=32770"],
      ["content=1000", "content_encoded=2000", "frame=3024", "frame_before_auth=3000"],
      ["queue_bytes=65536"],
    ]
  ) parseLimits(limits);
});

Deno.test("limits: the longest text fits in a frame with the longest of everything around it", () => {
  const longest = Number.MAX_SAFE_INTEGER;
  const event = encodeFrame({
    type: "desk",
    inquiry: longest,
    room: "desk",
    seq: longest,
    user: longest,
    // As long as the store's column, and each character as long as JSON writes one.
    from: "\u2028".repeat(255),
    guest: true,
    bot: true,
    time: longest,
    of: longest,
    to: longest,
    until: longest,
    edited: longest,
    change: "reopened",
    state: "withdrawn",
    assignee: "\u2028".repeat(255),
    choices: Array.from({ length: 8 }, () => "\u2028".repeat(10)),
    expires: longest,
    needs: longest,
    content: '"'.repeat((DEFAULT_LIMITS.content_encoded - 2) / 2),
  });
  assert(event.length > DEFAULT_LIMITS.content_encoded);
  assert(event.length <= DEFAULT_LIMITS.frame, `${event.length} bytes`);
});

Deno.test("server config: a password file's byte order mark is no part of the password", () => {
  const args = ["--database", "mysql://ann@db/chat", "--database-password-file", "secret"];
  const { database } = parse(args, { files: { secret: "\ufeffs3cret\r\n" } });
  assertEquals(database.kind === "mysql" && database.password, "s3cret");
  const utf16 = Uint8Array.of(0xff, 0xfe, 0x73, 0x00);
  const error = assertThrows(() => parse(args, { files: { secret: utf16 } }), ConfigError);
  assertStringIncludes(error.message, "is not UTF-8 text");
});

Deno.test("server config: for a password that breaks the address the error names the two ways to write it", () => {
  const broken = ["s3#x", "s3/x", "s3?x", "3/x", "3#x", "3?x", "s3%x", "3#@x"];
  for (const password of broken) {
    for (const rest of ["db/chat", "db:3307/chat"]) {
      const vars = { PARLEY_DATABASE: `mysql://ann:${password}@${rest}` };
      const [code, message] = complaint([], vars);
      assertEquals(code, 64, password);
      assertStringIncludes(message, "%25");
      assertStringIncludes(message, "PARLEY_DATABASE_PASSWORD");
      assertEquals(message.includes(password), false);
    }
  }
  const { database } = parse([], { vars: { PARLEY_DATABASE: "mysql://ann:s3@x@db/chat" } });
  assertEquals(database.kind === "mysql" && database.password, "s3@x");
});

Deno.test("server config: the same holds for the bus's address", () => {
  for (const password of ["s3#x", "s3/x", "s3?x", "3/x", "s3%x"]) {
    const vars = {
      PARLEY_DATABASE: "mysql://root@db/parley",
      PARLEY_BUS: `nats://ann:${password}@bus`,
    };
    const [code, message] = complaint([], vars);
    assertEquals(code, 64, password);
    assertStringIncludes(message, "%25");
    assertEquals(message.includes(password), false);
  }
});

Deno.test("server config: the machine's names for others come from PARLEY_HOST", () => {
  const vars = { PARLEY_HOST: " chat.example.org 192.0.2.7, fd00::2 <x> " };
  assertEquals(parse([], { vars }).hosts, ["chat.example.org", "192.0.2.7", "fd00::2"]);
});

Deno.test("server config: TLS to the database is required, by the system's authorities or by a file's", () => {
  const certificate = "\ufeff-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
  const files = { "data/ca +1.pem": certificate, "data/empty.pem": "key" };
  const tlsOf = (query: string) => {
    const { database } = parse(["--database", `mysql://root@db/chat${query}`], { files });
    return database.kind === "mysql" ? database.tls : undefined;
  };
  assertEquals(tlsOf(""), undefined);
  assertEquals(tlsOf("?tls=required"), { isVerified: false });
  assertEquals(tlsOf("?tls=system"), { isVerified: true });
  const file = tlsOf("?tls=data/ca%20+1.pem");
  assertEquals(file, { isVerified: true, caFile: "data/ca +1.pem", ca: certificate.slice(1) });
  for (
    const query of ["?tls", "?tls=", "?tls=require", "?ssl=on", "?tls=system&x=1", "?tls=%zz", "#x"]
  ) {
    assertEquals(complaint(["--database", `mysql://root@db/chat${query}`])[0], 64, query);
  }
  for (const path of ["data/missing.pem", "data/empty.pem"]) {
    const where = ["--database", `mysql://root@db/chat?tls=${path}`];
    const { exitCode, message } = assertThrows(() => parse(where, { files }), ConfigError);
    assertEquals([exitCode, message.includes(path)], [78, true], message);
  }
});

Deno.test("limits: turned off, rates vanish and bounds of memory stay", () => {
  const off = parseLimits(["all=off", "page=7"]);
  assertEquals(off, { ...LIMITS_OFF, page: 7 });
  assert(off.queue_bytes >= DEFAULT_LIMITS.queue_bytes);
  assertEquals(off.frame, DEFAULT_LIMITS.frame);
});

Deno.test("addresses: are written as they are read", () => {
  for (const text of ["127.0.0.1:65432", "[::1]:1", "chat.example.org:9000"]) {
    assertEquals(formatAddress(parseAddress(text, "--listen")), text);
  }
});

Deno.test("addresses: without a port it is the default one", () => {
  for (
    const [text, hostname] of [
      ["chat", "chat"],
      ["127.0.0.1", "127.0.0.1"],
      ["::1", "::1"],
      ["[::1]", "::1"],
    ] as const
  ) assertEquals(parseAddress(text, "--server"), { hostname, port: 65432 });
  for (const text of ["", "chat:", ":1", "7000", "a:b:1", "http://chat", "chat/x", "ada@chat"]) {
    assertThrows(() => parseAddress(text, "--server"), ConfigError, "--server");
  }
});

Deno.test("databases: a mysql address without user or port has root and 3306", () => {
  assertEquals(
    formatDatabase(parseDatabase("mysql://127.0.0.1/parley", "flag")),
    "mysql://root@127.0.0.1:3306/parley",
  );
});
