// The start of a chat on a connection: which rooms are followed, and what became of the messages that
// earlier runs have kept.

import { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ServerFrame } from "../../wire/frame.ts";
import { failure, type Line, notice } from "../../terminal/view_lines.ts";
import type { ConversationLoop } from "../conversation_loop.ts";
import { type ClientContext, outboxOf } from "../context.ts";
import { toFailure } from "../exit.ts";
import type { Session } from "../link/session.ts";
import type { UnclaimedEntry } from "../outbox/outbox.ts";
import { earlierOf, settleEarlier } from "../outbox/earlier_messages.ts";
import { describeWelcome } from "../output/wording.ts";
import type { ChatOptions } from "./chat_options.ts";
import { beginningOf } from "../state/followed_rooms.ts";

/** What is shown when a session begins. */
export function describeSession(
  { welcome }: Session,
  { context: { server, identity: requested }, options: { room, console }, isFirst }: {
    readonly context: ClientContext;
    readonly options: ChatOptions;
    readonly isFirst: boolean;
  },
): readonly Line[] {
  if (!isFirst) return [notice("Connected again")];
  return console === undefined ? describeWelcome(welcome, { server, requested, room }) : [];
}

/** Follows the user's rooms except `room`, and those that are followed in any case. */
export function followRooms(
  session: Session,
  { loop, room, show }: {
    readonly loop: ConversationLoop;
    readonly room: string | undefined;
    readonly show: (line: Line) => void;
  },
): void {
  const others = session.welcome.rooms.filter((other) => other.room !== room);
  loop.follow(new Map(others.map((other) => [other.room, beginningOf(other)])));
  for (const name of loop.conversation.policy.alwaysFollows) {
    session.request({ type: "history", room: name, limit: 1 }, (reply) => {
      if (reply.type !== "page") return;
      loop.follow(new Map([[reply.room, reply.events.at(-1)?.seq ?? 0]]));
    }).catch((error) => {
      if (error instanceof ChatError) show(failure(error.message));
    });
  }
}

/** The messages of earlier runs: those that wait, and their sending; each line about one is shown once. */
export class EarlierMessages {
  readonly #context: ClientContext;
  readonly #loop: ConversationLoop;
  readonly #shown = new Set<string>();
  #waiting: readonly UnclaimedEntry[] = [];
  /** Resolves when no file is being read or removed. */
  #finished: Promise<unknown> = Promise.resolve();

  constructor(context: ClientContext, loop: ConversationLoop) {
    this.#context = context;
    this.#loop = loop;
  }

  /** Those that wait, oldest first, as far as they have been read. */
  get waiting(): readonly UnclaimedEntry[] {
    return this.#waiting;
  }

  /** Reads which of them wait; a folder that cannot be read holds none. */
  async load(): Promise<void> {
    const { server, identity: { name } } = this.#context;
    const listed = outboxOf(this.#context).list({ server, name }).catch(() => []);
    this.#finished = Promise.all([this.#finished, listed]);
    this.#waiting = await listed;
  }

  /** Waits until no file is being read or removed. */
  async finish(): Promise<void> {
    await this.#finished;
  }

  /** Forgets the newest one. @returns it, and whether it was still there */
  dropNewest():
    | { readonly entry: UnclaimedEntry; readonly isDropped: Promise<boolean> }
    | undefined {
    const entry = this.#waiting.at(-1);
    if (entry === undefined) return undefined;
    this.#waiting = this.#waiting.slice(0, -1);
    const isDropped = outboxOf(this.#context).drop(entry).catch(() => false);
    this.#finished = Promise.all([this.#finished, isDropped]);
    return { entry, isDropped };
  }

  /** @returns what is to be shown; it never rejects */
  async settle(session: Session): Promise<readonly Line[]> {
    const noteStored = (ok: ServerFrame<"ok">, request: ClientFrame) =>
      this.#loop.receive(ok, request);
    const options = { ...earlierOf(this.#context, session), noteStored };
    const lines = await settleEarlier(session, options)
      .then((earlier) => earlier.lines, (error) => [failure(toFailure(error).message)]);
    await this.load();
    const fresh = lines.filter((line) => line.kind === "event" || !this.#shown.has(line.text));
    for (const line of fresh) if (line.kind !== "event") this.#shown.add(line.text);
    return fresh;
  }
}
