// The commands of the line about messages that were sent: naming them, replying to one, changing one.

import { type EventLine, notice } from "../../terminal/view_lines.ts";
import type { EventKind } from "../../wire/event.ts";
import { folded } from "../places/messages/folding.ts";
import { currentOf } from "./commands.ts";
import { checkSendable } from "./line_target.ts";
import type { OwnTarget } from "./own_commands.ts";
import { request } from "./requests.ts";
import { row, SlashError } from "./slash_table.ts";

/** A message by its handle, and a text. */
interface NamedText {
  /** Missing: the person's own last message. */
  readonly handle?: string;
  readonly text: string;
}

const NAMED_TEXT = /^(k\d+)(?:\s+([^]*))?$/i;
const HANDLE = /^k\d+$/i;

export const CHANGE_COMMANDS = {
  ids: row<number, OwnTarget>({
    usage: "[COUNT]",
    description: "show the last messages with short names, as k7",
    parse: parseCount,
    run: (count, target) => {
      const { places, show } = target;
      const lines = messagesOf(target, DELETABLE).slice(-count);
      if (lines.length === 0) return show([notice("No messages yet")]);
      show(lines.map((line) => {
        const handle = places.handles.handleOf(line);
        return { ...folded(line, places.handles), handle, isRequested: true };
      }));
    },
  }),
  reply: row<NamedText, OwnTarget>({
    usage: "k7 TEXT",
    description: "reply to a message: /ids names them",
    parse: (argument) => {
      const named = parseNamed(argument);
      return named.handle === undefined || named.text === "" ? undefined : named;
    },
    run: ({ handle = "", text }, target) => {
      const { room, seq } = find(handle, target).event;
      checkSendable(text, target);
      target.sender.send(room, text, { to: seq });
    },
  }),
  edit: row<NamedText, OwnTarget>({
    usage: "[k7] [TEXT]",
    description: "change your last message, or another of yours",
    details: ["Without TEXT the message comes back into the line, to be changed there."],
    parse: parseNamed,
    run: ({ handle, text }, target) => {
      const line = handle === undefined ? findOwnLast(target) : findOwn(handle, target);
      const { room, seq, content = "" } = line.event;
      const name = handle ?? target.places.handles.handleOf(line);
      if (text === "") return target.putBack(`/edit ${name} ${content}`);
      checkSendable(text, target);
      request(target, { type: "edit", room, seq, content: text }, () => []);
    },
  }),
  delete: row<string, OwnTarget>({
    usage: "k7",
    description: "delete a message of yours; moderators: any of the room",
    parse: (argument) => HANDLE.test(argument) ? argument : undefined,
    run: (handle, target) => {
      const { room, seq } = find(handle, target).event;
      request(target, { type: "delete", room, seq }, () => []);
    },
  }),
};

const COUNT = 10;
const COUNT_MOST = 100;

function parseCount(argument: string): number | undefined {
  if (argument === "") return COUNT;
  const count = Number(argument);
  if (/^\d+$/.test(argument) && count >= 1 && count <= COUNT_MOST) return count;
  throw new SlashError(`/ids takes a number from 1 to ${COUNT_MOST}`);
}

function parseNamed(argument: string): NamedText {
  const [, handle, text = ""] = NAMED_TEXT.exec(argument) ?? [];
  return handle === undefined ? { text: argument } : { handle, text };
}

const EDITABLE: ReadonlySet<EventKind> = new Set<EventKind>(["message", "response"]);
const DELETABLE: ReadonlySet<EventKind> = new Set<EventKind>([...EDITABLE, "draft"]);

/** The messages of the current room that stand. */
function messagesOf(target: OwnTarget, kinds: ReadonlySet<EventKind>): readonly EventLine[] {
  const lines = target.places.places.find(currentOf(target))?.lines ?? [];
  return lines.filter(({ event: { type, deleted } }) => kinds.has(type) && deleted === undefined);
}

/** @throws {SlashError} when no message has this handle */
function find(handle: string, { places }: OwnTarget): EventLine {
  const line = places.handles.find(handle);
  if (line === undefined) throw new SlashError(`No message is called ${handle}: /ids names them`);
  if (line.event.deleted === undefined) return line;
  throw new SlashError(`The message ${handle} is deleted`);
}

/** @throws {SlashError} when it is another person's */
function findOwn(handle: string, target: OwnTarget): EventLine {
  const line = find(handle, target);
  if (line.event.user === target.loop.conversation.you?.user) return line;
  throw new SlashError(`${handle} is a message of ${line.event.from}: you can change your own`);
}

/** @throws {SlashError} when there is none */
function findOwnLast(target: OwnTarget): EventLine {
  const user = target.loop.conversation.you?.user;
  const line = messagesOf(target, EDITABLE).findLast(({ event }) => event.user === user);
  if (line !== undefined) return line;
  throw new SlashError("You have no message here that can be changed");
}
