// `inbox`, `laters` and `later`: what concerns the user over all rooms, and bookmarks, for a shell.

import type { RoomEvent } from "../../wire/event.ts";
import type { InboxCommand } from "../../config/shell/inbox_commands.ts";
import { safeJson } from "../../terminal/safe_text.ts";
import { notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import type { Session } from "../link/session.ts";
import { withSession } from "../link/with_session.ts";
import { createEventView, writeLine } from "../output/plain_and_json_views.ts";
import { formatDuration } from "../output/durations.ts";

type ListCommand = Extract<InboxCommand, { kind: "inbox" | "laters" }>;
type LaterCommand = Extract<InboxCommand, { kind: "later" }>;

const PAGE = 100;
const NOTHING = {
  inbox: "Nothing new for you",
  laters: "You keep nothing for later",
} as const;

/** Does what the command says. @throws {Failure} refused by the server; timeout */
export async function runInboxCommand(
  context: ClientContext,
  command: InboxCommand,
): Promise<void> {
  return command.kind === "later"
    ? await setLater(context, command)
    : await printList(context, command);
}

async function setLater(
  context: ClientContext,
  { room, seq, on, timeoutMs }: LaterCommand,
): Promise<void> {
  await withSession(
    context,
    { timeoutMs, overdue: () => overdue(timeoutMs) },
    (session) => session.request({ type: "later", room, seq, on }),
  );
}

async function printList(context: ClientContext, command: ListCommand): Promise<void> {
  const { timeoutMs, json } = command;
  const { output } = context;
  const view = createEventView(output, { ...command, showsRooms: true });
  const options = { timeoutMs, overdue: () => overdue(timeoutMs) };
  await withSession(context, options, async (session, limit) => {
    let isEmpty = true;
    for await (const entries of readPages(session, command)) {
      limit.noteProgress();
      isEmpty &&= entries.length === 0;
      if (json) output.stdout(entries.map((entry) => `${safeJson(entry)}\n`).join(""));
      else view.show(entries.map(({ event }) => ({ kind: "event", event })));
      await limit.pauseDuring(output.whenRoom());
    }
    if (isEmpty) writeLine(output, notice(NOTHING[command.kind]));
  });
}

/** An entry of a list, as on the wire. */
interface Entry {
  readonly event: RoomEvent;
}

/** The entries page by page, as many as are wanted; a page without any is not the end. */
async function* readPages(
  session: Session,
  { kind, limit }: ListCommand,
): AsyncGenerator<readonly Entry[], void, void> {
  let left = limit;
  let from: string | undefined;
  do {
    const page = { limit: Math.min(left, PAGE), from };
    const reply = kind === "inbox"
      ? await session.request({ type: "inbox", ...page })
      : await session.request({ type: "laters", ...page });
    const entries: readonly Entry[] = reply.entries.slice(0, left);
    yield entries;
    left -= entries.length;
    from = reply.more ? reply.next : undefined;
  } while (from !== undefined && left > 0);
}

function overdue(timeoutMs: number): Failure {
  return new Failure("timeout", `No answer within ${formatDuration(timeoutMs)}`);
}
