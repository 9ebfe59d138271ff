// Servers behind relays, one of which is killed as a certain frame passes: so at a named step of a decision, and
// without a hook in the program.

import { type Direction, type Passage, Relay } from "../../support/clients/relay.ts";
import type { RestartingServer } from "../crash/restarting_server.ts";

/** Whose connections run through a relay. */
export type Side = "asker" | "operator";

/** A step of a decision: the server is killed as a frame is about to arrive, or has just been sent on. */
export interface Step {
  readonly name: string;
  readonly side: Side;
  readonly direction: Direction;
  readonly frame: RegExp;
  /** Whether the frame is sent on before the server is killed; else it is lost. */
  readonly isSentOn: boolean;
}

type Moment = Pick<Step, "side" | "direction" | "frame">;

const QUESTION: Moment = { side: "asker", direction: "to server", frame: /"type":"inquiry"/ };
const STORED: Moment = {
  side: "asker",
  direction: "to client",
  frame: /"type":"ok".*"operators":/,
};
const SHOWN: Moment = { side: "operator", direction: "to client", frame: /"change":"opened"/ };
const DECISION: Moment = { side: "operator", direction: "to server", frame: /"type":"decide"/ };
const DECIDED: Moment = {
  side: "operator",
  direction: "to client",
  frame: /"type":"ok".*"state":"decided"/,
};
const ANSWERED: Moment = { side: "asker", direction: "to client", frame: /"type":"decision"/ };

/** From the question to the exit of the program that waits. */
export const STEPS: readonly Step[] = [
  { name: "before the question arrives", ...QUESTION, isSentOn: false },
  { name: "as the question arrives", ...QUESTION, isSentOn: true },
  { name: "the question is stored, its asker does not know", ...STORED, isSentOn: false },
  { name: "the asker knows that it is stored", ...STORED, isSentOn: true },
  { name: "before operators are shown it", ...SHOWN, isSentOn: false },
  { name: "an operator was shown it", ...SHOWN, isSentOn: true },
  { name: "before the decision arrives", ...DECISION, isSentOn: false },
  { name: "as the decision arrives", ...DECISION, isSentOn: true },
  { name: "the decision is stored, its operator does not know", ...DECIDED, isSentOn: false },
  { name: "the operator knows that it is stored", ...DECIDED, isSentOn: true },
  { name: "before the asker is sent the decision", ...ANSWERED, isSentOn: false },
  { name: "the asker was sent the decision", ...ANSWERED, isSentOn: true },
];

interface Trap {
  readonly step: Step;
  readonly sprung: PromiseWithResolvers<void>;
}

export class TrappedServers implements AsyncDisposable {
  readonly #sources: Readonly<Record<Side, RestartingServer>>;
  readonly #relays: Readonly<Record<Side, Relay>>;
  #trap: Trap | undefined;

  /** @param sources the server behind each relay: one server, or two of one store; not started yet */
  constructor(sources: Readonly<Record<Side, RestartingServer>>) {
    this.#sources = sources;
    const relayOf = (side: Side) =>
      new Relay({
        filter: (bytes, { direction, passage }) => this.#look(bytes, { side, direction, passage }),
      });
    this.#relays = { asker: relayOf("asker"), operator: relayOf("operator") };
  }

  portOf(side: Side): number {
    return this.#relays[side].port;
  }

  async start(): Promise<void> {
    for (const source of new Set(Object.values(this.#sources))) await this.#start(source);
  }

  /** Resolves when the server was killed at this step, and runs again. */
  set(step: Step): Promise<void> {
    const sprung = Promise.withResolvers<void>();
    this.#trap = { step, sprung };
    return sprung.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const relay of Object.values(this.#relays)) await relay[Symbol.asyncDispose]();
    for (const source of Object.values(this.#sources)) {
      source.close();
      await source.kill();
    }
  }

  async #look(
    bytes: Uint8Array,
    { side, direction, passage }: { side: Side; direction: Direction; passage: Passage },
  ): Promise<boolean> {
    const trap = this.#trap;
    if (trap?.step.side !== side || trap.step.direction !== direction) return true;
    if (!trap.step.frame.test(new TextDecoder().decode(bytes))) return true;
    this.#trap = undefined;
    const to = direction === "to server" ? passage.server : passage.client;
    if (trap.step.isSentOn) await to.write(bytes);
    const source = this.#sources[side];
    for (const relay of this.#relaysOf(source)) relay.target = undefined;
    await source.kill();
    trap.sprung.resolve(this.#start(source));
    return false;
  }

  async #start(source: RestartingServer): Promise<void> {
    const { address } = await source.start();
    for (const relay of this.#relaysOf(source)) relay.target = address.port;
  }

  #relaysOf(source: RestartingServer): readonly Relay[] {
    return (["asker", "operator"] as const).filter((side) => this.#sources[side] === source)
      .map((side) => this.#relays[side]);
  }
}
