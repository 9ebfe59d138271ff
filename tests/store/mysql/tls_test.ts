// TLS to MySQL: against a server with a throwaway certificate, which is right, for another host, or expired.

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import { type MysqlOptions, type MysqlTls, openMysql } from "../../../lib/store/mysql/driver.ts";
import { OpenError } from "../../../lib/store/sql.ts";
import { isOpensslMissing, TestAuthority } from "../../support/processes/certificates.ts";
import { startFakeMysql } from "../../support/stores/fake_mysql.ts";
import { isMysqlMissing } from "../../support/stores/mysql.ts";
import { startOwnMysqlServer } from "../../support/stores/mysql_server.ts";
import { serverFlags } from "../../support/processes/task_flags.ts";

const DAY = 1;
/** Certificates of the server, by what is wrong with them for the address 127.0.0.1. */
const CERTIFICATES = {
  right: { names: "IP:127.0.0.1", days: DAY },
  named: { names: "DNS:localhost", days: DAY },
  expired: { names: "IP:127.0.0.1", days: -DAY },
};

interface Scene {
  readonly port: number;
  readonly directory: string;
  /** Trusts the authority of the server's certificate. */
  readonly tls: MysqlTls;
  /** Trusts another authority. */
  readonly other: MysqlTls;
  /** Gives the server another certificate. */
  show(which: keyof typeof CERTIFICATES): Promise<void>;
}

/** A server with a certificate, in a folder with an authority that is trusted and one that is not. */
async function onServer(body: (scene: Scene) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "parley-tls-" });
  try {
    const authority = await TestAuthority.create(directory, "authority");
    const stranger = await TestAuthority.create(directory, "stranger");
    const trust = (path: string) => ({ isVerified: true, ca: Deno.readTextFileSync(path) });
    const [certificate, key] = [`${directory}/server.pem`, `${directory}/server.key`];
    for (const [name, options] of Object.entries(CERTIFICATES)) {
      await authority.issue(name, options);
    }
    const copy = (which: string) => {
      Deno.copyFileSync(`${directory}/${which}.pem`, certificate);
      Deno.copyFileSync(`${directory}/${which}.key`, key);
    };
    copy("right");
    await using server = await startOwnMysqlServer([
      `--ssl-cert=${certificate}`,
      `--ssl-key=${key}`,
    ]);
    await body({
      port: server.port,
      directory,
      tls: trust(authority.path),
      other: trust(stranger.path),
      show: (which) => {
        copy(which);
        return asRoot(server.port, "FLUSH SSL");
      },
    });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function asRoot(port: number, ...commands: readonly string[]): Promise<void> {
  const root = await MysqlConnection.open({ ...optionsOf(port), database: undefined }, 10_000);
  for (const command of commands) await root.command(command);
  await root.close();
}

function optionsOf(port: number, tls?: MysqlTls, host = "127.0.0.1"): MysqlOptions {
  return { host, port, user: "root", database: "chat", tls };
}

async function refusal(options: MysqlOptions): Promise<string> {
  const { kind, message } = await assertRejects(() => openMysql(options), OpenError);
  assertEquals([kind, message.includes("\n")], ["refused", false], message);
  return message;
}

Deno.test({
  name: "mysql TLS: encrypted, and verified by a file's authority, the system's, or not at all",
  ignore: isMysqlMissing() || isOpensslMissing(),
  fn: () =>
    onServer(async (scene) => {
      await assertEncrypted(scene);
      await assertVerified(scene);
      await assertDemanded(scene);
    }),
});

async function assertEncrypted({ port, tls }: Scene): Promise<void> {
  const asked = "SHOW SESSION STATUS LIKE 'Ssl_version'";
  for (const each of [tls, { isVerified: false }]) {
    await using driver = await openMysql(optionsOf(port, each));
    const ofReader = await driver.query(asked);
    const ofWriter = await driver.writer.transaction((sql) => sql.query(asked));
    for (const [row] of [ofReader, ofWriter]) assertMatch(String(row?.Value), /^TLSv1\.[23]$/);
  }
}

async function assertVerified({ port, tls, other, show }: Scene): Promise<void> {
  assertMatch(await refusal(optionsOf(port, other)), /by no authority that is trusted here/);
  assertMatch(
    await refusal(optionsOf(port, { isVerified: true })),
    /by no authority that is trusted here: .*\?tls=PATH/,
  );
  // The address is in this certificate, the name in the next.
  assertMatch(await refusal(optionsOf(port, tls, "localhost")), /for another host/);
  await show("named");
  assertMatch(await refusal(optionsOf(port, tls)), /for another host/);
  await (await openMysql(optionsOf(port, tls, "localhost")))[Symbol.asyncDispose]();
  await show("expired");
  assertMatch(await refusal(optionsOf(port, tls)), /certificate has expired/);
  await (await openMysql(optionsOf(port, { isVerified: false })))[Symbol.asyncDispose]();
  await show("right");
}

async function assertDemanded({ port, directory, tls }: Scene): Promise<void> {
  await asRoot(port, "CREATE USER 'ada'@'%' REQUIRE SSL", "GRANT ALL ON chat.* TO 'ada'@'%'");
  assertMatch(await refusal({ ...optionsOf(port), user: "ada" }), /TLS is demanded/);
  const ada = { ...optionsOf(port, tls), user: "ada" };
  assertMatch(await asProgram(directory, ada), /"seq":1,/);
  const bySystem = await asProgram(directory, { ...ada, tls: { isVerified: true } }, {
    DENO_TLS_CA_STORE: "system",
    SSL_CERT_FILE: `${directory}/authority.pem`,
  });
  assertMatch(bySystem, /"seq":2,/);
}

Deno.test("mysql TLS: a server that offers none is refused, and not spoken to in plain text", async () => {
  await using server = startFakeMysql({ errno: 1045, text: "", at: "login" });
  for (const isVerified of [true, false]) {
    assertMatch(await refusal(optionsOf(server.port, { isVerified })), /it offers none/);
  }
});

/** Under the flags of the server's task. */
async function asProgram(
  directory: string,
  options: MysqlOptions,
  env: Record<string, string> = {},
): Promise<string> {
  const flags = serverFlags({ listen: "127.0.0.1", database: `127.0.0.1:${options.port}` });
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...flags,
      new URL("../../support/stores/mysql_program.ts", import.meta.url).pathname,
      JSON.stringify(options),
    ],
    cwd: directory,
    env,
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trimEnd();
}
