// Ports of this machine.

/** A port on loopback that nobody listens on now; somebody may by the time it is used. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
