// `chat`: a person in a terminal. What is typed becomes requests, what comes is shown above the line;
// it goes on over cuts and restarts until the person leaves.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { checkText } from "../../wire/text.ts";
import { Backoff } from "../backoff.ts";
import { type ClientContext, outboxOf, unsentOf } from "../context.ts";
import { ownerOf, settleEarlier } from "../delivery.ts";
import { Dialogue } from "../dialogue.ts";
import { Failure, toFailure } from "../exit.ts";
import { commandNames, type Intent, parseInput } from "../input.ts";
import {
  countOf,
  describeCut,
  failure,
  formatRoom,
  type Line,
  notice,
} from "../../terminal/line.ts";
import { addToLineHistory } from "../line_history.ts";
import { stayConnected } from "../link.ts";
import type { Prompt, PromptOptions } from "../../terminal/prompt_view.ts";
import { Sender } from "../sender.ts";
import type { Session } from "../session.ts";
import type { View } from "../../terminal/line.ts";

/** How long leaving waits for answers that are on their way. */
const LEAVE_MS = 2_000;
/** A message without an answer for so long is shown above the line. */
const PENDING_MS = 300;
const PENDING_ROWS = 3;
/** What was shown is marked as read no more often than this. */
const READ_MS = 1_000;

/** A view with a line to type in. */
export interface LineView extends View {
  setPrompt(prompt: Prompt): void;
  close(): void;
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
  try {
    await talk.run();
  } catch (error) {
    throw toFailure(error);
  } finally {
    await talk.close();
  }
}

class Talk {
  readonly #context: ClientContext;
  readonly #room: string;
  readonly #stop = new AbortController();
  readonly #view: LineView;
  readonly #dialogue: Dialogue;
  readonly #sender: Sender;
  #isOnline = false;
  #wasWelcomed = false;
  #toldReason: string | undefined;
  #readMarks = new Map<string, number>();
  #isMarking = false;

  constructor(context: ClientContext, { room, openView }: ChatOptions) {
    this.#context = context;
    this.#room = room;
    this.#view = openView({
      entered: ({ typed, text }) => this.#entered(typed, text),
      leave: (by) => this.#leave(by),
      complete: (line) =>
        commandNames().map((name) => `/${name}`).filter((c) => c.startsWith(line)),
    });
    const { clock } = context;
    this.#dialogue = new Dialogue({ mode: "talk", view: this.#view, clock });
    this.#sender = new Sender({
      outbox: outboxOf(context),
      clock,
      show: (lines) => this.#view.show(lines),
      changed: () => this.#pendingChanged(),
    });
  }

  async run(): Promise<void> {
    const { connect, identity, clock, random, signal, server } = this.#context;
    signal.addEventListener("abort", () => this.#stop.abort(signal.reason));
    this.#view.show([notice(`Connecting to ${server}`)]);
    this.#showPrompt();
    await stayConnected({
      connect,
      identity,
      clock,
      backoff: new Backoff(random),
      signal: this.#stop.signal,
      receive: (frame, request) => this.#receive(frame, request),
      online: (session) => this.#online(session),
      offline: (reason, retryMs) => this.#offline(reason, retryMs),
    });
    if (this.#stop.signal.reason instanceof Failure) throw this.#stop.signal.reason;
  }

  /** Gives answers on their way a moment, then the terminal back. */
  async close(): Promise<void> {
    await this.#sender.finish(this.#isOnline ? LEAVE_MS : 0);
    const left = this.#sender.pending.length;
    if (left > 0) this.#view.show([notice(`${countOf(left, "message")} kept for the next run`)]);
    this.#view.close();
    this.#stop.abort();
  }

  #leave(by: "end" | "interrupt"): void {
    this.#stop.abort(by === "end" ? undefined : new Failure("interrupted", "Left by Ctrl-C"));
  }

  #receive(frame: ServerFrame, request: ClientFrame | undefined): void {
    this.#dialogue.receive(frame, request);
    this.#showPrompt();
    this.#markRead();
  }

  #online(session: Session): void {
    const { server, identity } = this.#context;
    const { you, rooms } = session.welcome;
    const name = you?.name ?? identity.name;
    this.#isOnline = true;
    this.#toldReason = undefined;
    this.#view.show(this.#wasWelcomed ? [notice("Connected again")] : this.#greeting(session));
    this.#dialogue.online(session);
    const owner = ownerOf(session, server);
    this.#sender.online(session, { ...owner, name });
    if (!this.#wasWelcomed) {
      this.#wasWelcomed = true;
      const others = rooms.filter(({ room }) => room !== this.#room);
      this.#dialogue.follow(new Map(others.map(({ room, last }) => [room, last])));
      this.#dialogue.ask({ type: "join", room: this.#room });
    }
    const outbox = outboxOf(this.#context);
    settleEarlier(session, { outbox, owner, unsent: unsentOf(this.#context) })
      .then(({ lines }) => this.#view.show(lines))
      .catch((error) => this.#view.show([failure(toFailure(error).message)]));
    this.#showPrompt();
  }

  #greeting({ welcome: { you, rooms } }: Session): readonly Line[] {
    const { server, identity } = this.#context;
    const lines = [
      notice(`You are ${you?.name} (${you?.role}) on ${server} · /help lists the commands`),
    ];
    if (identity.isNew) {
      lines.push(notice(`The token kept for ${identity.name} has ended: you are a new guest`));
    }
    if (you !== null && you.name.toLowerCase() !== identity.name.toLowerCase()) {
      lines.push(notice(`${identity.name} is in use by somebody else just now`));
    }
    const others = rooms.filter(({ room }) => room !== this.#room).map(({ room, unread }) =>
      unread === undefined || unread === 0
        ? formatRoom(room)
        : `${formatRoom(room)} (${unread} unread)`
    );
    if (others.length > 0) lines.push(notice(`You also hear ${others.join(", ")}`));
    return lines;
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
    if (typed === text) addToLineHistory(this.#context.state, typed).catch(() => {});
    const intent = parseInput(text);
    if (intent.kind === "say") this.#say(intent.text);
    else this.#obey(intent);
  }

  #say(text: string): void {
    const room = this.#dialogue.conversation.current;
    if (room === undefined) {
      return this.#view.show([failure("You are in no room: /join ROOM enters one")]);
    }
    const most = this.#dialogue.session?.welcome.limits.content ?? DEFAULT_LIMITS.content;
    try {
      checkText(text, { ...DEFAULT_LIMITS, content: most });
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return this.#view.show([failure(`not sent: ${error.message}`)]);
    }
    this.#sender.say(room, text);
  }

  #obey(intent: Exclude<Intent, { kind: "say" }>): void {
    const { current, logs } = this.#dialogue.conversation;
    switch (intent.kind) {
      case "nothing":
        return;
      case "problem":
        return this.#view.show([failure(intent.message)]);
      case "help":
        return this.#view.show(intent.lines.map(notice));
      case "join":
        return this.#dialogue.ask({ type: "join", room: intent.room });
      case "create":
        return this.#dialogue.ask({ type: "join", room: intent.room, create: true });
      case "rooms":
        return this.#dialogue.ask({ type: "rooms" });
      case "quit":
        return this.#leave("end");
    }
    const room = ("room" in intent ? intent.room : undefined) ?? current;
    if (room === undefined) return this.#view.show([failure("You are in no room: name one")]);
    if (intent.kind === "leave") return this.#dialogue.ask({ type: "leave", room });
    if (intent.kind === "who") return this.#dialogue.ask({ type: "members", room });
    const before = logs.get(room)?.oldest;
    const position = before === undefined ? {} : { before };
    this.#dialogue.ask({ type: "history", room, limit: intent.count, ...position });
  }

  #pendingChanged(): void {
    this.#showPrompt();
    // On a quick line the answer comes before there is anything to show.
    if (this.#sender.pending.length > 0) {
      this.#context.clock.sleep(PENDING_MS, this.#stop.signal).then(() => this.#showPrompt());
    }
  }

  #showPrompt(): void {
    const { clock } = this.#context;
    const { current } = this.#dialogue.conversation;
    const late = this.#sender.pending.filter(({ time }) =>
      !this.#isOnline || clock.now() - time >= PENDING_MS
    );
    const rows = late.slice(0, PENDING_ROWS).map((
      { content },
    ) => [{ text: `… ${content}`, style: "dim" as const }]);
    const more = late.length - rows.length;
    if (more > 0) rows.push([{ text: `… and ${countOf(more, "more message")}`, style: "dim" }]);
    const room = current === undefined ? "" : formatRoom(current);
    const state = this.#isOnline ? "" : " (offline)";
    this.#view.setPrompt({
      rows,
      before: [{ text: `${room}${state}> `, style: "bold" }],
      ...(current === undefined ? {} : { current }),
    });
  }

  /** Tells the server, now and then, up to where the current room was shown. */
  #markRead(): void {
    const { current, logs } = this.#dialogue.conversation;
    const log = current === undefined ? undefined : logs.get(current);
    if (current === undefined || log === undefined || this.#isMarking) return;
    if (log.phase.at === "opening" || log.cursor <= (this.#readMarks.get(current) ?? 0)) return;
    this.#isMarking = true;
    this.#context.clock.sleep(READ_MS, this.#stop.signal).then(() => {
      this.#isMarking = false;
      const seq = this.#dialogue.conversation.logs.get(current)?.cursor;
      const { session } = this.#dialogue;
      if (seq === undefined || session === undefined || this.#stop.signal.aborted) return;
      this.#readMarks.set(current, seq);
      session.request({ type: "read", room: current, seq }).catch(() => {});
    });
  }
}
