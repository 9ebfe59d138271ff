// The way of an administrator's command to the running server: its address on this machine, and the
// token that the server keeps beside its data.

import { type BlockList, isIP } from "node:net";
import { GivenIdentity } from "../client/accounts/given_identity.ts";
import type { ClientContext } from "../client/context.ts";
import { Failure } from "../client/exit.ts";
import { MemoryFiles } from "../client/files/memory_files.ts";
import { connectTcp } from "../client/link/connect.ts";
import { withSession } from "../client/link/with_session.ts";
import type { Output } from "../client/output/plain_and_json_views.ts";
import { formatDuration } from "../client/output/durations.ts";
import { type Address, formatAddress } from "../config/address.ts";
import { messageOf } from "../error_message.ts";
import type { SleepClock } from "../time.ts";
import { ChatError } from "../wire/errors.ts";
import { AdminSession } from "./admin_session.ts";

/** Addresses that stand for every address of this machine, and one of them that can be reached. */
const REACHABLE: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** A header of the PROXY protocol, version 2, of a connection for nobody else (command LOCAL). */
const OWN_PROXY_HEADER = Uint8Array.of(
  13,
  10,
  13,
  10,
  0,
  13,
  10,
  81,
  85,
  73,
  84,
  10,
  0x20,
  0,
  0,
  0,
);

export interface AdminSurroundings {
  /** Where the server listens. */
  readonly listen: Address;
  /** The networks whose connections must begin with a PROXY header. */
  readonly trustedProxies: BlockList | undefined;
  readonly tokenPath: string;
  readonly timeoutMs: number;
  readonly output: Output;
  readonly clock: SleepClock;
  /** @throws what the file system throws */
  readonly readFile: (path: string) => string;
  /** Whether the process may connect there. */
  readonly mayConnect: (address: string) => boolean;
  /** The command that may connect there, for the message. */
  readonly commandFor: (address: string) => string;
}

/** Runs `work` as the administrator. @throws {Failure} for every error */
export async function asAdmin<T>(
  surroundings: AdminSurroundings,
  work: (session: AdminSession) => Promise<T>,
): Promise<T> {
  const { timeoutMs, output, clock } = surroundings;
  const address = findReachable(surroundings);
  const server = formatAddress(address);
  const context: ClientContext = {
    server,
    // Only a server that can be reached needs the token.
    identity: new GivenIdentity(() => readToken(surroundings)),
    state: new MemoryFiles(),
    connect: async (signal) => {
      const stream = await connectTcp({ ...address, server }, signal);
      // 16 bytes are one write.
      if (isTrusted(address, surroundings)) await stream.write(OWN_PROXY_HEADER);
      return stream;
    },
    clock,
    random: Math.random,
    output,
    signal: new AbortController().signal,
  };
  const overdue = () => {
    const within = `within ${formatDuration(timeoutMs)}`;
    return new Failure("timeout", `The server at ${server} gave no answer ${within}`);
  };
  try {
    return await withSession(
      context,
      { timeoutMs, overdue },
      (session, limit) => work(new AdminSession(session, { clock, limit })),
    );
  } catch (error) {
    throw explain(error, { server, tokenPath: surroundings.tokenPath });
  }
}

/** Whether the server takes a connection from this machine for a balancer's: it comes from the same address. */
function isTrusted({ hostname }: Address, { trustedProxies }: AdminSurroundings): boolean {
  const address = hostname === "localhost" ? "127.0.0.1" : hostname;
  const family = isIP(address);
  if (family === 0) return false;
  return trustedProxies?.check(address, family === 6 ? "ipv6" : "ipv4") ?? false;
}

function findReachable({ listen, mayConnect, commandFor }: AdminSurroundings): Address {
  if (listen.port === 0) {
    throw new Failure("usage", "--listen must name the port on which the server listens, not 0");
  }
  const other = REACHABLE[listen.hostname];
  const reachable = other === undefined ? listen : { ...listen, hostname: other };
  if (mayConnect(formatAddress(reachable))) return reachable;
  // Linux takes it for the machine itself, and the server's own task has the permission.
  if (other !== undefined && mayConnect(formatAddress(listen))) return listen;
  const server = formatAddress(reachable);
  const instead = `start with ${commandFor(server)}`;
  throw new Failure("config", `No permission to connect to ${server}: ${instead}`);
}

// deno-lint-ignore require-await
async function readToken(
  { tokenPath, readFile }: AdminSurroundings,
): Promise<{ readonly method: "token"; readonly token: string }> {
  let token: string;
  try {
    token = readFile(tokenPath).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      const where = "run this where the server was started, or name its --database";
      throw new Failure("config", `There is no admin's token in ${tokenPath}: ${where}`);
    }
    const why = messageOf(error).replace(/ \(os error \d+\).*$/s, "");
    throw new Failure("config", `Cannot read the admin's token in ${tokenPath}: ${why}`);
  }
  if (token !== "") return { method: "token", token };
  throw new Failure("config", `${tokenPath} is empty: restart the server for a new token`);
}

function explain(
  error: unknown,
  { server, tokenPath }: { readonly server: string; readonly tokenPath: string },
): unknown {
  if (!(error instanceof Failure)) return error;
  const { cause } = error;
  if (cause instanceof ChatError && cause.code === "auth_failed") {
    const why = "it has another database, or the token was replaced";
    return new Failure(
      "denied",
      `The server at ${server} refuses the token in ${tokenPath}: ${why}`,
    );
  }
  const isNothingThere = cause instanceof Deno.errors.ConnectionRefused;
  if (!isNothingThere) return error;
  const hint = "is it running, and with this --listen?";
  return new Failure("unreachable", `No server listens at ${server}: ${hint}`);
}
