// A server on a real port that a test plays, connection by connection.

import { FakePeer } from "./fake_peer.ts";

/** The time limit of a wait for a frame: the client is a process, and the machine may be busy. */
const PATIENCE_MS = 60_000;

export class FakeListener implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #peers: FakePeer[] = [];

  /** Where it listens, as a client is told. */
  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** The next connection. */
  async accept(): Promise<FakePeer> {
    const peer = new FakePeer(await this.#listener.accept(), PATIENCE_MS);
    this.#peers.push(peer);
    return peer;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const peer of this.#peers) peer.close();
  }
}
