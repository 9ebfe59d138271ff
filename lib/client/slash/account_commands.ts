// The commands of the line about one's own account. Secrets are asked for unseen, in place of the line: they
// are no part of a line, so that no history and no file has them.

import { findPeriodMs } from "../../config/people/duration.ts";
import { failure, notice } from "../../terminal/view_lines.ts";
import type { ClientFrame } from "../../wire/frame.ts";
import { isRoomName } from "../../wire/room_ref.ts";
import { findPasswordFault } from "../accounts/secret_input.ts";
import { toFailure } from "../exit.ts";
import { describeCode, describeToken, formatCode } from "../output/people_wording.ts";
import type { LineTarget } from "./line_target.ts";
import { parseUser } from "./people_commands.ts";
import { request } from "./requests.ts";
import { row, SlashError } from "./slash_table.ts";
import { hasRoleOf, isGuest } from "./visibility.ts";

const isAccount = hasRoleOf("member");

export const ACCOUNT_COMMANDS = {
  register: row<true, LineTarget>({
    usage: "",
    description: "register this guest as an account, with a password",
    details: [
      "You keep your rooms, questions and read positions. The password is asked for unseen.",
    ],
    isShown: isGuest,
    isSecret: true,
    parse: noPassword,
    run: (_, target) => void register(target),
  }),
  login: row<string, LineTarget>({
    usage: "NAME",
    description: "log in to the account of that name, by password",
    isShown: (target) => target.login !== undefined && isGuest(target),
    isSecret: true,
    parse: parseOnlyName,
    run: (name, target) => void login(name, target),
  }),
  password: row<true, LineTarget>({
    usage: "",
    description: "change your password; other devices log in again",
    isShown: isAccount,
    isSecret: true,
    parse: noPassword,
    run: (_, target) => void changePassword(target),
  }),
  devices: row<number | null, LineTarget>({
    usage: "[end NUMBER]",
    description: "list your devices and programs, or end one",
    isShown: isAccount,
    parse: parseDevice,
    run: (token, target) => {
      if (token === null) {
        return request(
          target,
          { type: "tokens" },
          ({ tokens }) => tokens.map((one) => notice(describeToken(one))),
        );
      }
      const done = [notice(`Device ${token} is logged out`)];
      request(target, { type: "revoke", token }, () => done);
    },
  }),
  code: row<ClientFrame<"code">, LineTarget>({
    usage: "[join|reset …]",
    description: "a code for another device of yours, or for a person",
    details: [
      '/code  for another device of yours: "client join CODE" there',
      "/code join [#ROOM …] [USES] [TIME]  for new accounts; TIME is like 12h or 7d",
      "/code reset USER  for a new password",
    ],
    isShown: isAccount,
    parse: parseCodeRequest,
    run: (frame, target) =>
      request(target, frame, (code) => [
        notice(describeCode(code)),
        notice(formatCode(code)),
      ]),
  }),
};

async function register(target: LineTarget): Promise<void> {
  const secrets = await askNewPassword(target, []);
  if (secrets === undefined) return;
  target.loop.ask({ type: "register", password: secrets.password });
}

async function changePassword(target: LineTarget): Promise<void> {
  const secrets = await askNewPassword(target, ["Old password (Enter alone without one): "]);
  if (secrets === undefined) return;
  const { earlier: [old], password } = secrets;
  const frame = { type: "password" as const, old: old === "" ? undefined : old, new: password };
  const done = [notice("Your password is changed; your other devices must log in again")];
  request(target, frame, () => done);
}

async function login(name: string, target: LineTarget): Promise<void> {
  const [password] = await target.askSecrets(["Password: "]) ?? [];
  if (password === undefined || password === "") return target.show([notice(UNCHANGED)]);
  try {
    target.leave(await target.login?.(name, password));
  } catch (error) {
    target.show([failure(toFailure(error).message)]);
  }
}

/** Asks twice for a new password; undefined when there is none, which is shown. */
async function askNewPassword(
  { askSecrets, show }: LineTarget,
  before: readonly string[],
): Promise<{ readonly earlier: readonly string[]; readonly password: string } | undefined> {
  const answers = await askSecrets([...before, "New password: ", "The same again: "]);
  const [password, again] = answers?.slice(-2) ?? [];
  if (answers === undefined || password === undefined) {
    show([notice(UNCHANGED)]);
    return undefined;
  }
  const fault = password === again ? findPasswordFault(password) : "The two are not the same";
  if (fault === undefined) return { earlier: answers.slice(0, -2), password };
  show([failure(`${fault}. ${UNCHANGED}`)]);
  return undefined;
}

/** A second word may be a password. @throws {SlashError} */
function parseOnlyName(argument: string): string | undefined {
  if (/\s/.test(argument)) throw new SlashError(UNSEEN);
  return parseUser(argument);
}

/** A password is no part of a line. @throws {SlashError} */
function noPassword(argument: string): true {
  if (argument === "") return true;
  throw new SlashError(UNSEEN);
}

/** Null for the list. */
function parseDevice(argument: string): number | null | undefined {
  if (argument === "") return null;
  const [, number] = /^end\s+(\d{1,15})$/.exec(argument) ?? [];
  return number === undefined ? undefined : Number(number);
}

function parseCodeRequest(argument: string): ClientFrame<"code"> | undefined {
  const [kind = "device", ...words] = argument.split(/\s+/).filter((word) => word !== "");
  const [user, ...rest] = words;
  if (kind === "device") return words.length === 0 ? { type: "code", kind } : undefined;
  if (kind === "reset" && user !== undefined) {
    return rest.length === 0 ? { type: "code", kind, user: parseUser(user) } : undefined;
  }
  return kind === "join" ? parseJoinCode(words) : undefined;
}

/** `[#ROOM …] [USES] [TIME]`, in any order. */
function parseJoinCode(words: readonly string[]): ClientFrame<"code"> | undefined {
  const rooms: string[] = [];
  let uses: number | undefined;
  let expiresMs: number | undefined;
  for (const word of words) {
    if (word.startsWith("#") && isRoomName(word.slice(1))) rooms.push(word.slice(1));
    else if (/^[1-9]\d{0,5}$/.test(word)) uses = Number(word);
    else if (findPeriodMs(word) !== undefined) expiresMs = findPeriodMs(word);
    else return undefined;
  }
  const named = rooms.length === 0 ? undefined : rooms;
  return { type: "code", kind: "join", rooms: named, uses, expires_ms: expiresMs };
}

const UNSEEN = "The password is asked for unseen: type the command without it";
const UNCHANGED = "Nothing was changed";
