import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigError } from "../../lib/config/config_error.ts";
import { parseDatabase } from "../../lib/config/database.ts";
import {
  needsOf,
  type PermissionQuestion,
  requirePermissions,
} from "../../lib/config/permissions.ts";
import { describeStart } from "../../lib/config/server.ts";
import {
  flagsFor,
  formatStartCommand,
  type ServerAddresses,
  TASK_ADDRESSES,
  withListen,
} from "../../lib/config/start_command.ts";
import deno from "../../deno.json" with { type: "json" };

const HERE = { hostname: "127.0.0.1", port: 65432 };
const NOTHING = { args: [], settings: [] };

function places(database = "sqlite:data/parley.db"): ServerAddresses {
  return { listen: HERE, database: parseDatabase(database, "flag"), bus: undefined };
}

/** What is said to one who may not, when these alone are granted. */
function refusal(
  config: ServerAddresses,
  granted: readonly string[],
  isBinary = false,
): string {
  const query = (question: PermissionQuestion) =>
    granted.includes(question.name === "net" ? question.host : question.path)
      ? "granted"
      : "prompt";
  const sources = { started: NOTHING, isBinary, query };
  return assertThrows(() => requirePermissions(needsOf(config), sources), ConfigError).message;
}

Deno.test("start command: the addresses of the task are those of deno.json", () => {
  assertStringIncludes(deno.tasks.server.command, ` --allow-net=${TASK_ADDRESSES.join()} `);
});

Deno.test("start command: it is the task with the permissions, with all arguments, ready to be pasted", () => {
  assertEquals(formatStartCommand(NOTHING, { places: ["127.0.0.1:65432"] }), "deno task server");
  const env = new Map([
    ["PARLEY_DATABASE", "mysql://root:s3cret@db/parley"],
    ["PARLEY_BUS", "nats://s3cret@bus"],
    ["PARLEY_LIMIT", "page=5, frame=6"],
    ["PARLEY_DATABASE_PASSWORD", "s3cret"],
    ["PARLEY_ALLOW", "--allow-read=/a"],
  ]);
  const started = describeStart(["--create-rooms", "x'y"], (name) => env.get(name));
  assertEquals(
    formatStartCommand(started, { places: ["chat:1", "db:3306"], flags: ["--allow-read=/b"] }),
    "PARLEY_NET=chat:1,db:3306 PARLEY_ALLOW='--allow-read=/a --allow-read=/b' PARLEY_DATABASE=… " +
      "PARLEY_BUS=… PARLEY_LIMIT='page=5, frame=6' PARLEY_DATABASE_PASSWORD=… " +
      "deno task server:at --create-rooms 'x'\\''y'",
  );
});

Deno.test("start command: another address takes the place of the one given", () => {
  const there = { hostname: "::1", port: 7 };
  for (const given of [[], ["--listen", "127.0.0.1:1"], ["--listen=127.0.0.1:1"]]) {
    const args = withListen(["--console", "off", ...given], there);
    assertEquals(args, ["--console", "off", "--listen", "[::1]:7"]);
  }
});

Deno.test("start command: no flag can name a path with a blank or a comma", () => {
  assertEquals(flagsFor("/run/secrets/db", { access: "read" }), ["--allow-read=/run/secrets/db"]);
  for (const path of ["/a b", "/a,b"]) assertEquals(flagsFor(path, { access: "read" }), undefined);
});

Deno.test("permissions: granted ones are no error", () => {
  const sources = { started: NOTHING, isBinary: false, query: () => "granted" };
  requirePermissions(needsOf(places()), sources);
  requirePermissions(needsOf(places("mysql://root@db/parley")), sources);
});

Deno.test("permissions: a refused address is named, with a command that has all addresses", () => {
  const printed = refusal(places("mysql://root@localhost:3307/parley"), ["127.0.0.1:65432"]);
  assertEquals(
    printed,
    "No permission to use localhost:3307 (--allow-net=localhost:3307): start with " +
      "PARLEY_NET=127.0.0.1:65432,localhost:3307 deno task server:at",
  );
  const bus = { host: "bus", port: 4222, user: undefined, password: undefined, token: undefined };
  const all = ["127.0.0.1:65432", "127.0.0.1:3306"];
  assertStringIncludes(
    refusal({ ...places("mysql://root@127.0.0.1/parley"), bus }, all),
    "PARLEY_NET=127.0.0.1:65432,127.0.0.1:3306,bus:4222 deno task server:at",
  );
});

Deno.test("permissions: a refused folder is named, with the flags or the way of a binary", () => {
  const there = places("sqlite:/srv/chat/parley.db");
  assertStringIncludes(
    refusal(there, ["127.0.0.1:65432"]),
    "start with PARLEY_ALLOW='--allow-read=/srv/chat --allow-write=/srv/chat' deno task server",
  );
  assertStringIncludes(refusal(there, ["127.0.0.1:65432"], true), "where it is started");
  assertStringIncludes(
    refusal(places("sqlite:/srv/a b/x.db"), ["127.0.0.1:65432"]),
    "a blank or a comma",
  );
});

Deno.test("permissions: refused files are named together, with flags that only read", () => {
  const tls = {
    listen: { hostname: "0.0.0.0", port: 65433 },
    certificatePath: "/etc/tls/cert.pem",
    keyPath: "data/key.pem",
  };
  const granted = ["127.0.0.1:65432", "0.0.0.0:65433", "data"];
  assertEquals(
    refusal({ ...places(), tls }, [...granted, "data/key.pem"]),
    'No permission to use the file "/etc/tls/cert.pem" (--allow-read=/etc/tls/cert.pem): start with ' +
      "PARLEY_NET=127.0.0.1:65432,0.0.0.0:65433 PARLEY_ALLOW=--allow-read=/etc/tls/cert.pem " +
      "deno task server:at",
  );
  assertStringIncludes(
    refusal({ ...places(), tls }, granted),
    "--allow-read=/etc/tls/cert.pem --allow-read=data/key.pem",
  );
});
