// `chat`: a person in a terminal. Typed lines become requests, frames are shown above the line. It
// reconnects after cuts and restarts, until the person leaves.

import type { ServerFrame } from "../../wire/frame.ts";
import { countOf, type Line, notice } from "../../terminal/view_lines.ts";
import { ConversationLoop } from "../conversation_loop.ts";
import { type ClientContext, draftsOf, preferencesOf } from "../context.ts";
import { Failure } from "../exit.ts";
import type { Session } from "../link/session.ts";
import { type ReconnectHandlers, withReconnects } from "../link/with_reconnects.ts";
import { ownerOf } from "../outbox/delivery_attempt.ts";
import type { Sender } from "../outbox/sender.ts";
import { DeskPresence } from "../desk/desk_presence.ts";
import { LineDrafts } from "../drafts/line_drafts.ts";
import { Drafts } from "../drafts/drafts.ts";
import type { Call } from "../places/calls.ts";
import type { PlacesView } from "../places/places_view.ts";
import { createPlacesView } from "../places/create_places_view.ts";
import type { Preferences } from "../places/preferences.ts";
import { ReadMarks } from "../places/read_marks.ts";
import { enterLine } from "../slash/commands.ts";
import { LINE_TABLE } from "../slash/line_table.ts";
import type { OwnTarget } from "../slash/own_commands.ts";
import type { SlashTable } from "../slash/slash_table.ts";
import { GLANCE, isOperator } from "../state/desk/desk_frames.ts";
import { TALK } from "../state/conversation_policies.ts";
import { completeWordIn, usePlaceKey } from "./chat_keys.ts";
import type { ChatOptions, LineView } from "./chat_options.ts";
import { showPrompt } from "./chat_prompt.ts";
import { createChatSender } from "./chat_sender.ts";
import { describeSession, EarlierMessages, followRooms } from "./chat_start.ts";

export type { ChatOptions, LineView } from "./chat_options.ts";

/** How long leaving waits for pending answers. */
const LEAVE_MS = 2_000;

/** Runs until the person leaves; the user as whom they go on. @throws {Failure} when no retry can help. */
export function chat(context: ClientContext, options: ChatOptions): Promise<string | undefined> {
  return withReconnects(context, new ChatRun(context, options));
}

class ChatRun implements ReconnectHandlers<string | undefined> {
  /** A person sees that it is waited for; the console's server is this process. */
  readonly waitsAtStart: boolean;
  readonly #context: ClientContext;
  readonly #options: ChatOptions;
  readonly #commands: SlashTable<OwnTarget>;
  /** Ends the waits of the chat itself. */
  readonly #over = new AbortController();
  readonly #left = Promise.withResolvers<string | undefined>();
  readonly #line: LineView;
  readonly #view: PlacesView;
  readonly #loop: ConversationLoop;
  readonly #sender: Sender;
  readonly #marks: ReadMarks;
  readonly #desk: DeskPresence;
  readonly #drafts: LineDrafts;
  readonly #preferences: Preferences;
  readonly #earlier: EarlierMessages;
  readonly #target: OwnTarget;
  readonly #notify: ((call: Call) => void) | undefined;
  /** Until a room is entered for the first time. */
  #awaitedRoom: string | undefined;
  #isOnline = false;
  #isLeaving = false;
  /** Resolves when the lines typed so far are in the history. */
  #remembered: Promise<void> = Promise.resolve();

  constructor(context: ClientContext, options: ChatOptions) {
    const { clock, random } = context;
    const { policy = TALK, commands = LINE_TABLE } = options.console ?? {};
    this.#context = context;
    this.#options = options;
    this.#awaitedRoom = options.room;
    this.waitsAtStart = options.console === undefined;
    this.#commands = commands;
    this.#line = options.openView({
      entered: ({ typed, text }) => this.#enter(typed, text),
      leave: (by) => this.#leave(by),
      complete: (line) => commands.complete(this.#target, line),
      isSecret: (line) => commands.isSecret(line),
      completeWord: (line) => completeWordIn(line, this.#target),
      shortcut: (key) => policy.hasPlaces && usePlaceKey(key, { commands, target: this.#target }),
      typed: () => this.#typed(),
      attended: (how) => this.#attended(how),
      ending: () => this.#keep(),
    });
    this.#preferences = preferencesOf(context);
    this.#notify = options.notify?.((line) => this.show(line));
    this.#view = createPlacesView({
      line: this.#line,
      conversation: () => this.#loop.conversation,
      preferences: this.#preferences,
      clock,
      signal: this.#over.signal,
      ring: (call) => this.#ring(call),
    });
    const [view, { signal }] = [this.#view, this.#over];
    this.#loop = new ConversationLoop({
      policy,
      view,
      clock,
      random,
      changed: () => this.#changed(),
    });
    const isAttended = () => view.isAttended;
    this.#desk = new DeskPresence({ loop: this.#loop, clock, random, signal, isAttended });
    this.#marks = new ReadMarks({ loop: this.#loop, places: view.places, clock, signal });
    const drafts = new Drafts({
      files: draftsOf(context),
      clock,
      signal,
      isSecret: (line) => commands.isSecret(line),
    });
    this.#drafts = new LineDrafts(this.#line, drafts);
    this.#earlier = new EarlierMessages(context, this.#loop);
    this.#sender = createChatSender({
      context,
      options,
      loop: this.#loop,
      view,
      show: (line) => this.show(line),
      showPrompt: () => this.#showPrompt(),
      signal,
    });
    this.#target = {
      loop: this.#loop,
      sender: this.#sender,
      earlier: this.#earlier,
      awaitedRoom: () => this.#awaitedRoom,
      places: view,
      show: (lines) => view.show(lines),
      leave: (next) => this.#left.resolve(next),
      login: options.login,
      askSecrets: (questions) => this.#line.askSecrets(questions),
      go: (room) => this.#loop.enter(room),
      setHold: this.#line.setHold?.bind(this.#line),
      putBack: (text) => this.#drafts.putBack(text),
      changed: () => this.#changed(),
      preferences: this.#preferences,
    };
    if (options.console === undefined) view.show([notice(`Connecting to ${context.server}`)]);
    this.#showPrompt();
    this.#drafts.load(() => this.#loop.conversation.current);
    this.#preferences.load().then(() => this.#showPrompt());
    this.#earlier.load().then(() => this.#showPrompt());
  }

  /** Resolves when the person leaves, with the user as whom they go on; rejects when that is a failure. */
  get result(): Promise<string | undefined> {
    return this.#left.promise;
  }

  receive(frame: ServerFrame): void {
    const news = frame.type === "welcome" ? frame.rooms : [];
    for (const summary of news) this.#view.places.setCounts(summary);
    if (frame.type === "read") this.#view.places.setReadByOther(frame);
    this.#loop.receive(frame);
    if (frame.type === "typing") this.#desk.noteTyping(frame);
  }

  online(session: Session, { isFirst }: { readonly isFirst: boolean }): void {
    const { server, identity } = this.#context;
    const { welcome } = session;
    const { room } = this.#options;
    const name = welcome.you?.name ?? identity.name;
    this.#isOnline = true;
    this.#view.show(describeSession(session, {
      context: this.#context,
      options: this.#options,
      isFirst,
    }));
    this.#loop.online(session);
    if (isFirst) {
      followRooms(session, { loop: this.#loop, room, show: (line) => this.show(line) });
    }
    const isEntered = room === undefined || this.#loop.conversation.entered.size > 0;
    if (!isEntered) this.#loop.ask({ type: "join", room });
    if (isOperator(welcome.you?.role)) this.#loop.ask(GLANCE);
    this.#sender.setOwner({ ...ownerOf(session, server), name });
    this.#earlier.settle(session).then((lines) => {
      this.#view.show(lines);
      this.#showPrompt();
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
    await this.#keep();
    const left = this.#sender.pending.length;
    const then = this.#options.console === undefined
      ? "kept for the next run"
      : "without an answer";
    if (left > 0) this.#view.show([notice(`${countOf(left, "message")} ${then}`)]);
    this.#over.abort();
    await this.#line.close();
  }

  /** Resolves when files hold what is to be found by the next run. */
  async #keep(): Promise<void> {
    await this.#remembered;
    await this.#drafts.write();
    await Promise.all([this.#preferences.finish(), this.#earlier.finish()]);
  }

  #leave(by: "end" | "interrupt" | "gone"): void {
    if (by !== "interrupt") return this.#left.resolve(undefined);
    this.#left.reject(new Failure("interrupted", "Left by Ctrl-C"));
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

  #typed(): void {
    this.#drafts.keep();
    this.#desk.typed(() => this.#line.draft.text);
  }

  #attended(how: "key" | "focus" | "blur"): void {
    this.#view.attended(how);
    this.#desk.update();
    this.#showPrompt();
    this.#marks.update();
  }

  #ring(call: Call): void {
    if (this.#options.console !== undefined) return;
    this.#line.ring(`${call.room} ${call.from}: ${call.text}`);
    this.#notify?.(call);
  }

  #changed(): void {
    const { conversation: { current }, heading } = this.#loop;
    if (current !== undefined) this.#awaitedRoom = undefined;
    this.#desk.update();
    this.#view.update();
    this.#drafts.change(current, { isAwaited: heading !== undefined });
    this.#showPrompt();
    this.#marks.update();
  }

  #showPrompt(): void {
    showPrompt({
      context: this.#context,
      options: this.#options,
      loop: this.#loop,
      sender: this.#sender,
      earlier: this.#earlier,
      awaitedRoom: this.#awaitedRoom,
      view: this.#view,
      line: this.#line,
      isOnline: this.#isOnline,
    });
  }
}
