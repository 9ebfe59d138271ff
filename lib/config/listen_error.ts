// Explains why the configured address cannot be used.

import { formatAddress } from "./address.ts";
import { describeStart, type ServerConfig } from "./server.ts";
import { addressesOf, formatStartCommand, withListen } from "./start_command.ts";

/** The suggested port when the requested one cannot be used. */
const OTHER_PORT = 7000;

/** Why the server cannot listen, in one line, with a command for another port where that helps. */
export function describeListenError(
  config: ServerConfig,
  { error, args, env }: {
    readonly error: unknown;
    readonly args: readonly string[];
    readonly env: (name: string) => string | undefined;
  },
): string {
  const refusal = `Cannot listen on ${formatAddress(config.listen)}`;
  const isTaken = error instanceof Deno.errors.AddrInUse;
  const isPrivileged = error instanceof Deno.errors.PermissionDenied;
  if (!isTaken && !isPrivileged) {
    return `${refusal}: ${
      error instanceof Error ? error.message : String(error)
    }; --listen names another address`;
  }
  const why = isTaken
    ? "another program listens there, perhaps this server already"
    : "ports below 1024 are the system's";
  const { hostname, port } = config.listen;
  const free = { hostname, port: port === OTHER_PORT ? OTHER_PORT + 1 : OTHER_PORT };
  const started = describeStart(withListen(args, free), env);
  const command = formatStartCommand(started, { places: addressesOf({ ...config, listen: free }) });
  return `${refusal}: ${why}; on another port: ${command}`;
}
