// inbox, later and laters: what concerns a user, over all rooms (protocol §6.7).

import type { InboxPosition } from "../../chat/inbox/inbox.ts";
import { type Command, type CommandResult, principalOf } from "./command.ts";
import { fitPage } from "./fit_page.ts";

const DEFAULT_PAGE = 20;

export const inbox: Command<"inbox"> = {
  needs: "guest",
  scope: "read",
  bucket: "history",
  async run({ limit = DEFAULT_PAGE, from }, context): Promise<CommandResult> {
    const after = from === undefined ? undefined : parsePosition(from);
    const page = await context.hub.inbox.page(principalOf(context), { after, limit });
    const list = pageOf(page, context.limits.frame);
    const next = list.next === undefined ? undefined : `${list.next.room}:${list.next.seq}`;
    const { entries } = list;
    return { reply: { type: "inbox", entries, more: next !== undefined, next } };
  },
};

function parsePosition(text: string): InboxPosition {
  const [room = 0, seq = 0] = text.split(":").map(Number);
  return { room, seq };
}

export const later: Command<"later"> = {
  needs: "guest",
  scope: "read",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    await context.hub.inbox.setBookmark(principalOf(context), frame);
    return { reply: { type: "ok" } };
  },
};

export const laters: Command<"laters"> = {
  needs: "guest",
  scope: "read",
  bucket: "history",
  async run({ limit = DEFAULT_PAGE, from }, context): Promise<CommandResult> {
    const below = from === undefined ? undefined : Number(from);
    const page = await context.hub.inbox.bookmarks(principalOf(context), { below, limit });
    const { entries, next } = pageOf(page, context.limits.frame);
    const rest = next === undefined ? { more: false } : { more: true, next: `${next}` };
    return { reply: { type: "laters", entries, ...rest } };
  },
};

/** As many entries as fit in a frame; then the next page begins behind them. */
function pageOf<T extends object, Position>(
  { entries, next }: {
    readonly entries: readonly { readonly item: T; readonly at: Position }[];
    readonly next: Position | undefined;
  },
  maxBytes: number,
): { readonly entries: readonly T[]; readonly next: Position | undefined } {
  const { items, whole } = fitPage(entries.map(({ item }) => item), { maxBytes });
  return { entries: items, next: whole ? next : entries[items.length - 1]?.at };
}
