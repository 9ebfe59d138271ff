// Every command of docs/deploy.md is run, in a copy of the project, with the places of a test in place of
// those of a real machine. A command that this file does not know is a failure.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readCertificate } from "../../lib/server/tls/server_certificate.ts";
import { pinOfCertificate } from "../../lib/tls/pin.ts";
import { isOpensslMissing, TestAuthority } from "../support/processes/certificates.ts";
import { findProgram } from "../support/processes/programs.ts";
import { ProjectCopy, type RunningServer } from "../support/processes/project_copy.ts";
import { isMysqlMissing } from "../support/stores/mysql.ts";
import { startOwnMysqlServer } from "../support/stores/mysql_server.ts";
import { connectTls, createTestCertificate } from "../support/tls.ts";
import { until } from "../support/waiting.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/deploy.md", import.meta.url));

/** The blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))]
    .map(([, block = ""]) => block);
}

const COMMANDS = blocks("sh").flatMap((block) => block.trim().split("\n"));

interface Place {
  readonly copy: ProjectCopy;
  server: RunningServer | undefined;
}

/** The command with ports that are free, and the addresses of this machine. */
function here(command: string): string {
  return command.replace(/PARLEY_NET=\S+/, "PARLEY_NET=127.0.0.1:0")
    .replace(/--tls-listen \S+/, "--listen 127.0.0.1:0 --tls-listen 127.0.0.1:0");
}

async function run({ copy }: Place, command: string): Promise<string> {
  const { code, out, err } = await copy.run(command);
  assertEquals([code, command], [0, command], err);
  return out;
}

/** Starts a server, and connects to it by TLS with the certificate that is there. */
async function serve(place: Place, command: string): Promise<void> {
  await place.server?.[Symbol.asyncDispose]();
  place.server = await place.copy.serve(here(command));
  const [, port = ""] = /"tls_port":(\d+)/.exec(place.server.log()) ?? [];
  const cert = await Deno.readTextFile(`${place.copy.directory}/data/cert.pem`);
  using client = await connectTls({ port: Number(port), cert, hostname: "chat.example" });
  assertEquals((await client.ask({ type: "ping" })).type, "pong");
}

async function certify({ copy }: Place): Promise<string> {
  const paths = ["cert", "key"].map((name) => `${copy.directory}/data/${name}.pem`);
  const [certificatePath = "", keyPath = ""] = paths;
  return (await readCertificate({ certificatePath, keyPath })).pin;
}

let lastPin = "";

/** What is done with each command, by how it looks. */
const TRIES: readonly [RegExp, (command: string, place: Place) => Promise<void>][] = [
  [/^deno task server cert --renew /, async (command, place) => {
    assertStringIncludes(await run(place, command), lastPin);
    assertEquals(await certify(place), lastPin);
  }],
  [/^deno task server cert /, async (command, place) => {
    await run(place, command);
    lastPin = await certify(place);
  }],
  [/ --trusted-proxies /, async (command, place) => {
    // The test connects by itself: the balancer of the page is another machine.
    await serve(place, command);
  }],
  [/ deno task server:at --tls-listen /, (command, place) => serve(place, command)],
  [/^openssl req -x509 /, async (command, place) => {
    if (isOpensslMissing()) return;
    assertStringIncludes(command, "-addext basicConstraints=critical,CA:FALSE");
    await run(place, command);
    assert(await certify(place) !== lastPin);
    lastPin = await certify(place);
  }],
  [/^openssl x509 /, async (command, place) => {
    if (isOpensslMissing()) return;
    assertEquals((await run(place, command)).trim(), lastPin);
  }],
  [/^install /, async (command, place) => {
    const live = `${place.copy.directory}/live`;
    await Deno.mkdir(live, { recursive: true });
    const { cert, keyPem } = await createTestCertificate({ names: ["chat.example"] });
    if (command.includes("fullchain")) {
      await Deno.writeTextFile(`${live}/fullchain.pem`, cert);
      await Deno.writeTextFile(`${live}/privkey.pem`, keyPem);
    }
    await run(
      place,
      command.replace("-o parley", `-o ${Deno.uid()}`)
        .replace("/etc/letsencrypt/live/chat.example", live)
        .replace("/opt/parley", place.copy.directory),
    );
    if (command.includes("privkey")) {
      lastPin = await certify(place);
      assertEquals(
        (Deno.statSync(`${place.copy.directory}/data/key.pem`).mode ?? 0) & 0o777,
        0o600,
      );
    }
  }],
  // What it does is tried with the unit below.
  [/^systemctl reload parley$/, () => Promise.resolve()],
  [/^PARLEY_NET=\S+ PARLEY_DATABASE=mysql:/, serveOnMysql],
];

async function serveOnMysql(command: string, place: Place): Promise<void> {
  if (isMysqlMissing() || isOpensslMissing()) return;
  const { directory } = place.copy;
  const authority = await TestAuthority.create(directory, "authority");
  const { certificate, key } = await authority.issue("database", { names: "IP:127.0.0.1" });
  await using database = await startOwnMysqlServer([
    `--ssl-cert=${certificate}`,
    `--ssl-key=${key}`,
  ]);
  const [statements = ""] = blocks("sql");
  const sql = new Deno.Command("mysql", {
    args: ["-h127.0.0.1", `-P${database.port}`, "-uroot", "-e", statements],
    stderr: "piped",
  });
  const { success, stderr } = await sql.output();
  assert(success, new TextDecoder().decode(stderr));
  await Deno.copyFile(authority.path, `${directory}/data/ca.pem`);
  const [, password = ""] = /IDENTIFIED BY '([^']*)'/.exec(statements) ?? [];
  await Deno.writeTextFile(`${directory}/data/database.password`, password, { mode: 0o600 });
  const address = `127.0.0.1:${database.port}`;
  await using server = await place.copy.serve(
    command.replace(/PARLEY_NET=\S+/, `PARLEY_NET=127.0.0.1:0,${address}`)
      .replace("db.example", address).replace("server:at", "server:at --listen 127.0.0.1:0"),
  );
  assertStringIncludes(server.log(), address);
}

Deno.test("deploy: every command does what the page says", async (t) => {
  await using copy = await ProjectCopy.create({ hasHome: true });
  const place: Place = { copy, server: undefined };
  assert(COMMANDS.length >= 9, "the page has lost its commands");
  try {
    for (const command of COMMANDS) {
      await t.step(command, async () => {
        const attempt = TRIES.find(([looks]) => looks.test(command))?.[1];
        assert(attempt !== undefined, "no test tries this command");
        if (/^openssl req/.test(command)) {
          for (const name of ["cert", "key"]) {
            await Deno.remove(`${copy.directory}/data/${name}.pem`);
          }
        }
        await attempt(command, place);
      });
    }
  } finally {
    await place.server?.[Symbol.asyncDispose]();
  }
});

/** The unit, as it is on the page. */
const [UNIT = ""] = blocks("ini");

function setting(name: string): string[] {
  return [...UNIT.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

Deno.test({
  name: "deploy: systemd accepts the unit, and its exposure is small",
  ignore: findProgram("systemd-analyze") === undefined,
  fn: async () => {
    const directory = await Deno.makeTempDir({ prefix: "parley-unit-" });
    try {
      const unit = `${directory}/parley.service`;
      const text = UNIT.replace("/usr/local/bin/deno", Deno.execPath())
        .replaceAll("/opt/parley", directory).replace("User=parley", "User=nobody");
      await Deno.writeTextFile(unit, text);
      await analyze("verify", "--recursive-errors=no", unit);
      // Of 10.0; the runtime compiles at run time, and the server listens to everyone.
      await analyze("security", "--offline=true", "--threshold=25", unit);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

async function analyze(...args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command("systemd-analyze", {
    args: [...args],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  assert(success, decoder.decode(stdout).slice(-2_000) + decoder.decode(stderr));
}

Deno.test("deploy: the unit's command starts the server, its reload exchanges the certificate, its stop is clean", async () => {
  await using copy = await ProjectCopy.create({ hasHome: true });
  await run({ copy, server: undefined }, COMMANDS[0] ?? "");
  const env = Object.fromEntries(
    setting("Environment").flatMap((line) => line.split(" "))
      .map((
        pair,
      ): [string, string] => [pair.split("=")[0] ?? "", pair.split("=").slice(1).join("=")])
      .filter(([name]) => name !== "DENO_DIR"),
  );
  const [start = ""] = setting("ExecStart");
  const [reload = ""] = setting("ExecReload");
  const child = copy.spawn(
    `exec ${start.replace("/usr/local/bin/deno", "deno")} --listen 127.0.0.1:0`,
    { ...env, PARLEY_NET: "127.0.0.1:0", PARLEY_TLS_LISTEN: "127.0.0.1:0" },
  );
  await child.stdin.close();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) text += part;
  })();
  const logged = (event: string) => until(() => text.includes(`"${event}"`), { otherwise: text });
  await logged("ready");
  await run({ copy, server: undefined }, COMMANDS[2] ?? "");
  const signal = reload.replace("$MAINPID", `${child.pid}`);
  assertEquals((await new Deno.Command("sh", { args: ["-c", signal] }).output()).code, 0);
  await logged("TLS certificate exchanged");
  child.kill("SIGTERM");
  const [{ code }] = await Promise.all([child.status, reading, child.stdout.cancel()]);
  assertEquals(code, 0);
  const cert = await Deno.readTextFile(`${copy.directory}/data/cert.pem`);
  assertStringIncludes(text, pinOfCertificate(cert));
});
