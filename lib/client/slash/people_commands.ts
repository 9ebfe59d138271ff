// The commands of the line about other people.

import { failure, formatRoom, notice } from "../../terminal/view_lines.ts";
import { roomOf } from "./commands.ts";
import { describeUser } from "../output/people_wording.ts";
import { checkSendable, type LineTarget } from "./line_target.ts";
import { request } from "./requests.ts";
import { row, SlashError } from "./slash_table.ts";
import { isAccountName } from "../../wire/text.ts";
import { hasRoleOf } from "./visibility.ts";

const isAccount = hasRoleOf("member");

export const PEOPLE_COMMANDS = {
  msg: row<{ user: string; text: string }, LineTarget>({
    usage: "USER TEXT",
    description: "send a direct message",
    isShown: isAccount,
    parse: parseDirect,
    run: ({ user, text }, target) => {
      checkSendable(text, target);
      target.sender.send(`@${user}`, text);
    },
  }),
  query: row<string, LineTarget>({
    usage: "USER",
    description: "enter your conversation with one person",
    isShown: isAccount,
    parse: parseUser,
    run: (user, target) => {
      const { loop } = target;
      const room = `@${user}`;
      if (loop.conversation.logs.has(room)) return loop.ask({ type: "join", room });
      const arrived = loop.headFor(room);
      // A name that nobody has is no conversation to begin.
      request(target, { type: "whois", user }, ({ name, role, user: number }) => {
        if (number === loop.conversation.you?.user) return [failure(`${name} is you`)];
        if (role === "guest") {
          return [failure(`${name} is a guest: only accounts have direct conversations`)];
        }
        loop.ask({ type: "join", room: `@${name}` });
        return [];
      }).then(arrived);
    },
  }),
  ignore: row<string, LineTarget>({
    usage: "[USER]",
    description: "hide a user's messages; alone: who is hidden",
    parse: (argument) => argument === "" ? "" : parseUser(argument),
    run: (user, { loop }) => {
      if (user === "") loop.ask({ type: "ignores" });
      else loop.ask({ type: "ignore", user, on: true });
    },
  }),
  unignore: row<string, LineTarget>({
    usage: "USER",
    description: "show a user's messages again",
    parse: parseUser,
    run: (user, { loop }) => loop.ask({ type: "ignore", user, on: false }),
  }),
  whois: row<string, LineTarget>({
    usage: "USER",
    description: "who a user is: role, since when, rooms in common",
    parse: parseUser,
    run: (user, target) =>
      request(target, { type: "whois", user }, (found) => [notice(describeUser(found))]),
  }),
  add: row<string, LineTarget>({
    usage: "USER",
    description: "make a user a member of this room",
    parse: parseUser,
    run: (user, target) => {
      const room = roomOf("", target);
      const done = [notice(`${user} is a member of ${formatRoom(room)} now`)];
      request(target, { type: "add", room, user }, () => done);
    },
  }),
};

function parseDirect(argument: string): { user: string; text: string } | undefined {
  const [, who = "", text = ""] = /^(\S+)\s+([^]+)$/.exec(argument) ?? [];
  const user = parseUser(who);
  return user === undefined || text === "" ? undefined : { user, text };
}

/** A name, with or without `@`. @throws {SlashError} */
export function parseUser(argument: string): string | undefined {
  if (argument === "") return undefined;
  const user = argument.replace(/^@/, "");
  if (isAccountName(user)) return user;
  throw new SlashError(`"${argument}" cannot be a user's name`);
}
