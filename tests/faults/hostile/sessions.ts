// Sessions at each stage, with a name of their own, which check every byte that they receive.

import type { ChildServer } from "../../support/processes/child_server.ts";
import { Peer, type PeerOptions } from "../../support/clients/peer.ts";
import { openTlsConn } from "../../support/tls.ts";
import { FOUNDERS_INQUIRY, HOSTILE_ROOM, SILENT_ROOM, type Stage } from "./case.ts";
import type { Self } from "./exchange.ts";

export interface OpenSession {
  readonly peer: Peer;
  /** Who it is; undefined before login. */
  readonly self: Self | undefined;
}

/** Characters that no frame may contain unescaped. */
// deno-lint-ignore no-control-regex
const UNSAFE = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/;
/** The longest wait for the answer to a hostile case. */
const PATIENCE_MS = 5_000;

export class Sessions {
  readonly #server: ChildServer;
  /** Unescaped characters that were received. */
  readonly unsafe: string[] = [];
  /** The certificate to trust, when the sessions are over TLS. */
  readonly #cert: string | undefined;
  #names = 0;

  constructor(server: ChildServer, { cert }: { readonly cert?: string | undefined } = {}) {
    this.#server = server;
    this.#cert = cert;
  }

  /** Creates the rooms of the run, and an inquiry with one message. */
  async found(): Promise<void> {
    using peer = await this.#connect();
    await hello(peer, { auth: { method: "guest", name: "founder" } });
    for (const room of [HOSTILE_ROOM, SILENT_ROOM]) await join(peer, room);
    const reply = await peer.ask({ type: "inquiry", id: "inquiry", content: "Is anybody there?" });
    if (reply?.room !== FOUNDERS_INQUIRY) throw new Error(`No inquiry: ${JSON.stringify(reply)}`);
  }

  /** A new connection at this stage. */
  async open(stage: Stage): Promise<OpenSession> {
    const peer = await this.#connect();
    if (stage === "first") return { peer, self: undefined };
    if (stage === "greeted") {
      await hello(peer, {});
      return { peer, self: undefined };
    }
    const name = `mallory-${++this.#names}`;
    const you = await hello(peer, { auth: { method: "guest", name } });
    await join(peer, HOSTILE_ROOM);
    return { peer, self: you };
  }

  async #connect(): Promise<Peer> {
    const options: PeerOptions = {
      patienceMs: PATIENCE_MS,
      onText: (text) => {
        const found = UNSAFE.exec(text);
        if (found === null || this.unsafe.length > 5) return;
        this.unsafe.push(
          `sent as it is: ${JSON.stringify(text.slice(found.index - 40).slice(0, 80))}`,
        );
      },
    };
    if (this.#cert === undefined) return this.#server.connect(options);
    const { port } = this.#server.tlsAddress;
    return new Peer(await openTlsConn({ port, cert: this.#cert }), options);
  }
}

async function hello(peer: Peer, more: object): Promise<Self | undefined> {
  const reply = await peer.ask({ type: "hello", id: "hello", version: 1, ...more });
  if (reply?.type !== "welcome") throw new Error(`No welcome but ${JSON.stringify(reply)}`);
  return reply.you ?? undefined;
}

async function join(peer: Peer, room: string): Promise<void> {
  const reply = await peer.ask({ type: "join", id: "join", room, create: true });
  if (reply?.type !== "room") throw new Error(`No room but ${JSON.stringify(reply)}`);
}
