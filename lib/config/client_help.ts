// The texts of `--help` that follow the options of a command.

export const CHAT_HELP = `
Examples:
  deno task client
  deno task client --server chat.example.org:65432 --name ada
  deno task client chat ops

Keys: Enter sends, Ctrl-C clears the line and leaves when pressed twice, Ctrl-D leaves when the line
is empty. A paste is never sent before Enter. /help lists the commands of the line.`;

export const SEND_HELP = `
Examples:
  deno task client send ops "disk full on db3"
  make 2>&1 | deno task client send ops
  deno task client send ops --json < report.txt | jq .seq

Without TEXT all of stdin is one message: CRLF becomes LF, a byte order mark and one final newline
are dropped. A text that cannot be sent (not UTF-8, control characters, empty, too long) is exit
code 64; what stdin held is then kept in a file, and the error says where. A server that is busy is
waited for, up to --timeout. Exit code 75 means that the message is kept and that the next run sends
it under the same id, so that it is stored once: do not send it again yourself.`;

export const ASK_HELP = `
Examples:
  deno task client ask "may I reboot db3?"
  deno task client ask --json < question.txt | jq -r .from
  answer=$(deno task client ask "May I reboot db3? (yes/no)" --timeout 30m)
  if [ $? -eq 0 ] && [ "$answer" = yes ]; then reboot-db3; fi

Prints the answer to the question, over restarts of the server. Exit code 0 means that there
is an answer, whatever it says: "no" is 0, too, so look at the text before you go on. Without TEXT
all of stdin is the question. When no answer comes in time the exit code is 124; the question
stays asked, after Ctrl-C too, and the error says how to look later, as in history '?42' or tail
'?42'. Exit code 75 means that the question is kept and that the next run sends it first: do not
ask it again. Each question is an inquiry of its own; of a guest's at most three may wait for an
answer at a time.`;

export const TAIL_HELP = `
Examples:
  deno task client tail ops
  deno task client tail ops --history 20
  deno task client tail ops --json --since 4711 | jq -r .content

Follows for ever, over restarts of the server: nothing is missed and nothing comes twice.`;

export const HISTORY_HELP = `
Examples:
  deno task client history ops
  deno task client history ops --before 4000 --limit 500 --json

Prints the newest messages, oldest first. --timeout is for a server that is silent: a history of any
length takes as long as it takes. When messages are missing the error names them, and the exit code
is not 0.`;

export const PROGRAM_HELP = (exitCodes: string): string => `
Without a command, in a terminal, it is chat; each command explains itself: send --help.

Without --name it is PARLEY_NAME, else "name" in ~/.config/parley/client.json, else the name used
before: the last that chat was given, by --name or when it asked, as soon as a server has agreed to it.
Where there is none yet a terminal asks for it, and a pipe stays with its first --name, or makes one up
(guest-…) and stays with that. A token for each server and name (~/.config/parley/tokens) brings the
same user back.
Without --server it is PARLEY_SERVER, else "server" in ~/.config/parley/client.json.
Messages without an answer wait in ~/.local/state/parley/outbox. XDG_CONFIG_HOME and XDG_STATE_HOME take
the place of ~/.config and ~/.local/state.

Data goes to stdout, everything else to stderr. Exit codes:
${exitCodes}`;
