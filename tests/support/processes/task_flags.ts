// The server's usual flags, read from its task so that they cannot diverge. Does not know the
// meaning of the flags, except the allowed addresses.

import { TASK_ADDRESSES } from "../../../lib/config/start_command.ts";

const SHIPPED_DATABASE = "127.0.0.1:3306";

const ROOT = new URL("../../../", import.meta.url);

/** The server's program, wherever the test is started. */
export const SERVER_PROGRAM = new URL("server.ts", ROOT).pathname;

export interface Reach {
  /** Where it may listen, `host:port`; port 0 is any free one. */
  readonly listen: string;
  /** Where it may listen for TLS, if it does. */
  readonly tls?: string | undefined;
  /** The database it may connect to; the task's own unless given. */
  readonly database?: string | undefined;
  /** The bus, `host:port`; none unless given. */
  readonly bus?: string | undefined;
}

/** The arguments of `deno` in the task `server`, up to the program; only the addresses differ. */
export function serverFlags(reach: Reach): readonly string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const command: string = tasks.server.command;
  const [, flags] = / && deno (run .*) server\.ts$/.exec(command) ?? [];
  if (flags === undefined) throw new Error(`The task "server" has another form: ${command}`);
  const net = `--allow-net=${TASK_ADDRESSES.join()}`;
  const places = [reach.listen, reach.tls, reach.database ?? SHIPPED_DATABASE, reach.bus];
  const own = `--allow-net=${places.filter((place) => place !== undefined).join()}`;
  // Flags that a person adds by the variable are none of the task's own.
  const split = flags.split(" ").filter((flag) => flag !== "$PARLEY_ALLOW");
  if (!split.includes(net)) throw new Error(`The task "server" lacks ${net}`);
  return split.map((flag) => flag === net ? own : flag);
}
