// A throwaway MySQL or MariaDB server with its own data and port. A shell ends it and removes its
// data when the test process is gone, however that went.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { findMemoryFolder } from "./memory_folder.ts";
import { freePort, isListening } from "../processes/ports.ts";
import { findProgram, isFile } from "../processes/programs.ts";
import { until } from "../waiting.ts";

const READY_MS = 30_000;

/**
 * $1 the server's program, $2 its directory, $3 its port, $4 the process it must not outlive; what
 * follows are options of the server.
 */
const SCRIPT = `
set -e
program=$1 directory=$2 port=$3 parent=$4
shift 4
owner=$(id -un)
# Temporary files of its own: others tidy up the common folder, or fill it under the same names.
mkdir "$directory/tmp"
export TMPDIR="$directory/tmp"
if command -v mariadb-install-db; then
  mariadb-install-db --no-defaults --user="$owner" --datadir="$directory/data" --tmpdir="$directory/tmp" \\
    --auth-root-authentication-method=normal --skip-test-db
else
  "$program" --no-defaults --user="$owner" --initialize-insecure --datadir="$directory/data"
fi >"$directory/install.log" 2>&1
"$program" --no-defaults --user="$owner" --datadir="$directory/data" --tmpdir="$directory/tmp" --socket="$directory/socket" --pid-file="$directory/pid" \\
  --port="$port" --bind-address=127.0.0.1 --skip-log-bin --innodb-buffer-pool-size=64M \\
  --innodb-flush-method=nosync "$@" >"$directory/server.log" 2>&1 </dev/null &
server=$!
{
  while kill -0 "$parent" && kill -0 "$server"; do sleep 0.5; done
  kill -9 "$server" || true
  rm -rf "$directory"
} >/dev/null 2>&1 </dev/null &
`;

/** The program of an installed server. */
export function findServerProgram(): string | undefined {
  return findProgram("mariadbd", "mysqld");
}

/** The port of this test process's server on 127.0.0.1, whose user `root` has no password. */
export async function throwawayServerPort(): Promise<number> {
  const folder = Deno.env.get("TMPDIR") ?? findMemoryFolder() ?? "/tmp";
  const directory = join(folder, `parley-test-mysql-${Deno.pid}`);
  try {
    Deno.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another file of this process has started it, or is about to.
    if (error instanceof Deno.errors.AlreadyExists) return await whenReady(directory);
    throw error;
  }
  try {
    await start(directory);
  } catch (error) {
    // Nobody shall wait for what will not come.
    Deno.removeSync(directory, { recursive: true });
    throw error;
  }
  return await whenReady(directory);
}

/** A server of a test's own, with options of its own; gone at the brace. */
export interface OwnMysqlServer extends AsyncDisposable {
  readonly port: number;
}

/** Starts a server that no other test uses, whose user `root` has no password. */
export async function startOwnMysqlServer(args: readonly string[]): Promise<OwnMysqlServer> {
  const directory = await Deno.makeTempDir({
    dir: Deno.env.get("TMPDIR") ?? findMemoryFolder(),
    prefix: "parley-own-mysql-",
  });
  await start(directory, args);
  const port = await whenReady(directory);
  return {
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      // The shell that waits for it removes the folder.
      Deno.kill(Number(Deno.readTextFileSync(join(directory, "pid"))), "SIGKILL");
      await until(() => !existsSync(directory));
    },
  };
}

async function start(directory: string, options: readonly string[] = []): Promise<void> {
  const program = findServerProgram();
  if (program === undefined) throw new Error("no mariadbd or mysqld is installed");
  const port = freePort();
  const { success } = await new Deno.Command("sh", {
    args: ["-c", SCRIPT, "sh", program, directory, `${port}`, `${Deno.pid}`, ...options],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (!success) {
    const log = Deno.readTextFileSync(join(directory, "install.log"));
    throw new Error(`The server was not started: ${log.slice(-500)}`);
  }
  Deno.writeTextFileSync(join(directory, "port"), `${port}\n`);
}

async function whenReady(directory: string): Promise<number> {
  let port: number | undefined;
  await until(async () => {
    port = findPort(directory);
    return port !== undefined && await isListening(port);
  }, { withinMs: READY_MS, otherwise: `No answer, see ${directory}/server.log:` });
  return port ?? NaN;
}

function findPort(directory: string): number | undefined {
  const path = join(directory, "port");
  return isFile(path) ? Number(Deno.readTextFileSync(path)) : undefined;
}
