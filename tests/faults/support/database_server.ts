// A private database server that can be killed, frozen and restarted: MariaDB or MySQL on a free
// port, with its data in a directory of the run. Ended by its pid, whatever happens to the run.

import { type MysqlOptions, openMysql } from "../../../lib/store/mysql/driver.ts";
import { MysqlConnection } from "../../../lib/store/mysql/connection.ts";
import type { Row } from "../../../lib/store/sql.ts";
import { findServerProgram } from "../../support/stores/mysql_server.ts";
import { copySchemaToMysql } from "../../support/stores/migrated.ts";
import type { TestDatabase } from "../../support/stores/databases.ts";
import { adopt, bury, signal } from "../../support/processes/children.ts";
import { until } from "../../support/waiting.ts";
import { freePort } from "../../support/processes/ports.ts";

/** A server that does not answer after this time has failed. */
const START_MS = 30_000;
const CONNECT_MS = 1_000;
const DATABASE = "parley";

/** $1 the server's program, $2 where its data goes. */
const INSTALL = `
owner=$(id -un)
if command -v mariadb-install-db; then
  exec mariadb-install-db --no-defaults --user="$owner" --datadir="$2" \\
    --auth-root-authentication-method=normal --skip-test-db
fi
exec "$1" --no-defaults --user="$owner" --initialize-insecure --datadir="$2"
`;

export class DatabaseServer implements AsyncDisposable {
  readonly port: number;
  readonly #program: string;
  readonly #directory: string;
  #child: Deno.ChildProcess;

  private constructor(place: { program: string; directory: string; port: number }) {
    this.port = place.port;
    this.#program = place.program;
    this.#directory = place.directory;
    this.#child = this.#spawn();
  }

  /** Whether none is installed. */
  static get isMissing(): boolean {
    return findServerProgram() === undefined;
  }

  /** A new server with an empty database. @param directory must not exist */
  static async start(directory: string): Promise<DatabaseServer> {
    const program = findServerProgram();
    if (program === undefined) throw new Error("No MariaDB or MySQL server is installed");
    Deno.mkdirSync(directory, { mode: 0o700 });
    await install(program, directory);
    const server = new DatabaseServer({ program, directory, port: freePort() });
    try {
      await server.#untilAnswering();
      await server.run(`CREATE DATABASE ${DATABASE}`);
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  /** Of the process as it runs now: another one after a restart. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What the chat server finds in PARLEY_DATABASE. */
  get url(): string {
    return `mysql://root@${this.address}/${DATABASE}`;
  }

  /** `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** The database, to be looked into. */
  get database(): TestDatabase {
    const { url } = this;
    const options = { ...this.#target, database: DATABASE };
    return {
      url,
      open: () => openMysql(options),
      copySchema: () => copySchemaToMysql(options),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** Runs a constant statement on a connection of its own. */
  async run(statement: string): Promise<readonly Row[]> {
    const connection = await MysqlConnection.open(
      { ...this.#target, database: undefined },
      CONNECT_MS,
    );
    try {
      return await connection.query(statement);
    } finally {
      await connection.close();
    }
  }

  /** Ends it with SIGKILL at once; resolves when it has ended. */
  async kill(): Promise<void> {
    signal(this.#child, "SIGKILL");
    await bury(this.#child);
  }

  /** Starts it again on its data; resolves when it answers. It must have ended. */
  async restart(): Promise<void> {
    this.#child = this.#spawn();
    await this.#untilAnswering();
  }

  /** Freezes it. @returns a function that continues it */
  freeze(): () => void {
    signal(this.#child, "SIGSTOP");
    return () => signal(this.#child, "SIGCONT");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  get #target(): Omit<MysqlOptions, "database"> {
    return { host: "127.0.0.1", port: this.port, user: "root" };
  }

  #spawn(): Deno.ChildProcess {
    const directory = this.#directory;
    return adopt(new Deno.Command(this.#program, {
      args: [
        "--no-defaults",
        `--user=${Deno.uid() === 0 ? "root" : ""}`,
        `--datadir=${directory}/data`,
        `--tmpdir=${directory}`,
        `--socket=${directory}/socket`,
        `--pid-file=${directory}/pid`,
        `--log-error=${directory}/log`,
        `--port=${this.port}`,
        "--bind-address=127.0.0.1",
        "--skip-log-bin",
        "--innodb-buffer-pool-size=64M",
        "--innodb-flush-log-at-trx-commit=1",
      ].filter((arg) => arg !== "--user="),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn());
  }

  async #untilAnswering(): Promise<void> {
    let fault: unknown;
    const isAnswering = () =>
      this.run("SELECT 1").then(() => true, (error) => {
        fault = error;
        return false;
      });
    await until(isAnswering, { withinMs: START_MS, otherwise: () => `No answer: ${fault}` });
  }
}

async function install(program: string, directory: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", {
    args: ["-c", INSTALL, "sh", program, `${directory}/data`],
    // Whoever tidies up the common one takes tables away.
    env: { TMPDIR: directory },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`No database made: ${new TextDecoder().decode(stderr)}`);
}
