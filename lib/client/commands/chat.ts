// `chat`: a person in a terminal. Typed lines become requests, frames are shown above the line. It
// reconnects after cuts and restarts, until the person leaves.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { countOf, failure, type Line, notice, type View } from "../../terminal/view_lines.ts";
import type { Prompt, PromptOptions } from "../../terminal/prompt_view.ts";
import { ConversationLoop } from "../conversation_loop.ts";
import { type ClientContext, outboxOf } from "../context.ts";
import { Failure, toFailure } from "../exit.ts";
import type { Session } from "../link/session.ts";
import { type ReconnectHandlers, withReconnects } from "../link/with_reconnects.ts";
import { ownerOf } from "../outbox/delivery_attempt.ts";
import { earlierOf, settleEarlier } from "../outbox/earlier_messages.ts";
import { Sender } from "../outbox/sender.ts";
import { layOutPrompt } from "../output/prompt.ts";
import { describeWelcome } from "../output/wording.ts";
import { COMMANDS, enterLine, HELP_FOOTER, type LineTarget } from "../slash/commands.ts";
import { PEOPLE_COMMANDS } from "../slash/people_commands.ts";
import { SlashTable } from "../slash/slash_table.ts";
import { GLANCE, isOperator } from "../state/desk_frames.ts";
import { beginningOf } from "../state/followed_rooms.ts";
import { type ConversationPolicy, TALK } from "../state/conversation_policies.ts";
import { ReadMarks } from "../state/read_marks.ts";

/** How long leaving waits for pending answers. */
const LEAVE_MS = 2_000;
/** A message without an answer for so long is shown above the line. */
const PENDING_MS = 300;

const TABLE = new SlashTable({ ...COMMANDS, ...PEOPLE_COMMANDS }, HELP_FOOTER);

/** A view with a line to type in. */
export interface LineView extends View {
  setPrompt(prompt: Prompt): void;
  /** Asks for secrets in place of the line; undefined when the person answers nothing. */
  askSecrets(questions: readonly string[]): Promise<readonly string[] | undefined>;
  /** Resolves when the terminal is restored; soon, even when the terminal is blocked. */
  close(): Promise<void>;
}

export interface ChatOptions {
  /** The room to enter first; without it none is entered. */
  readonly room?: string;
  /** Keeps an entered line for later runs. */
  readonly remember?: (line: string) => Promise<void>;
  /** What differs at the console of a server. */
  readonly console?: ConsoleOptions;
  /** Takes the terminal over. */
  readonly openView: (
    options: Pick<PromptOptions, "entered" | "leave" | "complete" | "isSecret">,
  ) => LineView;
}

interface ConsoleOptions {
  readonly policy: ConversationPolicy;
  readonly commands: SlashTable<LineTarget>;
  /** The prompt while no room is entered. */
  readonly prompt: string;
  /** How a text without a command is refused while no room is entered. */
  readonly refusal: string;
}

/** Runs until the person leaves. @throws {Failure} when no retry can help. */
export async function chat(context: ClientContext, options: ChatOptions): Promise<void> {
  await withReconnects(context, new ChatRun(context, options));
}

class ChatRun implements ReconnectHandlers<void> {
  readonly #context: ClientContext;
  readonly #options: ChatOptions;
  readonly #commands: SlashTable<LineTarget>;
  /** Ends the waits of the chat itself. */
  readonly #over = new AbortController();
  readonly #left = Promise.withResolvers<void>();
  readonly #view: LineView;
  readonly #loop: ConversationLoop;
  readonly #sender: Sender;
  readonly #marks: ReadMarks;
  readonly #target: LineTarget;
  #isOnline = false;
  #isLeaving = false;
  /** Lines about earlier messages: each is shown once, however often the client reconnects. */
  readonly #shown = new Set<string>();
  /** Resolves when the lines typed so far are in the history. */
  #remembered: Promise<void> = Promise.resolve();

  constructor(context: ClientContext, options: ChatOptions) {
    const { clock, random } = context;
    const { policy = TALK, commands = TABLE } = options.console ?? {};
    this.#context = context;
    this.#options = options;
    this.#commands = commands;
    this.#view = options.openView({
      entered: ({ typed, text }) => this.#enter(typed, text),
      leave: (by) => this.#leave(by),
      complete: (line) => commands.complete(this.#target, line),
      isSecret: (line) => commands.isSecret(line),
    });
    const show = (lines: readonly Line[]) => this.#view.show(lines);
    const changed = () => {
      this.#showPrompt();
      this.#marks.update();
    };
    this.#loop = new ConversationLoop({ policy, view: this.#view, clock, random, changed });
    this.#marks = new ReadMarks(this.#loop, { clock, signal: this.#over.signal });
    this.#sender = new Sender({
      outbox: outboxOf(context),
      clock,
      random,
      show,
      noteStored: (ok, request) => this.#loop.receive(ok, request),
      keptFor: options.console === undefined ? "the next run" : "the next connection",
      changed: () => this.#pendingChanged(),
    });
    this.#target = {
      loop: this.#loop,
      sender: this.#sender,
      show,
      leave: () => this.#leave("command"),
      askSecrets: (questions) => this.#view.askSecrets(questions),
    };
    if (options.console === undefined) show([notice(`Connecting to ${context.server}`)]);
    this.#showPrompt();
  }

  /** Resolves when the person leaves; rejects when that is a failure. */
  get result(): Promise<void> {
    return this.#left.promise;
  }

  receive(frame: ServerFrame): void {
    this.#loop.receive(frame);
  }

  online(session: Session, { isFirst }: { readonly isFirst: boolean }): void {
    const { server, identity } = this.#context;
    const { welcome } = session;
    const name = welcome.you?.name ?? identity.name;
    this.#isOnline = true;
    this.#view.show(isFirst ? this.#greet(welcome) : [notice("Connected again")]);
    this.#loop.online(session);
    if (isFirst) this.#followRooms(session);
    const { room } = this.#options;
    const isEntered = room === undefined || this.#loop.conversation.entered.size > 0;
    if (!isEntered) this.#loop.ask({ type: "join", room });
    if (isOperator(welcome.you?.role)) this.#loop.ask(GLANCE);
    this.#sender.setOwner({ ...ownerOf(session, server), name });
    this.#settleEarlier(session).then(() => {
      if (this.#loop.session === session) this.#sender.online(session);
    });
    this.#showPrompt();
  }

  offline(): void {
    this.#isOnline = false;
    this.#loop.offline();
    this.#sender.offline();
    this.#showPrompt();
  }

  show(line: Line): void {
    if (!this.#isLeaving) this.#view.show([line]);
  }

  /** Waits for pending answers, but not long, and restores the terminal. */
  async close(): Promise<void> {
    this.#isLeaving = true;
    await this.#sender.finish(this.#isOnline ? LEAVE_MS : 0);
    await this.#remembered;
    const left = this.#sender.pending.length;
    const then = this.#options.console === undefined
      ? "kept for the next run"
      : "without an answer";
    if (left > 0) this.#view.show([notice(`${countOf(left, "message")} ${then}`)]);
    this.#over.abort();
    await this.#view.close();
  }

  #leave(by: "end" | "interrupt" | "gone" | "command"): void {
    if (by !== "interrupt") return this.#left.resolve();
    this.#left.reject(new Failure("interrupted", "Left by Ctrl-C"));
  }

  #greet(welcome: ServerFrame<"welcome">): readonly Line[] {
    const { server, identity: requested } = this.#context;
    const { room, console } = this.#options;
    return console === undefined ? describeWelcome(welcome, { server, requested, room }) : [];
  }

  /** Follows the rooms of which the user is a member, and those that are followed in any case. */
  #followRooms(session: Session): void {
    const { room } = this.#options;
    const others = session.welcome.rooms.filter((other) => other.room !== room);
    this.#loop.follow(new Map(others.map((other) => [other.room, beginningOf(other)])));
    for (const name of this.#loop.conversation.policy.alwaysFollows) {
      session.request({ type: "history", room: name, limit: 1 }, (reply) => {
        if (reply.type !== "page") return;
        this.#loop.follow(new Map([[reply.room, reply.events.at(-1)?.seq ?? 0]]));
      }).catch((error) => {
        if (error instanceof ChatError) this.show(failure(error.message));
      });
    }
  }

  /** Messages of earlier runs are sent before anything that is typed now. */
  async #settleEarlier(session: Session): Promise<void> {
    const noteStored = (ok: ServerFrame<"ok">, request: ClientFrame) =>
      this.#loop.receive(ok, request);
    const options = { ...earlierOf(this.#context, session), noteStored };
    const lines = await settleEarlier(session, options)
      .then((earlier) => earlier.lines, (error) => [failure(toFailure(error).message)]);
    const fresh = lines.filter((line) => line.kind === "event" || !this.#shown.has(line.text));
    for (const line of fresh) if (line.kind !== "event") this.#shown.add(line.text);
    this.#view.show(fresh);
  }

  #enter(typed: string, text: string): void {
    if (typed === text && !this.#commands.isSecret(typed)) {
      // A line that cannot be remembered is run all the same.
      this.#remembered = this.#remembered
        .then(() => this.#options.remember?.(typed)).catch(() => {});
    }
    const { refusal } = this.#options.console ?? {};
    enterLine(text, { table: this.#commands, target: this.#target, refusal });
  }

  #pendingChanged(): void {
    this.#showPrompt();
    // On a quick line the answer comes before there is anything to show.
    if (this.#sender.pending.length > 0) {
      this.#context.clock.sleep(PENDING_MS, this.#over.signal).then(() => this.#showPrompt());
    }
  }

  #showPrompt(): void {
    const { current } = this.#loop.conversation;
    const isOnline = this.#isOnline;
    const now = this.#context.clock.now();
    const late = this.#sender.pending.filter(({ time }) => !isOnline || now - time >= PENDING_MS);
    const noRoom = this.#options.console?.prompt;
    this.#view.setPrompt(layOutPrompt(late, { isOnline, current, noRoom }));
  }
}
