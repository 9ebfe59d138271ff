// Explains why the configured address cannot be used.

import { formatAddress } from "./address.ts";
import { describeStart, type ServerConfig } from "./server.ts";
import { addressesOf, formatStartCommand, type ListenOption, withListen } from "./start_command.ts";

/** The suggested port when the requested one cannot be used. */
const OTHER_PORT = 7000;

/** Why the server cannot listen, in one line, with a command for another port where that helps. */
export function describeListenError(
  config: ServerConfig,
  { error, option, args, env }: {
    readonly error: unknown;
    readonly option: ListenOption;
    readonly args: readonly string[];
    readonly env: (name: string) => string | undefined;
  },
): string {
  const { tls } = config;
  const wanted = option === "--tls-listen" && tls !== undefined ? tls.listen : config.listen;
  const refusal = `Cannot listen on ${formatAddress(wanted)}`;
  const isTaken = error instanceof Deno.errors.AddrInUse;
  const isPrivileged = error instanceof Deno.errors.PermissionDenied;
  if (!isTaken && !isPrivileged) {
    return `${refusal}: ${
      error instanceof Error ? error.message : String(error)
    }; ${option} names another address`;
  }
  const why = isTaken
    ? "another program listens there, perhaps this server already"
    : "ports below 1024 are the system's";
  const { hostname, port } = wanted;
  const free = { hostname, port: port === OTHER_PORT ? OTHER_PORT + 1 : OTHER_PORT };
  const started = describeStart(withListen(args, free, { option }), env);
  const moved = wanted === config.listen
    ? { ...config, listen: free }
    : { ...config, ...(tls === undefined ? {} : { tls: { ...tls, listen: free } }) };
  const command = formatStartCommand(started, { places: addressesOf(moved) });
  return `${refusal}: ${why}; on another port: ${command}`;
}
