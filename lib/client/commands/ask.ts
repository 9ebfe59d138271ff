// `ask [TEXT]`: asks the desk and waits for the answer, over cuts and restarts of the server. What was
// asked stays asked, whatever becomes of the waiting.

import { monotonicUlid } from "@std/ulid";
import type { ClientFrame, RoomEvent, ServerFrame } from "../../wire/frame.ts";
import { Backoff } from "../backoff.ts";
import { checkFor, compose, type ComposeOptions, type Composition } from "../composition.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { offer, ownerOf, settleEarlier } from "../delivery.ts";
import { Dialogue } from "../dialogue.ts";
import { Failure, toFailure } from "../exit.ts";
import { stayConnected } from "../link.ts";
import type { HeldEntry } from "../outbox.ts";
import type { Session } from "../session.ts";
import { describeStanding } from "../standing.ts";
import { describeCut, failure, type Line, notice } from "../../terminal/line.ts";
import { safeJson } from "../../terminal/safe_text.ts";
import { tell } from "../view.ts";

export interface AskOptions extends ComposeOptions {
  readonly json: boolean;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** Whether somebody reads stderr: then one is told where one stands. */
  readonly isWatched: boolean;
}

/** Prints the answer. @throws {Failure} when there is none. */
export async function ask(context: ClientContext, options: AskOptions): Promise<void> {
  const composition = await compose(context, options);
  const asking = new Asking(context, { ...options, composition });
  const answer = await asking.answer();
  context.output.stdout(options.json ? safeJson(answer) + "\n" : `${answer.content}\n`);
}

class Asking {
  readonly #context: ClientContext;
  readonly #composition: Composition;
  readonly #options: AskOptions;
  readonly #stop = new AbortController();
  readonly #answer = Promise.withResolvers<RoomEvent>();
  readonly #dialogue: Dialogue;
  /** The question on the disk, until it has its `ok`. */
  #entry: HeldEntry | undefined;
  /** The inquiry's room, once the question is stored. */
  #room: string | undefined;
  #isOffering = false;
  #toldReason: string | undefined;

  constructor(context: ClientContext, options: AskOptions & { composition: Composition }) {
    const { clock } = context;
    this.#context = context;
    this.#options = options;
    this.#composition = options.composition;
    const view = { show: (lines: readonly Line[]) => this.#show(lines) };
    this.#dialogue = new Dialogue({ mode: "follow", view, clock });
  }

  /** Asks, and waits. @throws {Failure} */
  async answer(): Promise<RoomEvent> {
    const { connect, identity, clock, random, signal } = this.#context;
    const interrupted = () => this.#fail(this.#interruption());
    signal.addEventListener("abort", interrupted);
    if (signal.aborted) interrupted();
    clock.sleep(this.#options.timeoutMs, this.#stop.signal).then(() =>
      this.#fail(this.#lateness())
    );
    const linked = stayConnected({
      connect,
      identity,
      clock,
      backoff: new Backoff(random),
      signal: this.#stop.signal,
      receive: (frame, request) => this.#receive(frame, request),
      online: (session) => this.#online(session),
      offline: (reason, retryMs) => this.#offline(reason, retryMs),
    });
    linked.catch((error) => this.#fail(error));
    try {
      return await this.#answer.promise;
    } catch (error) {
      throw toFailure(error);
    } finally {
      this.#stop.abort();
      signal.removeEventListener("abort", interrupted);
      await linked.catch(() => {});
      this.#entry?.letGo();
    }
  }

  #fail(error: unknown): void {
    this.#answer.reject(error);
  }

  #receive(frame: ServerFrame, request: ClientFrame | undefined): void {
    this.#dialogue.receive(frame, request);
  }

  #online(session: Session): void {
    this.#toldReason = undefined;
    this.#dialogue.online(session);
    if (this.#room === undefined && !this.#isOffering) {
      this.#isOffering = true;
      this.#offer(session).catch((error) => this.#fail(error))
        .finally(() => this.#isOffering = false);
    }
  }

  #offline(reason: string, retryMs: number): void {
    this.#dialogue.offline();
    if (reason === this.#toldReason) return;
    this.#toldReason = reason;
    tell(this.#context.output, failure(describeCut(reason, retryMs)));
  }

  /** Asks under one `cid`, until it is known that the question is stored. */
  async #offer(session: Session): Promise<void> {
    const entry = this.#entry ??= await this.#keep(session);
    const outcome = await offer(session, entry);
    if (outcome.kind === "refused") {
      await entry.settle();
      throw outcome.error;
    }
    if (outcome.kind === "unknown") {
      // A cut: the next session asks again. A store that cannot answer: this one does, a little later.
      await this.#context.clock.sleep(outcome.afterMs ?? 0, this.#stop.signal);
      if (this.#dialogue.session === session && !this.#stop.signal.aborted) {
        return await this.#offer(session);
      }
      return;
    }
    await entry.settle();
    const { room, seq } = outcome.ok;
    if (room === undefined || seq === undefined) {
      throw new Failure("protocol", "The server stored the question and did not say where");
    }
    this.#room = room;
    if (this.#options.isWatched) tell(this.#context.output, notice(describeStanding(outcome.ok)));
    this.#dialogue.follow(new Map([[room, seq]]));
  }

  async #keep(session: Session): Promise<HeldEntry> {
    const context = this.#context;
    await checkFor(session, { context, composition: this.#composition });
    const outbox = outboxOf(context);
    const owner = ownerOf(session, context.server);
    const earlier = await settleEarlier(session, { outbox, owner, unsent: unsentOf(context) });
    for (const line of earlier.lines) tell(context.output, line);
    return await outbox.keep({
      ...owner,
      kind: "inquiry",
      room: "the desk",
      cid: monotonicUlid(),
      name: session.welcome.you?.name ?? context.identity.name,
      content: this.#composition.text,
      time: context.clock.now(),
    });
  }

  /** The first response is the answer; what else is said in the room is the asker's own. */
  #show(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.kind === "failure") tell(this.#context.output, line);
      if (line.kind === "event" && line.event.type === "response") this.#answer.resolve(line.event);
    }
  }

  #lateness(): Failure {
    const waited = `No answer within ${this.#options.timeoutMs / 1_000} s`;
    if (this.#room !== undefined) return new Failure("timeout", `${waited}: ${this.#howToLook()}`);
    if (this.#entry === undefined) return new Failure("timeout", `${waited}; nothing was asked`);
    return new Failure("tryAgain", `${waited}: ${KEPT}`);
  }

  #interruption(): Failure {
    if (this.#room !== undefined) {
      return new Failure("interrupted", `Interrupted: ${this.#howToLook()}`);
    }
    return new Failure("interrupted", this.#entry === undefined ? "Interrupted" : KEPT);
  }

  #howToLook(): string {
    return `the question stays asked, and history '${this.#room}' shows what comes`;
  }
}

const KEPT = "the question is kept, and the next run settles it first: do not ask it again";
