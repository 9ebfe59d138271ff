// The texts of `--help` that follow the options of a command.

export const CHAT_HELP = `
Examples:
  deno task client
  deno task client --server chat.example.org:65432 --name ada
  deno task client chat ops

Keys: Enter sends. Ctrl-C clears the line; twice on an empty line it leaves. Ctrl-D leaves when the
line is empty. A paste is never sent before Enter. /help lists the commands of the line.`;

export const MENU_HELP = `
Examples:
  deno task client menu
  deno task client menu --plain --server chat.example.org

Type the number of what you want, then Enter: to send a message, read a room, search, ask the desk, read
the answers, log in, register, or go into the chat. Enter alone at a question goes back, or takes what
stands in brackets; Ctrl-D goes back, 0 quits. It works in a terminal only, by lines, without redrawing.`;

export const SEND_HELP = `
Examples:
  deno task client send ops "disk full on db3"
  make 2>&1 | deno task client send ops
  deno task client send ops --json < report.txt | jq .seq

Without TEXT all of stdin is one message: CRLF becomes LF, a byte order mark and one final newline
are dropped. A text that cannot be sent (not UTF-8, control characters, empty, too long) has exit
code 64; a text from stdin is then kept in a file, and the error names it. The command waits for a
busy server, up to --timeout. Exit code 75 means that the message is kept and that the next run
sends it under the same id, so that it is stored once: do not send it again yourself.`;

export const ASK_HELP = `
Examples:
  deno task client ask "may I reboot db3?"
  deno task client ask --json < question.txt | jq -r .from
  colour=$(deno task client ask "Which colour?" --choice red,blue --timeout 10m) && paint "$colour"

Waits for the answer and prints it, also when the server restarts. Exit code 0 means that there is
an answer: "no" is 0, too. For a yes or no use approve, whose exit code is the answer. With --choice
an operator decides by one of the words, which is printed: options and exit codes as of approve, but
no choice is 3. Without TEXT all of stdin is the question. Without an
answer in time the exit code is 124; the question stays open, after Ctrl-C too, and the error says
how to look later, as in history '?42' or tail '?42'. Exit code 75 means that the question is kept
and that the next run sends it first: do not ask it again. Each question is an inquiry of its own;
a guest may have three open ones at a time.`;

export const PROGRAM_HELP = (exitCodes: string): string => `
Without a command, in a terminal, the command is chat. Each command has its own help: send --help.

--name: without it PARLEY_NAME, else the name for this server ("client servers"), else "name" in
~/.config/parley/client.json, else the name of the last chat that a server accepted. Without any, a terminal asks for it; a pipe keeps its first --name, or
generates a name (guest-…) and keeps it. A token for each server and name brings the same user back
(~/.config/parley/tokens).
--server: without it PARLEY_SERVER, else "server" in ~/.config/parley/client.json, else the only one of
"client servers", else the one that you used last in a terminal, else 127.0.0.1:65432. By TLS (--tls, or
parley://) the server is known by the pin of its key: that in --server, else the one that join has kept;
without any an authority vouches for it, the system's or that of --ca (PARLEY_CA, "ca"). A key that is not
known, or not the one that was kept, ends with 76 before anything is sent.
Messages without an answer are kept in ~/.local/state/parley/outbox.
XDG_CONFIG_HOME and XDG_STATE_HOME replace ~/.config and ~/.local/state.

Data goes to stdout, everything else to stderr. Exit codes:
${exitCodes}`;
