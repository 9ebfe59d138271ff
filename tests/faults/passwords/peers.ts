// Connections from many addresses of this machine: all of 127.0.0.0/8 is loopback.

import { connect } from "node:net";
import { SocketStream } from "../../../lib/wire/stream/socket_stream.ts";
import { type Address, type Frame, Peer } from "../../support/clients/peer.ts";

/** One hello, and how it was answered. */
export interface Answer {
  /** `welcome`, or the code of the error. */
  readonly code: string;
  /** The reply as it came, up to its newline. */
  readonly bytes: string;
  /** From the request to the reply. */
  readonly ms: number;
  readonly frame: Frame;
}

/** Says hello on a connection of its own from this address. @throws when there is no answer */
export async function sayHello(
  server: Address,
  { from, auth }: { from: string; auth: object },
): Promise<Answer> {
  let bytes = "";
  using peer = await connectFrom(from, server, (text) => bytes += text);
  const begun = performance.now();
  const frame = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  const ms = performance.now() - begun;
  if (frame === undefined) throw new Error(`No answer from the server to ${from}: ${bytes}`);
  return { code: frame.type === "welcome" ? "welcome" : frame.code, bytes, ms, frame };
}

/** Says hello until it is welcome, as often as the server allows. @returns milliseconds */
export async function comeIn(
  server: Address,
  { from, auth }: { from: string; auth: object },
): Promise<number> {
  const begun = performance.now();
  for (;;) {
    const { code, frame } = await sayHello(server, { from, auth });
    if (code === "welcome") return performance.now() - begun;
    if (code !== "rate_limited" && code !== "busy") throw new Error(`Refused: ${code}`);
    await new Promise((resolve) => setTimeout(resolve, frame.after_ms));
  }
}

async function connectFrom(
  localAddress: string,
  { hostname, port }: Address,
  onText: (text: string) => void,
): Promise<Peer> {
  const socket = connect({ host: hostname, port, localAddress });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("connect", resolve);
  socket.once("error", reject);
  await promise;
  return new Peer(new SocketStream(socket), { onText });
}
