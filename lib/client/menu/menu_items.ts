// What the menu can do: each item asks what it needs and runs the command that a shell would. Knows no
// process.

import { isRoomRef, LOBBY } from "../../wire/room_ref.ts";
import { notice } from "../../terminal/view_lines.ts";
import { describeRefusedName } from "../ask_name.ts";
import { Failure } from "../exit.ts";
import { history } from "../commands/history.ts";
import { search } from "../commands/search.ts";
import { send, type SendOptions } from "../commands/send.ts";
import type { ClientContext } from "../context.ts";
import { describeStanding } from "../output/wording.ts";
import { showAnswers } from "./answers.ts";
import type { Dialog } from "./dialog.ts";
import type { MenuItem } from "./menu.ts";
import { MENU_TIMEOUT_MS } from "./menu_timeout.ts";
import { showRooms } from "./room_list.ts";

const PAGE = 20;

export interface MenuOptions {
  readonly dialog: Dialog;
  /** The person on the server; asks for a name where none is known. */
  readonly context: () => Promise<ClientContext>;
  /** The server does not take the name: another one is asked for. */
  readonly renamed: (refusal: string) => Promise<void>;
  readonly login: () => Promise<void>;
  readonly join: () => Promise<void>;
  readonly register: () => Promise<void>;
  /** The live line, until the person leaves it. */
  readonly chat: (room: string) => Promise<void>;
}

export function createMenuItems(options: MenuOptions): readonly MenuItem[] {
  const items = new MenuItems(options);
  return [
    { title: "Send a message", run: () => items.send() },
    { title: "Read the last messages of a room", run: () => items.read() },
    { title: "See the rooms", run: () => items.as(showRooms) },
    { title: "Search all messages", run: () => items.search() },
    { title: "Ask the desk a question", run: () => items.ask() },
    { title: "Read the answers to your questions", run: () => items.as(showAnswers) },
    { title: "Chat: the line where messages come by themselves", run: () => items.chat() },
    { title: "Log in to your account, with its password", run: options.login },
    { title: "Join with a code that was given to you", run: options.join },
    { title: "Register: an account with a password for your name", run: options.register },
  ];
}

class MenuItems {
  readonly #options: MenuOptions;
  readonly #dialog: Dialog;
  /** What Enter alone answers. */
  #room = LOBBY;
  /** Texts that were not sent, by where they go. */
  readonly #unsent = new Map<string, string>();

  constructor(options: MenuOptions) {
    this.#options = options;
    this.#dialog = options.dialog;
  }

  /** Works as the person; a name that the server refuses is asked for again. */
  async as(work: (context: ClientContext, dialog: Dialog) => Promise<void>): Promise<void> {
    for (;;) {
      const context = await this.#options.context();
      try {
        return await work(context, this.#dialog);
      } catch (error) {
        const refusal = describeRefusedName(error, context.identity.name);
        if (refusal === undefined) throw error;
        await this.#options.renamed(refusal);
      }
    }
  }

  async send(): Promise<void> {
    const room = await this.#askRoom("Room, or @name of a person");
    await this.#submit({ room, question: "Message", done: () => `Sent to ${room}` });
  }

  ask(): Promise<void> {
    return this.#submit({ question: "Your question", done: describeStanding });
  }

  async read(): Promise<void> {
    const room = await this.#askRoom("Room");
    await this.as(async (context, dialog) => {
      const options = { room, limit: PAGE, json: false, timeoutMs: MENU_TIMEOUT_MS };
      const count = await history(context, { ...options, isWatched: false });
      if (count === 0) dialog.show(notice("No messages yet"));
    });
  }

  async search(): Promise<void> {
    const query = await this.#dialog.ask("Words to find (also from:NAME, in:ROOM): ");
    if (query === "") return;
    await this.as(async (context, dialog) => {
      const options = { query, limit: PAGE, json: false, timeoutMs: MENU_TIMEOUT_MS };
      const count = await search(context, options);
      if (count === 0) dialog.show(notice(`No message has ${query}`));
    });
  }

  async chat(): Promise<void> {
    await this.#options.chat(await this.#askRoom("Room"));
  }

  /** Sends a text to a room, or to the desk without one; it is offered again when it is not sent. */
  async #submit(
    { room, question, done }: {
      readonly room?: string;
      readonly question: string;
      readonly done: (ok: Awaited<ReturnType<typeof send>>) => string;
    },
  ): Promise<void> {
    const key = room ?? "";
    const before = this.#unsent.get(key);
    const again = before === undefined ? "" : " (Enter alone: the one that was not sent)";
    const text = await this.#dialog.ask(`${question}${again}: `) || before;
    if (text === undefined) return;
    this.#unsent.set(key, text);
    const where: Pick<SendOptions, "room" | "isQuestion"> = room === undefined
      ? { room: "the desk", isQuestion: true }
      : { room };
    await this.as(async (context, dialog) => {
      const stdin = () => Promise.resolve(null);
      const options = { ...where, text, stdin, json: false, timeoutMs: MENU_TIMEOUT_MS };
      const ok = await send(context, options).catch((error) => {
        // It is in the outbox, and sent with the next one.
        if (isKept(error)) this.#unsent.delete(key);
        throw error;
      });
      this.#unsent.delete(key);
      dialog.show(notice(done(ok)));
    });
  }

  /** @throws {DialogOver} */
  async #askRoom(question: string): Promise<string> {
    for (;;) {
      const answer = await this.#dialog.ask(`${question} (Enter alone: ${this.#room}): `);
      const room = answer === "" ? this.#room : answer.replace(/^#/, "");
      if (isRoomRef(room)) return this.#room = room;
      this.#dialog.show(
        notice("A room is letters, digits, - and _, a letter first; a person is like @bob"),
      );
    }
  }
}

/** Whether the text is in the outbox. */
function isKept(error: unknown): boolean {
  return error instanceof Failure && error.reason === "tryAgain";
}
