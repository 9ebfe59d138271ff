// code, codes, revoke_code and look: codes that are redeemed for an account, a password or a token
// (protocol §3.8). The login by a code is in code_login.ts.

import { mayBack, mayCreateCode } from "../../../chat/people/code_rules.ts";
import type { Account } from "../../../chat/people/principal.ts";
import type { RoomId } from "../../../store/records.ts";
import type { CodeRecord } from "../../../store/repository.ts";
import { ChatError } from "../../../wire/errors.ts";
import type { ClientFrame } from "../../../wire/frame.ts";
import type { CodeKind, CodeSummary } from "../../../wire/frames/credentials.ts";
import { PROGRAM_NAME } from "../../../version.ts";
import { refusalFrame } from "../../internal_errors.ts";
import { hashToken, newCode } from "../../tokens.ts";
import { WRONG_LOGIN } from "./prepared_login.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "../command.ts";
import { fitPage } from "../fit_page.ts";
import { findInvitedRooms, getInvitedRoom, type InvitedRoom } from "./invited_rooms.ts";

const DEFAULT_LIST = 50;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** For how long a code can be redeemed unless it says otherwise, and at most, in milliseconds. */
const LIFE_MS: Readonly<Record<CodeKind, number>> = {
  join: 7 * DAY_MS,
  reset: DAY_MS,
  device: 10 * MINUTE_MS,
};
const LONGEST_LIFE_MS = 90 * DAY_MS;
const MOST_USES = 1_000;

export const code: Command<"code"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub } = context;
    const principal = principalOf(context);
    const { kind, role, uses = 1, expires_ms: lifeMs = LIFE_MS[kind] } = frame;
    checkFields(frame);
    if (!mayCreateCode(principal, frame, { invites: context.invites })) {
      throw new ChatError("forbidden", `You may not make a code to ${WHAT[kind]}`);
    }
    const user = await findUser(frame, context);
    const rooms = await findRooms(frame.rooms ?? [], context);
    const text = newCode();
    const now = hub.clock.now();
    const expires = now + lifeMs;
    const id = await hub.credentials.addCode({
      codeHash: hashToken(text),
      kind,
      creator: principal.user,
      user: user?.user,
      role: kind === "join" ? role ?? "member" : undefined,
      rooms: rooms.map((room) => room.id),
      uses,
      now,
      expires,
    });
    return {
      reply: {
        type: "code",
        code: text,
        id,
        kind,
        user: user?.name,
        role: kind === "join" ? role ?? "member" : undefined,
        rooms: rooms.length === 0 ? undefined : rooms.map(({ name }) => name),
        uses,
        expires,
        join: context.joinString(text),
      },
    };
  },
};

const WHAT: Readonly<Record<CodeKind, string>> = {
  join: "invite a person",
  reset: "reset a password",
  device: "log in on another device",
};

/** Which fields go with which kind, and their bounds. @throws {ChatError} bad_field */
function checkFields(frame: ClientFrame<"code">): void {
  const { kind, uses = 1, expires_ms: lifeMs = 1 } = frame;
  const only = (field: "role" | "rooms" | "uses" | "user", needed: CodeKind) => {
    if (frame[field] === undefined || kind === needed) return;
    throw new ChatError("bad_field", `Field "${field}" goes with a ${needed} code only`, { field });
  };
  only("role", "join");
  only("rooms", "join");
  only("uses", "join");
  only("user", "reset");
  if (kind === "reset" && frame.user === undefined) {
    throw new ChatError("bad_field", 'A reset code needs "user": whose password it is for', {
      field: "user",
    });
  }
  if (uses > MOST_USES) {
    throw new ChatError("bad_field", `A code may have at most ${MOST_USES} uses`, {
      field: "uses",
    });
  }
  if (lifeMs > LONGEST_LIFE_MS) {
    const message = `A code may be valid for at most ${LONGEST_LIFE_MS} ms, 90 days`;
    throw new ChatError("bad_field", message, { field: "expires_ms" });
  }
}

async function findUser(
  { kind, user }: ClientFrame<"code">,
  context: CommandContext,
): Promise<Account | undefined> {
  if (kind === "device") return principalOf(context);
  if (user === undefined) return undefined;
  const found = await context.hub.naming.findByName(user);
  if (found.role !== "guest" && !found.isBot) return found;
  const what = found.isBot ? "a program" : "a guest";
  throw new ChatError("bad_field", `"${found.name}" is ${what} and has no password to reset`, {
    field: "user",
  });
}

/** The rooms that a new account is to belong to. @throws {ChatError} as `authorize` */
async function findRooms(
  names: readonly string[],
  context: CommandContext,
): Promise<readonly InvitedRoom[]> {
  const { hub } = context;
  const principal = principalOf(context);
  const found = new Map<RoomId, string>();
  for (const ref of names) {
    const { id, name } = await getInvitedRoom(ref, { principal, hub });
    found.set(id, name);
  }
  return Array.from(found, ([id, name]) => ({ id, name }));
}

export const codes: Command<"codes"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run({ after = 0, limit = DEFAULT_LIST }, context): Promise<CommandResult> {
    const { hub, limits } = context;
    const { codes, more } = await hub.credentials.listCodes(principalOf(context), { after, limit });
    const rooms = await roomNames(codes, context);
    const summaries = codes.map((code) => summarize(code, rooms));
    const { items, whole } = fitPage(summaries, { maxBytes: limits.frame });
    return { reply: { type: "codes", codes: items, more: !whole || more } };
  },
};

function summarize(
  code: CodeRecord,
  roomsOf: (code: CodeRecord) => readonly string[] | undefined,
): CodeSummary {
  const { id, kind, creator, user, role, uses, used, created, expires } = code;
  return {
    id,
    kind,
    from: creator.name,
    user: user?.name,
    role,
    rooms: roomsOf(code),
    uses: uses - used,
    created,
    expires,
  };
}

/** The names that the rooms of codes have now; those that are gone are left out. */
async function roomNames(
  codes: readonly CodeRecord[],
  { hub }: CommandContext,
): Promise<(code: CodeRecord) => readonly string[] | undefined> {
  const ids = [...new Set(codes.flatMap(({ rooms }) => rooms))];
  const names = ids.length === 0 ? new Map<RoomId, string>() : await hub.rooms.namesOf(ids);
  return ({ rooms }) => {
    const found = rooms.map((room) => names.get(room)).filter((name) => name !== undefined);
    return found.length === 0 ? undefined : found;
  };
}

export const revoke_code: Command<"revoke_code"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run({ code }, context): Promise<CommandResult> {
    await context.hub.credentials.endCode(principalOf(context), code);
    return { reply: { type: "ok" } };
  },
};

export const look: Command<"look"> = {
  needs: "nobody",
  scope: "none",
  bucket: "requests",
  async run({ code: text }, context): Promise<CommandResult> {
    const { session } = context;
    session.admission.checkAuthRate();
    const code = await findCode(text, context);
    if (code === undefined) return refuseCode(context);
    const { kind, creator, user, role, uses, used, expires } = code;
    return {
      reply: {
        type: "code",
        kind,
        from: creator.name,
        server: PROGRAM_NAME,
        user: user?.name,
        role,
        rooms: await namesOf(code, context),
        uses: uses - used,
        expires,
      },
    };
  },
};

async function namesOf(
  code: CodeRecord,
  { hub }: CommandContext,
): Promise<readonly string[] | undefined> {
  const rooms = await findInvitedRooms(code, hub);
  return rooms.length === 0 ? undefined : rooms.map(({ name }) => name);
}

/** The code, if it can be redeemed now. A text that cannot be a code is not looked for. */
export async function findCode(
  text: string,
  { hub, invites }: CommandContext,
): Promise<CodeRecord | undefined> {
  if (text === "") return undefined;
  const now = hub.clock.now();
  const code = await hub.credentials.codes.find(hashToken(text), { now });
  return code !== undefined && mayBack(code, { invites }) ? code : undefined;
}

/** The same for a code that was never made, was redeemed, was ended or has expired. */
export function refuseCode(
  { session }: CommandContext,
): CommandResult & Required<Pick<CommandResult, "reply">> {
  const refusal = new ChatError("auth_failed", WRONG_LOGIN);
  return { reply: refusalFrame(refusal), after: session.noteAuthFailure() };
}
