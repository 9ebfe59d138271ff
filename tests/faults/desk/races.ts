// Races: 20 operators claim an inquiry at once, and decide a question at once, some of them against a
// withdrawal or the end of the time. One has the inquiry, exactly one event ends each question, and every
// reply fits it.

import type { ChildServer } from "../../support/processes/child_server.ts";
import type { Frame, Peer } from "../../support/clients/peer.ts";
import { pause } from "../../support/waiting.ts";
import type { Findings } from "../goals/findings.ts";
import type { Operator } from "./prepared_stores.ts";

const CHOICES = ["approve", "deny"];
/** Every so many rounds the asker withdraws as well, and every so many the time is over meanwhile. */
const [WITHDRAWN_EVERY, EXPIRED_EVERY] = [4, 5];
const EXPIRES_MS = 15;
/** Within this time a server delivers what another one has stored. */
const DELIVERED_MS = 2_000;
const LOOK_MS = 5;

export interface RaceOptions {
  /** The operators are spread over them. */
  readonly servers: readonly ChildServer[];
  readonly operators: readonly Operator[];
  readonly rounds: number;
  readonly findings: Findings;
}

/** How the questions ended. */
export interface RaceCounts {
  decided: number;
  withdrawn: number;
  expired: number;
}

export async function race(options: RaceOptions): Promise<RaceCounts> {
  const { servers, operators, rounds, findings } = options;
  const serverOf = (n: number) => servers[n % servers.length] as ChildServer;
  using asker = await logIn(serverOf(0), { method: "guest", name: "asker" });
  const deciders = await Promise.all(
    operators.map(({ token }, n) => logIn(serverOf(n), { method: "token", token })),
  );
  const counts: RaceCounts = { decided: 0, withdrawn: 0, expired: 0 };
  try {
    for (let round = 1; round <= rounds; round++) {
      await runClaims(round, { asker, deciders, findings });
      const outcome = await runRound(round, { asker, deciders, findings });
      if (outcome !== undefined) counts[outcome]++;
    }
    // A second outcome that another server has stored is delivered here by now.
    for (let round = 1; round <= rounds; round++) {
      // A round has two inquiries: the first one is claimed, the second one decided.
      const { length } = await outcomesOf(asker, { inquiry: 2 * round, round });
      findings.exactly(`outcomes of round ${round}`, { is: length, asked: 1 });
    }
  } finally {
    for (const peer of deciders) peer.close();
  }
  return counts;
}

interface Round {
  readonly asker: Peer;
  readonly deciders: readonly Peer[];
  readonly findings: Findings;
}

/** All claim at once: one has it, and the others read who. */
async function runClaims(round: number, { asker, deciders, findings }: Round): Promise<void> {
  const asked = await asker.ask({
    type: "inquiry",
    content: `Who, ${round}?`,
    id: `claimed-${round}`,
  });
  const inquiry = asked?.inquiry;
  const replies = await Promise.all(
    deciders.map((peer) => peer.ask({ type: "claim", inquiry, id: `claim-${round}` })),
  );
  const winners = replies.filter((reply) => reply?.type === "ok");
  findings.exactly(`claims of round ${round}`, { is: winners.length, asked: 1 });
  const has = winners[0]?.assignee;
  for (const reply of replies) {
    const fits = reply?.type === "ok" ||
      (reply?.code === "already_claimed" && reply.assignee === has);
    if (!fits) findings.fault(`round ${round}: ${JSON.stringify(reply)}`);
  }
}

async function runRound(
  round: number,
  { asker, deciders, findings }: Round,
): Promise<keyof RaceCounts | undefined> {
  const expires_ms = round % EXPIRED_EVERY === 0 ? EXPIRES_MS : undefined;
  const question = { type: "inquiry", content: `Round ${round}?`, choices: CHOICES, expires_ms };
  const asked = await asker.ask({ ...question, id: `ask-${round}` });
  const inquiry = asked?.inquiry;
  if (expires_ms !== undefined) await pause(EXPIRES_MS - 2);
  const withdrawal = round % WITHDRAWN_EVERY === 0
    ? [asker.ask({ type: "withdraw", inquiry, id: `withdraw-${round}` })]
    : [];
  const replies = await Promise.all(deciders.map((peer, n) => {
    const choice = CHOICES[(round + n) % 2];
    return peer.ask({ type: "decide", inquiry, choice, id: `decide-${round}` });
  }));
  const withdrawn = (await Promise.all(withdrawal))[0];
  const [outcome] = await outcomesOf(asker, { inquiry, round });
  if (outcome === undefined) return undefined;
  const winners = replies.filter((reply) => reply?.type === "ok").length;
  const isDecided = outcome.type === "decision";
  findings.exactly(`winners of round ${round}`, { is: winners, asked: isDecided ? 1 : 0 });
  for (const reply of [...replies, withdrawn]) {
    if (reply === undefined || reply.type === "ok") continue;
    const code = isDecided ? "already_decided" : "expired";
    const fits = reply.code === code && reply.event?.seq === outcome.seq &&
      reply.event?.from === outcome.from && reply.event?.choice === outcome.choice;
    if (!fits) findings.fault(`round ${round}: ${JSON.stringify(reply)}`);
  }
  return outcome.state as keyof RaceCounts;
}

/** The events that end a question, as its asker reads them; what another server has stored comes soon. */
async function outcomesOf(
  asker: Peer,
  { inquiry, round }: { inquiry: number; round: number },
): Promise<readonly Frame[]> {
  const deadline = performance.now() + DELIVERED_MS;
  for (;;) {
    const room = `?${inquiry}`;
    const page = await asker.ask({ type: "history", room, after: 1, id: `page-${round}` });
    const events: readonly Frame[] = page?.events ?? [];
    if (events.length > 0 || performance.now() > deadline) return events;
    await pause(LOOK_MS);
  }
}

/** A connection that has logged in. @throws when it is refused */
export async function logIn(server: ChildServer, auth: object): Promise<Peer> {
  const peer = await server.connect();
  const welcome = await peer.ask({ type: "hello", id: "hello", version: 1, auth });
  if (welcome?.type !== "welcome") throw new Error(`Not welcome: ${JSON.stringify(welcome)}`);
  return peer;
}
