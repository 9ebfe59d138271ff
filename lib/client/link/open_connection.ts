// Connects to the chosen server, plain or by TLS. What only TLS needs is loaded for TLS alone.

import type { ChosenServer } from "../../config/link/chosen_server.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { connectTcp } from "./connect.ts";

/** @throws {Failure} as `connectTcp` and `connectTls`; the signal's reason */
export async function openConnection(
  { address, tls, server }: ChosenServer & {
    /** The server as people write it. */
    readonly server: string;
  },
  signal: AbortSignal,
): Promise<ByteStream> {
  if (tls === undefined) return await connectTcp({ ...address, server }, signal);
  const { connectTls } = await import("./connect_tls.ts");
  return await connectTls({ ...address, ...tls, server }, signal);
}
