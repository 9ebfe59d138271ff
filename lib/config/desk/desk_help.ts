// The texts of `--help` of the commands for the desk.

export const APPROVE_HELP = `
Examples:
  deno task client approve "run migration 42 on db3?" --key deploy-4711 --timeout 10m
  case $? in
    0)   ./migrate 42 ;;                 # an operator has approved it
    3)   echo "denied" ;;                # an operator has denied it
    124) echo "nobody answered" ;;       # the question is closed: nobody can approve it any more
    *)   echo "not known" ;;             # 75 and all others: do not go on
  esac

Only 0 means that a person has approved it. The reason is on stderr. When the time is over, and on
Ctrl-C, the question is withdrawn; if the client is killed, it expires at the same time. Exit code 75
means that the connection was lost and it is not known whether there is a decision: with --key the
same command finds it later, and asks nothing again. A question that was closed stays closed under
its key. With --no-wait the number of the inquiry is printed, and 0 means that it is asked, no more:
decision NUMBER --wait waits for it.`;

export const DECISION_HELP = `
Examples:
  deno task client decision 43
  deno task client decision --key deploy-4711 --wait --timeout 10m

Prints the choice, or open, pending, withdrawn, expired, answered. Exit code 0: decided (of approve:
approved), or answered · 3 denied · 124 closed without a decision · 75 open as yet, which is the code
of a --wait that ends, too: looking and waiting withdraw nothing.`;

export const QUEUE_HELP = `
Examples:
  deno task client queue
  deno task client queue --json | jq -r 'select(.choices) | .inquiry'

An operator signs in by use-token. Decisions are made by people, in chat: /decide, /approve, /deny.`;

export const ANSWER_HELP = `
Examples:
  deno task client answer 42 "go ahead"
  deno task client answer 42 --to 3 < answer.txt

Exit codes as for send: 75 means that the answer is kept and that the next run sends it first. A
text never decides a question that asks for a decision.`;

export const REPORT_HELP = `
Examples:
  deno task client desk report
  deno task client desk report --since 30d --json | jq .median_ms

Each inquiry that was asked in the period is counted once, by what has become of it. MEDIAN and P90 are
how long it takes until a person answers. An inquiry without an answer counts as still waiting; where
fewer than half (of ten: nine) have an answer, the longest wait is printed with a > before it.`;

export const DESK_HELP = `
Examples:
  deno task client desk
  deno task client desk --json --since 4711 | jq -r 'select(.change == "opened") | .content'
  deno task client desk report --since 30d

Prints each change of an inquiry as it happens: opened, asked, seen, claimed, released, assigned,
answered, decided, snoozed, resolved, reopened, withdrawn, expired. It continues after restarts of the
server and cuts until it is interrupted: no change is missed, and none comes twice. To continue after
an end give the last seq to --since; 0 is the beginning. Exit codes: 0 when the reader closes the
pipe, 130 interrupted, 77 when the token may not read the desk, 69 when the first connection fails.
A program signs in by a token with the scope desk, which reads the desk, all inquiries and
their notes, and writes to no asker.`;
