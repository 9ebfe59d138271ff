// The texts of `--help` that follow the options of an administrator's command.

const WHERE = `
They act on the running server, at the address of --listen or PARLEY_LISTEN, with the token that the
server keeps beside its data (data/admin.token): run them where the server runs, as its user. Tables
go to stdout, or with --json the objects of the protocol, one a line; errors go to stderr.

Exit codes: 0 done, 1 refused by the server, 64 wrong option or argument, 69 no server is running
there, 75 its database is out of reach, or the connection was lost before the answer, 77 not
allowed, 78 no token or permission, 124 no answer in time.`;

export const USER_HELP = `
Examples:
  deno task server user list
  deno task server user add ada --role operator
  deno task server user role bob member
  deno task -q server user list --json | jq -r 'select(.state == "suspended") | .name'

add and password-reset print a code, once: give it to the person, who enters it with
"deno task client join CODE". suspend ends all sessions at once and keeps everything that was sent.
With --json add prints the account and the code, and show the account and the whois.
${WHERE}`;

export const CODE_HELP = `
Examples:
  deno task server code join --rooms lobby,ops --uses 8 --expires 7d
  deno task server code reset ada
  deno task -q server code join --json | jq -r .code

A code is shown once, and can be typed in any case, with or without dashes. list shows what is left
of each code, never the code.
${WHERE}`;

export const TOKEN_HELP = `
Examples:
  deno task server token create ci --scopes send:builds --label "build server" > ci.token
  deno task server token list ci
  deno task server token revoke 12

The token is printed once, alone on stdout. The program keeps it with "client use-token < ci.token".
${WHERE}`;

export const BAN_HELP = `
Examples:
  deno task server ban add mallory --for 7d --reason "spam in three rooms"
  deno task server ban add 203.0.113.0/24 --room ops
  deno task server ban list
  deno task server ban remove mallory
  deno task server ban log --room ops

A ban takes effect at once, on every server of the database, and survives restarts.
${WHERE}`;

export const PANIC_HELP = `
Examples:
  deno task server panic on
  deno task server panic off

While panic is on guests cannot log in, nobody can register, and guests who are there cannot write.
Accounts go on as before.
${WHERE}`;
