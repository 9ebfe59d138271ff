// standing, kick, ban, unban, bans, moderation, panic, ignore and ignores: what moderators and
// administrators decide, and whom a user does not want to read (protocol §12). A moderator's request counts
// in the rate of messages.

import type { Room } from "../../chat/room.ts";
import type { BanRecord } from "../../store/records.ts";
import type { ActRecord } from "../../store/moderation/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { ActTarget, BanSummary, LoggedAct } from "../../wire/frames/moderation.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "./command.ts";
import { fitPage } from "./fit_page.ts";

const DEFAULT_LIST = 50;

export const standing: Command<"standing"> = {
  needs: "guest",
  bucket: "messages",
  scope: "everything",
  run: ({ room, user, standing, for_ms: forMs, reason }, context) =>
    withRoom(room, context, async (room) => {
      const principal = principalOf(context);
      const act = { act: "standing", principal, room, user, standing, forMs, reason } as const;
      await context.hub.moderation.act(act);
      return { reply: { type: "ok", room: room?.name } };
    }),
};

export const kick: Command<"kick"> = {
  needs: "guest",
  bucket: "messages",
  scope: "everything",
  run: (frame, context) => act(frame, context, { act: "kick" }),
};

export const ban: Command<"ban"> = {
  needs: "guest",
  bucket: "messages",
  scope: "everything",
  run: (frame, context) => act(frame, context, { act: "ban", forMs: frame.for_ms }),
};

export const unban: Command<"unban"> = {
  needs: "guest",
  bucket: "messages",
  scope: "everything",
  run: (frame, context) => act(frame, context, { act: "unban" }),
};

export const panic: Command<"panic"> = {
  needs: "admin",
  bucket: "messages",
  scope: "everything",
  async run({ on, reason }, context): Promise<CommandResult> {
    const principal = principalOf(context);
    await context.hub.moderation.act({ act: "panic", principal, room: undefined, on, reason });
    return { reply: { type: "ok" } };
  },
};

export const bans: Command<"bans"> = {
  needs: "guest",
  bucket: "requests",
  scope: "everything",
  run: ({ room, after, limit = DEFAULT_LIST }, context) =>
    withRoom(room, context, async (room) => {
      const { hub, limits } = context;
      const { bans, more } = await hub.moderation.bans(room, { after, limit });
      const { items, whole } = fitPage(bans.map(summarizeBan), { maxBytes: limits.frame });
      return { reply: { type: "bans", room: room?.name, bans: items, more: !whole || more } };
    }),
};

export const moderation: Command<"moderation"> = {
  needs: "guest",
  bucket: "requests",
  scope: "everything",
  run: ({ room, before, limit = DEFAULT_LIST }, context) =>
    withRoom(room, context, async (room) => {
      const { hub, limits } = context;
      const principal = principalOf(context);
      const { acts, more } = await hub.moderation.acts(room, { principal, before, limit });
      const { items, whole } = fitPage(acts.map(summarizeAct), { maxBytes: limits.frame });
      const isMore = !whole || more;
      return { reply: { type: "moderation", room: room?.name, entries: items, more: isMore } };
    }),
};

export const ignore: Command<"ignore"> = {
  needs: "guest",
  bucket: "messages",
  scope: "everything",
  async run({ user: name, on }, context): Promise<CommandResult> {
    const user = await context.hub.ignores.set(principalOf(context), { name, on });
    return { reply: { type: "ok", user } };
  },
};

export const ignores: Command<"ignores"> = {
  needs: "guest",
  bucket: "requests",
  scope: "everything",
  async run(_frame, context): Promise<CommandResult> {
    const users = await context.hub.ignores.list(principalOf(context));
    return { reply: { type: "ignores", users: users.map(({ id, name }) => ({ user: id, name })) } };
  },
};

interface ActFrame extends ActTarget {
  readonly room?: string;
  readonly reason?: string;
}

function act(
  { room, user, network, reason }: ActFrame,
  context: CommandContext,
  more: { act: "kick" | "ban" | "unban"; forMs?: number | undefined },
): Promise<CommandResult> {
  return withRoom(room, context, async (room) => {
    const principal = principalOf(context);
    const target = user === undefined ? { network } : { user };
    const number = await context.hub.moderation.act({
      ...more,
      ...target,
      principal,
      room,
      reason,
    });
    return { reply: { type: "ok", room: room?.name, ban: number } };
  });
}

/** In the room that is named, which the principal must be allowed to moderate; else for the server. */
async function withRoom(
  name: string | undefined,
  context: CommandContext,
  run: (room: Room | undefined) => Promise<CommandResult>,
): Promise<CommandResult> {
  const principal = principalOf(context);
  if (name !== undefined) {
    using lease = await context.hub.rooms.open(name, { principal, action: "moderate" });
    return await run(lease.room);
  }
  if (!principal.hasRole("admin")) {
    throw new ChatError("forbidden", "Only for the role admin: name a room that you moderate", {
      field: "room",
    });
  }
  return await run(undefined);
}

function summarizeBan(ban: BanRecord): BanSummary {
  const { id, user, name, network, by, reason, created, ends } = ban;
  return {
    ban: id,
    user,
    name,
    network,
    by,
    reason: reason === "" ? undefined : reason,
    time: created,
    until: ends,
  };
}

function summarizeAct(record: ActRecord): LoggedAct {
  const { entry, act, time, user, from, roomName, target, targetName, network, detail } = record;
  return {
    entry,
    act,
    time,
    user,
    from,
    room: roomName,
    target,
    name: targetName,
    network,
    detail,
    until: record.ends,
    reason: record.reason === "" ? undefined : record.reason,
  };
}
