// The commands of a server's console: those of the client that are useful there, and those that only the
// server can run. Knows neither terminal nor connection.

import { COMMANDS, HELP_FOOTER } from "../../client/slash/commands.ts";
import { SHOW } from "../../client/slash/desk_commands.ts";
import { WORK_COMMANDS } from "../../client/slash/desk/work_commands.ts";
import { checkSendable, type LineTarget, parseText } from "../../client/slash/line_target.ts";
import { MODERATION_COMMANDS } from "../../client/slash/moderation_commands.ts";
import { PEOPLE_COMMANDS } from "../../client/slash/people_commands.ts";
import { noArgument, row, SlashTable } from "../../client/slash/slash_table.ts";
import { notice } from "../../terminal/view_lines.ts";

/** The part of the server that its console uses. All return at once. */
interface ConsoleServer {
  /** The connected users with their connections, without the console itself. */
  users(): readonly { readonly name: string; readonly connections: number }[];
  counters(): Readonly<Record<string, number>>;
  stop(): void;
}

/** The room to which /say sends, whatever room is entered. */
export const LOBBY = "lobby";

export function consoleCommands(server: ConsoleServer): SlashTable<LineTarget> {
  const { join, create, leave, rooms, who, history, queue, answer } = COMMANDS;
  const { open, "answer!": answerAnyway, decide, approve, deny } = COMMANDS;
  return new SlashTable<LineTarget>({
    queue: { ...queue, description: "list the inquiries without an answer", aliases: ["q"] },
    answer: { ...answer, description: "answer an inquiry" },
    "answer!": {
      ...answerAnyway,
      description: "answer where another operator just did",
    },
    open: { ...open, description: "show the whole question of an inquiry" },
    decide: { ...decide, description: "decide a question by a choice" },
    approve: { ...approve, description: "decide a question by approve" },
    deny: { ...deny, description: "decide a question by deny" },
    ...deskWork(),
    show: SHOW,
    say: row<string, LineTarget>({
      usage: "TEXT",
      description: "send a message to the lobby",
      parse: parseText,
      run: (text, target) => {
        checkSendable(text, target);
        target.sender.send(LOBBY, text);
      },
    }),
    users: row<true, LineTarget>({
      usage: "",
      description: "list the connected users",
      parse: noArgument,
      run: (_, target) => target.show(describeUsers(server.users()).map(notice)),
    }),
    stats: row<true, LineTarget>({
      usage: "",
      description: "show the server's counters",
      parse: noArgument,
      run: (_, target) => {
        const counters = Object.entries(server.counters());
        target.show(counters.map(([name, count]) => notice(`${name} ${count}`)));
      },
    }),
    stop: row<true, LineTarget>({
      usage: "",
      description: "stop the server, with a bye to everyone",
      aliases: ["quit", "exit"],
      parse: noArgument,
      run: () => server.stop(),
    }),
    join,
    create,
    leave,
    rooms,
    who,
    history,
    ...PEOPLE_COMMANDS,
    ...MODERATION_COMMANDS,
  }, HELP_FOOTER);
}

/** The work at the desk: everybody at the console is an operator. */
function deskWork(): typeof WORK_COMMANDS {
  const rows = Object.entries(WORK_COMMANDS).map(([name, row]) => [
    name,
    { ...row, description: row.description.replace("for operators: ", "") },
  ]);
  return Object.fromEntries(rows);
}

function describeUsers(users: ReturnType<ConsoleServer["users"]>): readonly string[] {
  if (users.length === 0) return ["Nobody is connected"];
  return users.map(({ name, connections }) =>
    connections === 1 ? name : `${name} (${connections} connections)`
  );
}
