// The texts of `--help` of the commands that read rooms.

export const TAIL_HELP = `
Examples:
  deno task client tail ops
  deno task client tail ops --history 20
  deno task client tail ops --json --since 4711 | jq -r .content

Follows the room until it is interrupted, also when the server restarts: no message is missed, and
none comes twice. Each line is written as it comes.`;

export const HISTORY_HELP = `
Examples:
  deno task client history ops
  deno task client history ops --since 2026-11-01
  deno task client history ops --before 4000 --limit 500 --json

Prints the newest messages, or with --since all from that day or minute on (in the local time zone;
2026-11-01T14:00Z is UTC), oldest first. --timeout is the longest time without a page, not the
time for all of them. When messages are missing the error names them, and the exit code is not 0.`;

export const SEARCH_HELP = `
Examples:
  deno task client search disk full
  deno task client search '"disk full" from:bob in:ops after:2026-11-01' --json
`;

export const WAIT_HELP = `
Examples:
  deno task client wait ops --match 'deploy (ok|failed)' --since 4711 --timeout 10m
  seq=$(deno task client send ops "deploying" --json | jq .seq)
  deno task client wait ops --match '^deployed$' --since "$seq" --json | jq -r .from

Prints the first message behind --since, by default from now on, whose text matches; waits for it
over cuts and restarts of the server, and misses none. The pattern is a regular expression of
JavaScript with the flag u: (?i:ok) ignores case, and \\b, ^ and $ are as usual. Exit code 0:
printed · 124: none within --timeout · 64: no pattern, or one that takes longer than 2 seconds for
one message.`;
