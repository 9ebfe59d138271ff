// The table of commands: one row for each type of request.

import type { CommandTable } from "./command.ts";
import { edit, remove } from "./changes.ts";
import { decide, question, withdraw } from "./decisions.ts";
import { canned } from "./desk/canned.ts";
import { draft, note } from "./desk/notes.ts";
import { inquiry, queue, report, respond } from "./desk.ts";
import { assign, claim, release, reopen, resolve, seen, snooze } from "./desk_work.ts";
import { hello, login } from "./hello.ts";
import { code, codes, look, revoke_code } from "./people/codes.ts";
import { logout, revoke, token, tokens } from "./people/tokens.ts";
import { ping, pong, stats } from "./health.ts";
import {
  ban,
  bans,
  ignore,
  ignores,
  kick,
  moderation,
  panic,
  standing,
  unban,
} from "./moderation.ts";
import { inbox, later, laters } from "./inbox.ts";
import { history, message, read } from "./messages.ts";
import { resume } from "./resume.ts";
import { search } from "./search.ts";
import { add, join, leave, members, rooms, topic, typing } from "./rooms.ts";
import { account, accounts, password, register, whois } from "./people/accounts.ts";

export const COMMANDS: CommandTable = {
  hello,
  login,
  ping,
  pong,
  register,
  password,
  account,
  accounts,
  whois,
  tokens,
  revoke,
  logout,
  token,
  code,
  codes,
  revoke_code,
  look,
  join,
  leave,
  add,
  topic,
  typing,
  rooms,
  members,
  message,
  edit,
  delete: remove,
  history,
  read,
  search,
  inbox,
  later,
  laters,
  resume,
  inquiry,
  queue,
  report,
  respond,
  decide,
  withdraw,
  question,
  canned,
  note,
  draft,
  claim,
  release,
  assign,
  snooze,
  resolve,
  reopen,
  seen,
  stats,
  standing,
  kick,
  ban,
  unban,
  bans,
  moderation,
  panic,
  ignore,
  ignores,
};
