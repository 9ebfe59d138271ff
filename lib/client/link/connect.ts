// Connects to a server over TCP; an error is a sentence for a person.

import { startDeadline } from "../../time.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { Failure } from "../exit.ts";

const CONNECT_MS = 10_000;

interface Destination {
  readonly hostname: string;
  readonly port: number;
  /** The two as people write them. */
  readonly server: string;
}

/** Connects within 10 s. @throws {Failure} unreachable, or config when permission is missing; the signal's reason. */
export async function connectTcp(
  { hostname, port, server }: Destination,
  signal: AbortSignal,
): Promise<ByteStream> {
  const late = new AbortController();
  const timer = startDeadline(() => late.abort(), { ms: CONNECT_MS });
  try {
    const bounded = AbortSignal.any([signal, late.signal]);
    const connection = await Deno.connect({ hostname, port, signal: bounded });
    connection.setNoDelay(true);
    return connection;
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error, { server, isLate: late.signal.aborted });
  } finally {
    timer.clear();
  }
}

function explain(
  error: unknown,
  { server, isLate }: { readonly server: string; readonly isLate: boolean },
): Failure {
  if (error instanceof Deno.errors.NotCapable) {
    const message = `No permission to connect to ${server}: start with --allow-net=${server}`;
    return new Failure("config", message, { cause: error });
  }
  const why = isLate
    ? `no answer within ${CONNECT_MS / 1_000} s`
    : error instanceof Deno.errors.ConnectionRefused
    ? "nothing listens there"
    : error instanceof Error
    ? describe(error.message)
    : "unknown reason";
  return new Failure("unreachable", `Cannot reach ${server}: ${why}`, { cause: error });
}

/** The words for the runtime's text. */
function describe(message: string): string {
  if (/Name or service not known|nodename nor servname|No address associated/.test(message)) {
    return "there is no host with this name";
  }
  if (message.includes("Temporary failure in name resolution")) {
    return "its name cannot be looked up now";
  }
  return message.replace(/ \(os error \d+\)$/, "");
}
