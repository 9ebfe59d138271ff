// The server's console: an operator's seat at the server itself. Shows the lobby and what is asked, as
// it comes, and takes answers, without holding anybody up. Knows no terminal: a screen is given.

import type { Batch } from "../../chat/batch.ts";
import { DeskWatcher } from "../../chat/desk_watcher.ts";
import type { Principal } from "../../chat/principal.ts";
import type { Hub } from "../../chat/hub.ts";
import { LOBBY } from "../../chat/names.ts";
import type { Lease, Subscriber } from "../../chat/room.ts";
import type { Line } from "../../terminal/line.ts";
import { failure, notice } from "../../terminal/line.ts";
import type { RoomEvent } from "../../wire/frame.ts";
import type { Appended } from "../../store/repository.ts";
import type { Faults } from "../faults.ts";
import { type Attempt, Attempts } from "./attempts.ts";
import { type ConsoleIntent, parseConsoleInput } from "./input.ts";

/** What is shown as it comes. */
export type ConsoleScope = "all" | "messages" | "inquiries";

/** Where the console shows what there is; returns at once. */
export interface ConsoleScreen {
  show(lines: readonly Line[]): void;
}

export interface ConsoleOptions {
  readonly hub: Hub;
  readonly faults: Faults;
  /** The user `console`. */
  readonly principal: Principal;
  readonly scope: ConsoleScope;
  readonly screen: ConsoleScreen;
  readonly counters: () => Readonly<Record<string, number>>;
  /** The server is to stop. */
  readonly stop: () => void;
}

/** How many inquiries, and how many events of one, are listed. */
const LISTED = 20;

export class Console {
  readonly #options: ConsoleOptions;
  #lobby: { readonly lease: Lease; readonly listener: Subscriber } | undefined;
  readonly #attempts = new Attempts();
  readonly #operator: DeskWatcher;
  /** Lines are taken one after the other, as they were typed. */
  #taken: Promise<void> = Promise.resolve();

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#operator = new DeskWatcher(options.principal, {
      deliver: (batch) => this.#receive(batch),
    });
  }

  /** Begins to hear what the scope says. @throws what the store throws */
  async open(): Promise<void> {
    const { hub, principal, scope } = this.#options;
    if (scope !== "messages") hub.desk.watch(this.#operator);
    if (scope !== "inquiries") {
      const lease = await hub.rooms.open(LOBBY, { principal, action: "read" });
      const listener = { user: principal.user, deliver: (batch: Batch) => this.#receive(batch) };
      lease.room.subscribe(listener);
      this.#lobby = { lease, listener };
    }
    const { inquiries } = await hub.desk.queue(principal, { limit: 1 });
    if (inquiries.length > 0) this.#show(notice("There are inquiries waiting: /queue lists them"));
  }

  close(): void {
    this.#options.hub.desk.unwatch(this.#operator);
    if (this.#lobby === undefined) return;
    const { lease, listener } = this.#lobby;
    lease.room.unsubscribe(listener);
    lease[Symbol.dispose]();
    this.#lobby = undefined;
  }

  /** Takes a line that was typed. Resolves when it is done with; never rejects. */
  enter(line: string): Promise<void> {
    this.#taken = this.#taken.then(() => this.#take(parseConsoleInput(line)));
    return this.#taken;
  }

  async #take(intent: ConsoleIntent): Promise<void> {
    try {
      await this.#run(intent);
    } catch (error) {
      const { message } = this.#options.faults.toFrame("console", error);
      this.#show(failure(message));
    }
  }

  async #run(intent: ConsoleIntent): Promise<void> {
    switch (intent.kind) {
      case "nothing":
        return;
      case "problem":
        return this.#show(failure(intent.message));
      case "help":
        return this.#show(...intent.lines.map(notice));
      case "queue":
        return await this.#listQueue();
      case "show":
        return await this.#showInquiry(intent.inquiry);
      case "answer":
        return await this.#answer(intent);
      case "say":
        return await this.#say(intent.text);
      case "users":
        return this.#listUsers();
      case "stats":
        return this.#show(
          ...Object.entries(this.#options.counters()).map(([name, n]) => notice(`${name} ${n}`)),
        );
      case "stop":
        return this.#options.stop();
    }
  }

  /** Shows the texts among the events of a room or of the desk. */
  #receive({ events }: Batch): boolean {
    const shown: Line[] = [];
    for (const event of events) {
      if (event.type === "message") shown.push({ kind: "event", event });
      // An inquiry reads as what it is: a message in its room.
      if (event.type === "inquiry") {
        shown.push({ kind: "event", event: { ...event, type: "message" } });
      }
    }
    this.#options.screen.show(shown);
    return false;
  }

  async #listQueue(): Promise<void> {
    const { hub, principal } = this.#options;
    const { inquiries, more } = await hub.desk.queue(principal, { limit: LISTED });
    if (inquiries.length === 0) return this.#show(notice("Nobody waits for an answer"));
    this.#show(
      ...inquiries.map(({ room, asker, waitingSince = 0, askedSeq, askedContent }) =>
        event({
          room: room.name,
          seq: askedSeq ?? room.last,
          user: asker.id,
          from: asker.name,
          time: waitingSince,
          content: askedContent,
        })
      ),
    );
    if (more) this.#show(notice(`… and more, behind the first ${LISTED}`));
  }

  async #showInquiry(inquiry: number): Promise<void> {
    const { hub, principal } = this.#options;
    using lease = await hub.rooms.open(`?${inquiry}`, { principal, action: "read" });
    const { room } = lease;
    const events = await room.before(room.deliveredSeq + 1, LISTED);
    this.#show(...events.map((said): Line => ({ kind: "event", event: said })));
  }

  async #answer({ inquiry, text }: { inquiry: number; text: string }): Promise<void> {
    const { hub, principal } = this.#options;
    const { askedSeq: to } = await hub.desk.find(principal, inquiry);
    const answer = { inquiry, content: text, to };
    const attempt = this.#attempts.begin(`answer ${inquiry} ${to} ${text}`);
    const { appended, isUnread } = await hub.desk.respond(principal, { ...answer, ...attempt });
    if (!this.#settle(attempt, appended)) return;
    this.#show(event({ ...this.#own(), room: `?${inquiry}`, ...appended, content: text }));
    if (isUnread) {
      this.#show(failure("The asker has gone and cannot come back: nobody will read it"));
    }
  }

  async #say(text: string): Promise<void> {
    const { hub, principal } = this.#options;
    using lease = await hub.rooms.open(LOBBY, { principal, action: "send" });
    const attempt = this.#attempts.begin(`say ${text}`);
    const body = { kind: "message", content: text } as const;
    this.#settle(attempt, await lease.room.post(principal, body, attempt.cid));
  }

  /** Says what became of it, if that is not that it is stored now; whether it is stored. */
  #settle(attempt: Attempt, appended: Appended): appended is Extract<Appended, { seq: number }> {
    if ("refused" in appended && appended.refused === "unavailable") {
      this.#show(
        failure("Not known to be stored (unavailable): type it again, and it is stored once"),
      );
      return false;
    }
    this.#attempts.end(attempt);
    if ("refused" in appended) this.#show(failure(`Not stored (${appended.refused})`));
    else if (appended.dup) this.#show(notice(`It was stored the first time, as ${appended.seq}`));
    return !("refused" in appended);
  }

  #listUsers(): void {
    const users = this.#options.hub.names.present();
    if (users.length === 0) return this.#show(notice("Nobody is connected"));
    this.#show(
      ...users.map(({ name, connections }) =>
        notice(connections === 1 ? name : `${name} (${connections} connections)`)
      ),
    );
  }

  #own(): { user: number; from: string } {
    const { user, name } = this.#options.principal;
    return { user, from: name };
  }

  #show(...lines: Line[]): void {
    this.#options.screen.show(lines);
  }
}

function event(said: Omit<RoomEvent, "type">): Line {
  const { room, seq, user, from, time, content } = said;
  return { kind: "event", event: { type: "message", room, seq, user, from, time, content } };
}
