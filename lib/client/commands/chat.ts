// `chat`: a person in a terminal. What is typed becomes requests, what comes is shown above the line;
// it goes on over cuts and restarts until the person leaves.

import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { Backoff } from "../link/backoff.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { ownerOf, settleEarlier } from "../outbox/delivery.ts";
import { ChatLoop } from "../chat_loop.ts";
import { GLANCE, isOperator } from "../state/desk_conversation.ts";
import { Failure, toFailure } from "../exit.ts";
import { COMMANDS, enterLine, HELP_FOOTER, type LineTarget } from "../slash/commands.ts";
import { SlashTable } from "../slash/slash_table.ts";
import { beginningOf } from "../state/followed_rooms.ts";
import { countOf, describeCut, failure, type Line, notice } from "../../terminal/line.ts";
import { addToLineHistory } from "../slash/line_history.ts";
import { keepConnected } from "../link/reconnect.ts";
import type { Owner } from "../outbox/outbox.ts";
import type { Prompt, PromptOptions } from "../../terminal/prompt_view.ts";
import { describeWelcome, layOutPrompt } from "../output/chat_lines.ts";
import { ReadMarks } from "../state/read_marks.ts";
import { Sender } from "../outbox/sender.ts";
import type { Session } from "../link/session.ts";
import type { View } from "../../terminal/line.ts";

/** How long leaving waits for answers that are on their way. */
const LEAVE_MS = 2_000;
/** A message without an answer for so long is shown above the line. */
const PENDING_MS = 300;

const TABLE = new SlashTable(COMMANDS, HELP_FOOTER);

/** A view with a line to type in. */
export interface LineView extends View {
  setPrompt(prompt: Prompt): void;
  /** Resolves when the terminal is given back; soon, whether or not it takes anything. */
  close(): Promise<void>;
}

export interface ChatOptions {
  /** The room to begin in. */
  readonly room: string;
  /** Takes the terminal over. */
  readonly openView: (
    options: Pick<PromptOptions, "entered" | "leave" | "complete">,
  ) => LineView;
}

/** Talks until the person leaves. @throws {Failure} when there is no use in going on. */
export async function chat(context: ClientContext, options: ChatOptions): Promise<void> {
  const talk = new Talk(context, options);
  const stop = new AbortController();
  const interrupted = () => talk.leave(context.signal.reason);
  context.signal.addEventListener("abort", interrupted);
  const linked = talk.stayConnected(stop.signal);
  try {
    const failure = await Promise.race([linked, talk.left]);
    if (failure instanceof Failure) throw failure;
  } catch (error) {
    throw toFailure(error);
  } finally {
    // The connection stays a moment longer, for the answers that are on their way.
    await talk.close();
    stop.abort();
    await linked.catch(() => {});
    context.signal.removeEventListener("abort", interrupted);
  }
}

class Talk {
  readonly #context: ClientContext;
  readonly #room: string;
  /** Ends the waits of the talk itself. */
  readonly #over = new AbortController();
  readonly #left = Promise.withResolvers<Failure | undefined>();
  readonly #view: LineView;
  readonly #dialogue: ChatLoop;
  readonly #sender: Sender;
  readonly #marks: ReadMarks;
  #isOnline = false;
  #wasWelcomed = false;
  #toldReason: string | undefined;
  /** What was said of earlier messages: once is enough, however often one reconnects. */
  readonly #told = new Set<string>();
  /** Resolves when the lines typed so far are in the history. */
  #remembered: Promise<void> = Promise.resolve();

  constructor(context: ClientContext, { room, openView }: ChatOptions) {
    this.#context = context;
    this.#room = room;
    this.#view = openView({
      entered: ({ typed, text }) => this.#entered(typed, text),
      leave: (by) =>
        this.leave(by === "interrupt" ? new Failure("interrupted", "Left by Ctrl-C") : undefined),
      complete: (line) => TABLE.complete(line),
    });
    const { clock, random } = context;
    this.#dialogue = new ChatLoop({ mode: "talk", view: this.#view, clock, random });
    this.#marks = new ReadMarks(this.#dialogue, { clock, signal: this.#over.signal });
    this.#sender = new Sender({
      outbox: outboxOf(context),
      clock,
      random,
      show: (lines) => this.#view.show(lines),
      changed: () => this.#pendingChanged(),
    });
  }

  /** Resolves when the person leaves, with why that is a failure if it is one. */
  get left(): Promise<Failure | undefined> {
    return this.#left.promise;
  }

  leave(failure?: Failure): void {
    this.#left.resolve(failure);
  }

  /** Connects, and again after every cut, until the signal aborts. */
  stayConnected(signal: AbortSignal): Promise<void> {
    const { connect, identity, clock, random, server } = this.#context;
    this.#view.show([notice(`Connecting to ${server}`)]);
    this.#showPrompt();
    return keepConnected({
      connect,
      identity,
      clock,
      signal,
      backoff: new Backoff(random),
      receive: (frame, request) => this.#receive(frame, request),
      online: (session) => this.#online(session),
      offline: (reason, retryMs) => this.#offline(reason, retryMs),
    });
  }

  /** Waits for answers on their way, but not long, and gives the terminal back. */
  async close(): Promise<void> {
    await this.#sender.finish(this.#isOnline ? LEAVE_MS : 0);
    await this.#remembered;
    const left = this.#sender.pending.length;
    if (left > 0) this.#view.show([notice(`${countOf(left, "message")} kept for the next run`)]);
    this.#over.abort();
    await this.#view.close();
  }

  #receive(frame: ServerFrame, request: ClientFrame | undefined): void {
    this.#dialogue.receive(frame, request);
    this.#showPrompt();
    this.#marks.shown();
  }

  #online(session: Session): void {
    const { server, identity } = this.#context;
    const { you, rooms } = session.welcome;
    const name = you?.name ?? identity.name;
    this.#isOnline = true;
    this.#toldReason = undefined;
    this.#view.show(this.#wasWelcomed ? [notice("Connected again")] : this.#greet(session));
    this.#dialogue.online(session);
    if (!this.#wasWelcomed) {
      const others = rooms.filter(({ room }) => room !== this.#room);
      this.#dialogue.follow(new Map(others.map((other) => [other.room, beginningOf(other)])));
    }
    if (this.#dialogue.conversation.entered.size === 0) {
      this.#dialogue.ask({ type: "join", room: this.#room });
    }
    if (isOperator(you?.role)) this.#dialogue.ask(GLANCE);
    this.#wasWelcomed = true;
    const owner = ownerOf(session, server);
    this.#sender.speakAs({ ...owner, name });
    this.#settle(session, owner).then(() => {
      if (this.#dialogue.session === session) this.#sender.online(session);
    });
    this.#showPrompt();
  }

  /** What earlier runs have left comes before anything that is typed now. */
  async #settle(session: Session, owner: Owner): Promise<void> {
    const options = {
      outbox: outboxOf(this.#context),
      owner,
      askedAs: this.#context.identity.name,
      unsent: unsentOf(this.#context),
    };
    const lines = await settleEarlier(session, options)
      .then((earlier) => earlier.lines, (error) => [failure(toFailure(error).message)]);
    const news = lines.filter((line) => line.kind === "event" || !this.#told.has(line.text));
    for (const line of news) if (line.kind !== "event") this.#told.add(line.text);
    this.#view.show(news);
  }

  #greet({ welcome }: Session): readonly Line[] {
    const { server, identity } = this.#context;
    return describeWelcome(welcome, { server, identity, room: this.#room });
  }

  #offline(reason: string, retryMs: number): void {
    this.#isOnline = false;
    this.#dialogue.offline();
    this.#sender.offline();
    // Said once, however many tries fail the same way; the prompt says the rest.
    if (reason !== this.#toldReason) this.#view.show([failure(describeCut(reason, retryMs))]);
    this.#toldReason = reason;
    this.#showPrompt();
  }

  #entered(typed: string, text: string): void {
    if (typed === text) {
      // A line that cannot be remembered is no reason not to take it.
      this.#remembered = this.#remembered
        .then(() => addToLineHistory(this.#context.state, typed)).catch(() => {});
    }
    const target: LineTarget = {
      loop: this.#dialogue,
      sender: this.#sender,
      show: (lines) => this.#view.show(lines),
      leave: () => this.leave(),
    };
    enterLine(text, { table: TABLE, target });
  }

  #pendingChanged(): void {
    this.#showPrompt();
    // On a quick line the answer comes before there is anything to show.
    if (this.#sender.pending.length > 0) {
      this.#context.clock.sleep(PENDING_MS, this.#over.signal).then(() => this.#showPrompt());
    }
  }

  #showPrompt(): void {
    const { current } = this.#dialogue.conversation;
    const late = this.#sender.pending.filter(({ time }) => {
      return !this.#isOnline || this.#context.clock.now() - time >= PENDING_MS;
    });
    this.#view.setPrompt(layOutPrompt(late, {
      isOnline: this.#isOnline,
      ...(current === undefined ? {} : { current }),
    }));
  }
}
