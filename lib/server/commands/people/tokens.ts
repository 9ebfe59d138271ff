// tokens, revoke, logout and token: the devices and programs that may log in as a user (protocol §3.6).

import type { Account, Principal } from "../../../chat/people/principal.ts";
import { nameKey } from "../../../chat/people/names.ts";
import type { TokenRecord, UserId } from "../../../store/records.ts";
import { ChatError } from "../../../wire/errors.ts";
import type { TokenSummary } from "../../../wire/frames/credentials.ts";
import { type Command, type CommandContext, type CommandResult, principalOf } from "../command.ts";
import { fitPage } from "../fit_page.ts";
import { hashToken, newToken } from "../../tokens.ts";

const DEFAULT_LIST = 50;
/** The longest life that a token may be given, in milliseconds: a year. */
const LONGEST_LIFE_MS = 366 * 86_400_000;

export const tokens: Command<"tokens"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run({ user: name, after = 0, limit = DEFAULT_LIST }, context): Promise<CommandResult> {
    const { hub, limits } = context;
    const principal = principalOf(context);
    const user = name === undefined ? principal.user : (await findOwner(name, context)).user;
    const { tokens, more, here } = await hub.credentials.list(user, { after, limit });
    const summaries = tokens.map((token) => summarize(token, { principal, here }));
    const { items, whole } = fitPage(summaries, { maxBytes: limits.frame });
    return { reply: { type: "tokens", tokens: items, more: !whole || more } };
  },
};

function summarize(
  { id, label, client, created, used, expires, scopes }: TokenRecord,
  { principal, here }: { principal: Principal; here: ReadonlySet<number> },
): TokenSummary {
  return {
    token: id,
    label,
    client,
    created,
    used,
    here: here.has(id),
    own: principal.token === id ? true : undefined,
    expires,
    scopes,
  };
}

/** The user of this name: oneself, or for an administrator any. @throws {ChatError} no_such_user, forbidden */
async function findOwner(name: string, context: CommandContext): Promise<Account> {
  const principal = principalOf(context);
  if (nameKey(name) === nameKey(principal.name)) return principal;
  if (!principal.hasRole("admin")) {
    throw new ChatError("forbidden", "Only an administrator may name another user here", {
      field: "user",
    });
  }
  return await context.hub.naming.findByName(name);
}

/** Whom a new token may be for: oneself, or for an administrator a program. @throws {ChatError} forbidden, no_such_user */
async function findHolder(name: string, context: CommandContext): Promise<UserId> {
  const { user, isBot } = await findOwner(name, context);
  if (user === principalOf(context).user || isBot === true) return user;
  throw new ChatError("forbidden", `Only "${name}" may make a token for "${name}"`, {
    field: "user",
  });
}

export const revoke: Command<"revoke"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const endConnections = await context.hub.credentials.end(principalOf(context), frame.token);
    return { reply: { type: "ok" }, after: endConnections };
  },
};

export const logout: Command<"logout"> = {
  needs: "guest",
  scope: "none",
  bucket: "requests",
  async run(_frame, context): Promise<CommandResult> {
    const principal = principalOf(context);
    if (principal.token === undefined) {
      throw new ChatError("bad_state", "This connection is not logged in by a token of its own");
    }
    const endConnections = await context.hub.credentials.end(principal, principal.token);
    return { reply: { type: "ok" }, after: endConnections };
  },
};

export const token: Command<"token"> = {
  needs: "member",
  scope: "everything",
  bucket: "requests",
  async run({ label, scopes, user: name, expires_ms: lifeMs }, context): Promise<CommandResult> {
    const { hub } = context;
    if (lifeMs !== undefined && lifeMs > LONGEST_LIFE_MS) {
      throw new ChatError(
        "bad_field",
        `A token may be valid for at most ${LONGEST_LIFE_MS} ms, a year`,
        {
          field: "expires_ms",
        },
      );
    }
    const user = name === undefined ? principalOf(context).user : await findHolder(name, context);
    const secret = newToken();
    const now = hub.clock.now();
    const id = await hub.credentials.add(user, {
      tokenHash: hashToken(secret),
      now,
      label,
      expires: lifeMs === undefined ? undefined : now + lifeMs,
      scopes,
    });
    return { reply: { type: "token", id, token: secret } };
  },
};
