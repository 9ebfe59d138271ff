// register, password, account, accounts and whois: who users are (protocol §3.10).

import type { AccountRecord } from "../../../store/repository.ts";
import { nameKey } from "../../../chat/people/names.ts";
import { ChatError } from "../../../wire/errors.ts";
import type { AccountSummary } from "../../../wire/frames/people.ts";
import { type Command, type CommandResult, principalOf } from "../command.ts";
import { fitPage } from "../fit_page.ts";
import { changedMeanwhile } from "./password_login.ts";

const DEFAULT_LIST = 50;
/** How many rooms in common a `whois` names. */
const COMMON_ROOMS = 100;

export const register: Command<"register"> = {
  needs: "guest",
  scope: "everything",
  bucket: "requests",
  async run({ name, password }, context): Promise<CommandResult> {
    const { hub, session, passwords, accounts } = context;
    const principal = principalOf(context);
    if (principal.role !== "guest") {
      throw new ChatError("bad_state", `You have an account already, as "${principal.name}"`);
    }
    if (principal.token === undefined) {
      throw new ChatError("forbidden", "Only a guest who logs in by a token may register");
    }
    if (accounts !== "open") throw new ChatError("forbidden", CLOSED[accounts]);
    await hub.accounts.checkRegistration(principal, name);
    session.admission.countRegistration();
    passwords.countRegistration();
    const hash = password === undefined
      ? undefined
      : await passwords.hash(password, session.address);
    await hub.accounts.register(principal, { name, password: hash });
    const { user, name: own, role } = principal;
    passwords.noteLogin(nameKey(own), session.address);
    return { reply: { type: "ok", user, name: own, role } };
  },
};

const CLOSED = {
  invite: "Accounts are by invitation here: ask for a code, and log in by it",
  closed: "Accounts are created by an administrator here",
} as const;

export const password: Command<"password"> = {
  needs: "member",
  scope: "everything",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub, session, passwords } = context;
    const principal = principalOf(context);
    const key = nameKey(principal.name);
    const { store } = hub.accounts;
    const login = await store.find(key);
    if (login?.password !== undefined) {
      if (frame.old === undefined) {
        throw new ChatError("bad_field", 'Field "old" takes your password of now', {
          field: "old",
        });
      }
      const attempt = { nameKey: key, address: session.address, password: frame.old };
      if (await passwords.check(attempt, () => store.find(key)) === undefined) {
        throw new ChatError("auth_failed", "This is not your password", { field: "old" });
      }
    }
    const to = await passwords.hash(frame.new, session.address);
    const changed = { from: login?.password, to, keep: principal.token, now: hub.clock.now() };
    const ended = await store.setPassword(principal.user, changed);
    if (ended === undefined) throw changedMeanwhile();
    hub.credentials.announceEnded(ended);
    return { reply: { type: "ok" } };
  },
};

export const account: Command<"account"> = {
  needs: "admin",
  scope: "everything",
  bucket: "requests",
  async run({ name, role, bot, state }, context): Promise<CommandResult> {
    const { hub } = context;
    const change = {
      by: principalOf(context),
      role,
      isBot: bot,
      isSuspended: state === undefined ? undefined : state === "suspended",
    };
    return { reply: { type: "account", ...summarize(await hub.accounts.change(name, change)) } };
  },
};

export const accounts: Command<"accounts"> = {
  needs: "admin",
  scope: "everything",
  bucket: "requests",
  async run({ after = "", limit = DEFAULT_LIST }, { hub, limits }): Promise<CommandResult> {
    const found = await hub.accounts.store.list({ after: nameKey(after), limit: limit + 1 });
    const summaries = found.slice(0, limit).map(summarize);
    const { items, whole } = fitPage(summaries, { maxBytes: limits.frame });
    const more = !whole || found.length > limit;
    return { reply: { type: "accounts", accounts: items, more } };
  },
};

function summarize(
  { id, name, role, isBot, isSuspended, hasPassword, created }: AccountRecord,
): AccountSummary {
  return {
    user: id,
    name,
    role,
    bot: isBot ? true : undefined,
    state: isSuspended ? "suspended" : "active",
    password: hasPassword,
    created,
  };
}

export const whois: Command<"whois"> = {
  needs: "guest",
  scope: "read everywhere",
  bucket: "requests",
  async run(frame, context): Promise<CommandResult> {
    const { hub } = context;
    const principal = principalOf(context);
    const { user, name, role, isBot } = await hub.naming.findByName(frame.user);
    const record = await hub.accounts.store.findById(user);
    const common = await hub.membershipLists.common(principal, {
      other: user,
      limit: COMMON_ROOMS,
    });
    return {
      reply: {
        type: "whois",
        user,
        name,
        role,
        bot: isBot ? true : undefined,
        since: record === undefined || record.created === 0 ? undefined : record.created,
        here: hub.names.connectionsOf(user) > 0,
        rooms: common,
      },
    };
  },
};
