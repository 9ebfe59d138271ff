// Shrinks a failing case where that is possible without knowing its meaning: when it brings the
// server down, causes an internal error, or gets no answer.

import { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { concat, type HostileCase, type Stage } from "./case.ts";
import { isServersFault } from "./exchange.ts";
import { Sessions } from "./sessions.ts";
import { shrink } from "./shrink.ts";

const BEHIND = new TextEncoder().encode(
  '\n{"type":"ping","id":"ping"}\n{"type":"stats","id":"then"}\n',
);

/** The smallest bytes found that still do harm; undefined when only the answer is wrong. */
export async function shrinkHarm({ stage, bytes }: HostileCase): Promise<Uint8Array | undefined> {
  await using home = await temporaryDirectory();
  await using patient = new Patient(home.path);
  const harms = (tried: Uint8Array) => patient.isHarmedBy(tried, stage);
  return await harms(bytes) ? await shrink(bytes, harms) : undefined;
}

/** A server that is replaced by a fresh one after harm. */
class Patient implements AsyncDisposable {
  readonly #directory: string;
  #server: ChildServer | undefined;
  #lives = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async isHarmedBy(bytes: Uint8Array, stage: Stage): Promise<boolean> {
    const server = await this.#alive();
    const isHarmed = await this.#doesHarm(bytes, { stage, server });
    if (isHarmed) await this[Symbol.asyncDispose]();
    return isHarmed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.kill();
    this.#server = undefined;
  }

  async #alive(): Promise<ChildServer> {
    if (this.#server !== undefined) return this.#server;
    const directory = `${this.#directory}/${++this.#lives}`;
    Deno.mkdirSync(directory);
    this.#server = await ChildServer.start({ directory, args: ["--limit", "all=off"] });
    await new Sessions(this.#server).found();
    return this.#server;
  }

  async #doesHarm(
    bytes: Uint8Array,
    { stage, server }: { stage: Stage; server: ChildServer },
  ): Promise<boolean> {
    try {
      const { peer } = await new Sessions(server).open(stage);
      using _closed = peer;
      void peer.write(concat([bytes, BEHIND]));
      if (!await isAnsweredWell(peer)) return true;
      return (await server.stats()).internal_errors !== 0;
    } catch {
      return true;
    }
  }
}

/** Whether the following requests are answered, or the connection ends with a frame. */
async function isAnsweredWell(peer: Peer): Promise<boolean> {
  let last: Frame | undefined;
  let isAlive = false;
  for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
    if (isServersFault(frame)) return false;
    if (frame.re === "ping") isAlive = true;
    if (frame.re === "then") return isAlive;
    last = frame;
  }
  return last?.type === "bye" || last?.code === "frame_too_large";
}
