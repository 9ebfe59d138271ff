// The commands of the line about the person's own messages, and `/open` for long messages of others.

import { countOf, failure, formatRoom, notice } from "../../terminal/view_lines.ts";
import { formatClock } from "../../terminal/layout.ts";
import type { EarlierMessages } from "../commands/chat_start.ts";
import { folded } from "../places/messages/folding.ts";
import type { UnclaimedEntry } from "../outbox/outbox.ts";
import type { Sender } from "../outbox/sender.ts";
import { addresseeOf, COMMANDS, currentOf } from "./commands.ts";
import { checkSendable, parseText } from "./line_target.ts";
import type { PlacesTarget } from "./place_commands.ts";
import { noArgument, row, SlashError } from "./slash_table.ts";

/** A line whose messages have a state. */
export interface OwnTarget extends PlacesTarget {
  readonly sender: PlacesTarget["sender"] & OwnMessages;
  /** The messages of earlier runs. */
  readonly earlier: Pick<EarlierMessages, "waiting" | "dropNewest">;
  /** In a plain view: whether lines wait while one is being typed. */
  readonly setHold?: ((holds: boolean) => void) | undefined;
  /** Puts a text into the line, unless something stands there. @returns whether it did */
  putBack(text: string): boolean;
}

type OwnMessages = Pick<
  Sender,
  "pending" | "refused" | "retry" | "discard" | "dropNewest"
>;

export const OWN_COMMANDS = {
  me: row<string, OwnTarget>({
    usage: "TEXT",
    description: "write what you do: * ada waves",
    parse: parseText,
    run: (text, target) => {
      const action = `/me ${text}`;
      checkSendable(action, target);
      target.sender.send(addresseeOf(target), action);
    },
  }),
  outbox: row<true, OwnTarget>({
    usage: "",
    description: "list what waits to be sent, and what was refused",
    parse: noArgument,
    run: (_, { sender, earlier, show }) => {
      const lines = [
        ...earlier.waiting.map((entry) =>
          notice(`waits, from ${formatClock(entry.time)}: ${describe(entry)}`)
        ),
        ...sender.pending.map((entry) => notice(`waits: ${describe(entry)}`)),
        ...sender.refused.map((entry) => failure(`not sent: ${describe(entry)}`)),
      ];
      show(lines.length === 0 ? [notice("Everything is sent")] : lines);
    },
  }),
  retry: row<true, OwnTarget>({
    usage: "",
    description: "send again what the server has refused",
    parse: noArgument,
    run: (_, { sender, show }) => {
      const count = sender.retry();
      show([
        notice(count === 0 ? "Nothing was refused" : `${countOf(count, "message")} sent again`),
      ]);
    },
  }),
  discard: row<true, OwnTarget>({
    usage: "",
    description: "forget what the server has refused",
    parse: noArgument,
    run: (_, { sender, show }) => {
      const { length } = sender.discard();
      show([
        notice(length === 0 ? "Nothing was refused" : `${countOf(length, "message")} forgotten`),
      ]);
    },
  }),
  "queue-drop": row<true, OwnTarget>({
    usage: "",
    description: "take back the newest message that waits; Alt-Q, too",
    parse: noArgument,
    run: (_, target) => void dropNewest(target),
  }),
  last: row<number, OwnTarget>({
    usage: "[COUNT]",
    description: "show the last messages of this room again, 5 by default",
    parse: parseCount,
    run: (count, target) => {
      const { places, handles } = target.places;
      const lines = places.find(currentOf(target))?.lines.slice(-count) ?? [];
      if (lines.length === 0) return target.show([notice("No messages yet")]);
      target.show(lines.map((line) => ({ ...folded(line, handles), isRequested: true })));
    },
  }),
  hold: row<boolean, OwnTarget>({
    usage: "on|off",
    description: "with --plain: whether lines wait while you type",
    isShown: ({ setHold }) => setHold !== undefined,
    parse: (argument) => ({ on: true, off: false })[argument],
    run: (holds, { setHold, show }) => {
      if (setHold === undefined) throw new SlashError("/hold is for a chat with --plain");
      setHold(holds);
      show([notice(holds ? "Lines wait while you type" : "Lines come while you type")]);
    },
  }),
  nick: row<string, OwnTarget>({
    usage: "[NAME]",
    description: "how to change your name",
    parse: (name) => name,
    run: (name, { loop, show }) => {
      const is = loop.conversation.you?.name;
      const now = is === undefined ? "" : `You are ${is}. `;
      const wanted = name === "" ? "NAME" : name;
      show([notice(`${now}A name is chosen at the start: /quit, then --name ${wanted}`)]);
    },
  }),
  open: row<string, OwnTarget>({
    ...COMMANDS.open,
    usage: "k7",
    description: "show a folded message as a whole; operators: an inquiry",
    isShown: () => true,
    parse: parseText,
    run: (argument, target) => {
      if (target.places.open(argument)) return;
      const inquiry = COMMANDS.open.parse(argument);
      if (inquiry === undefined) throw new SlashError(`There is no folded message ${argument}`);
      COMMANDS.open.run(inquiry, target);
    },
  }),
};

const LAST = 5;
const LAST_MOST = 200;

function parseCount(argument: string): number | undefined {
  if (argument === "") return LAST;
  const count = Number(argument);
  if (/^\d+$/.test(argument) && count >= 1 && count <= LAST_MOST) return count;
  throw new SlashError(`/last takes a number from 1 to ${LAST_MOST}`);
}

/**
 * Takes back the newest unsent message of this run, else the newest of earlier runs: its text goes back
 * into the line.
 */
export async function dropNewest(target: OwnTarget): Promise<void> {
  const own = target.sender.dropNewest();
  if (own !== undefined) return giveBack(own, target);
  const earlier = target.earlier.dropNewest();
  if (earlier === undefined) {
    return target.show([notice("Nothing waits that can be taken back")]);
  }
  const { entry, isDropped } = earlier;
  target.changed();
  if (await isDropped) return giveBack(entry, target, " by this run");
  target.show([failure(`Being sent, and not taken back: ${describe(entry)}`)]);
}

function giveBack(entry: UnclaimedEntry, target: OwnTarget, by = ""): void {
  target.show([notice(`Not sent${by}: ${describe(entry)}`)]);
  target.putBack(entry.content);
}

function describe({ room, kind, content }: UnclaimedEntry): string {
  const where = kind === "inquiry" ? room : formatRoom(room);
  const [first = "", ...rest] = content.split("\n");
  return `${where}: ${first}${rest.length > 0 ? ` … ${countOf(rest.length, "more line")}` : ""}`;
}
