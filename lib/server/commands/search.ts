// search: messages by their words (protocol §6.6).

import { type Command, type CommandResult, principalOf } from "./command.ts";
import { fitPage } from "./fit_page.ts";

const DEFAULT_PAGE = 20;

export const search: Command<"search"> = {
  needs: "guest",
  scope: "read",
  bucket: "history",
  async run({ query, limit = DEFAULT_PAGE, from }, context): Promise<CommandResult> {
    const { hub, limits } = context;
    const below = from === undefined ? undefined : Number(from);
    const { events, next } = await hub.search.find(principalOf(context), { query, below, limit });
    const { items, whole } = fitPage(events, { maxBytes: limits.frame });
    if (whole) {
      const reply = { type: "found", events: items, more: next !== undefined } as const;
      return { reply: next === undefined ? reply : { ...reply, next: String(next) } };
    }
    // What did not fit is found again by a smaller page.
    const smaller = await hub.search.find(principalOf(context), {
      query,
      below,
      limit: Math.max(1, items.length),
    });
    return {
      reply: {
        type: "found",
        events: smaller.events,
        more: true,
        next: smaller.next === undefined ? undefined : String(smaller.next),
      },
    };
  },
};
