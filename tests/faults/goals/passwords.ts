// G17: nobody learns by a login which accounts there are, guesses are few and cheap, they keep no owner
// out, and a crowd that comes back by tokens costs no hash.

import type { Address } from "../../support/clients/peer.ts";
import { ChildServer } from "../../support/processes/child_server.ts";
import { Random } from "../../support/random.ts";
import { excesses, medianOf, type Round } from "../passwords/comparison.ts";
import { createAccount, enterAsAdmin, PASSWORD, suspend } from "../passwords/accounts.ts";
import { type Answer, comeIn, sayHello } from "../passwords/peers.ts";
import { inParallel } from "../support/parallel.ts";
import { findLeftovers } from "../support/leftovers.ts";
import { countDescriptors } from "../support/process_info.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

/** Logins of each kind that are compared; more of them where the machine is too restless to judge by these. */
const COMPARED: Readonly<Record<Size, number>> = { ci: 100, long: 1_000 };
const MOST_COMPARED: Readonly<Record<Size, number>> = { ci: 500, long: 1_500 };
const ACCOUNTS = 40;
const MOST_DIFFERENCE = 0.05;
/** Only a smaller difference ends the comparison early: many looks must not let one pass by chance. */
const CLEARLY_ALIKE = 0.04;
const GUESSES = 1_000;
const MOST_HASHES = 60;
/** Half of the guesses come from so few addresses, the other half from so many. */
const FEW_ADDRESSES = 16;
const MANY_ADDRESSES = 250;
const OWNER_MS = 3_000;
const CROWD = 500;
const HOME = "127.9.0.1";
const AWAY = "127.9.0.2";

const KINDS = ["unknown", "wrong", "suspended"] as const;
type Kind = typeof KINDS[number];

export const passwords: Goal = {
  id: "G17",
  title: "passwords",
  asked: `unknown name, wrong password, suspended account: the same bytes, medians of 100 within ` +
    `${
      MOST_DIFFERENCE * 100
    } %, each round of the three compared with itself; ${GUESSES} guesses from ${FEW_ADDRESSES} and from ` +
    `${MANY_ADDRESSES} addresses cost at most ${MOST_HASHES} hashes, and the owner gets in in ` +
    `${OWNER_MS} ms meanwhile; ${CROWD} clients come back by token without one hash`,
  async run(size: Size, { seed, directory, progress }: GoalContext): Promise<Verdict> {
    await using server = await ChildServer.start({
      directory,
      args: [
        ...["--loopback", "limited"],
        ...["requests_burst", "new_per_min_per_ip", "unauthenticated_per_ip", "connections_per_ip"]
          .flatMap((name) => ["--limit", `${name}=100000`]),
      ],
    });
    const descriptors = countDescriptors(server.pid);
    const findings = new Findings();
    const random = new Random(seed);
    await prepare(server, directory);
    progress("the accounts are there");
    const answers = await compare(server.address, { size, random });
    const medians = judge(answers, findings);
    progress("the answers are compared");
    const guessing = await guess(server, findings);
    progress("the guesses are made");
    const crowd = await comeBack(server, findings);
    findings.fault(...await findLeftovers(server, { descriptors }));
    return findings.verdict({
      reached: `medians ${medians.map((ms) => ms.toFixed(1)).join(", ")} ms; ${guessing.hashes} ` +
        `hashes for ${GUESSES} guesses; the owner in after ${guessing.away.toFixed(0)} and ` +
        `${guessing.home.toFixed(0)} ms; ${crowd.back} back with ${crowd.hashes} hashes`,
      counts: {
        compared: answers.length * KINDS.length,
        "hashes of guesses": guessing.hashes,
        back: crowd.back,
      },
    });
  },
};

function nameOf(kind: Kind, n: number): string {
  return `${kind}-${n % ACCOUNTS}`;
}

/** Addresses of this machine, each another one. */
function addressOf(network: number, n: number): string {
  return `127.${network}.${Math.floor(n / 250)}.${1 + n % 250}`;
}

async function prepare(server: ChildServer, directory: string): Promise<void> {
  using admin = await enterAsAdmin(server, directory);
  for (const kind of ["wrong", "suspended"] as const) {
    for (let n = 0; n < ACCOUNTS; n++) {
      await createAccount(admin, { server, name: nameOf(kind, n), from: addressOf(8, n) });
    }
  }
  await createAccount(admin, { server, name: "ann", from: HOME });
  for (let n = 0; n < ACCOUNTS; n++) await suspend(admin, nameOf("suspended", n));
}

type Answers = Readonly<Record<Kind, Answer>>;

/** Logs in one after the other, each from an address of its own, until the kinds are alike or were compared often. */
async function compare(
  server: Address,
  { size, random }: { size: Size; random: Random },
): Promise<readonly Answers[]> {
  const rounds: Answers[] = [];
  while (rounds.length < COMPARED[size] || !areClearlyAlike(rounds)) {
    if (rounds.length === MOST_COMPARED[size]) break;
    for (let n = 0; n < COMPARED.ci; n++) {
      rounds.push(await refuseEach(server, { n: rounds.length, random }));
    }
  }
  return rounds;
}

/** One login of each kind, in a random order. */
async function refuseEach(
  server: Address,
  { n, random }: { n: number; random: Random },
): Promise<Answers> {
  const answers: Partial<Record<Kind, Answer>> = {};
  for (const kind of inTurn(random.below(KINDS.length))) {
    const password = kind === "suspended" ? PASSWORD : "wrong horse battery";
    const auth = { method: "password", name: nameOf(kind, n), password };
    const from = addressOf(10 + KINDS.indexOf(kind), n);
    answers[kind] = await sayHello(server, { from, auth });
  }
  return answers as Answers;
}

function timesOf({ unknown, wrong, suspended }: Answers): Round<Kind> {
  return { unknown: unknown.ms, wrong: wrong.ms, suspended: suspended.ms };
}

function areClearlyAlike(rounds: readonly Answers[]): boolean {
  const found = excesses(KINDS, rounds.map(timesOf));
  return [...found.values()].every((excess) => excess <= CLEARLY_ALIKE);
}

/** All kinds, beginning with one of them. */
function inTurn(first: number): readonly Kind[] {
  return [...KINDS.slice(first), ...KINDS.slice(0, first)];
}

/** @returns the median of each kind, in milliseconds */
function judge(rounds: readonly Answers[], findings: Findings): readonly number[] {
  const all = rounds.flatMap((answers) => Object.values(answers));
  const different = new Set(all.map(({ bytes }) => bytes));
  findings.exactly("different answers", { is: different.size, asked: 1 });
  findings.exactly("other codes than auth_failed", {
    is: all.filter(({ code }) => code !== "auth_failed").length,
    asked: 0,
  });
  const times = rounds.map(timesOf);
  const medians = KINDS.map((kind) => medianOf(times.map((round) => round[kind])));
  const least = Math.min(...medians);
  for (const [kind, excess] of excesses(KINDS, times)) {
    findings.inTime(`median of ${kind}, by rounds`, {
      is: least * (1 + excess),
      asked: least * (1 + MOST_DIFFERENCE),
    });
  }
  return medians;
}

interface Guessing {
  readonly hashes: number;
  /** How long the owner waited, in milliseconds: at an address without a login before, and at the usual one. */
  readonly away: number;
  readonly home: number;
}

async function guess(server: ChildServer, findings: Findings): Promise<Guessing> {
  const owner = { method: "password", name: "ann", password: PASSWORD };
  const before = await hashesOf(server);
  const [, away] = await Promise.all([
    guessFrom(server, { network: 20, addresses: FEW_ADDRESSES }),
    comeIn(server.address, { from: AWAY, auth: owner }),
  ]);
  const [, home] = await Promise.all([
    guessFrom(server, { network: 21, addresses: MANY_ADDRESSES }),
    comeIn(server.address, { from: HOME, auth: owner }),
  ]);
  // The owner's own two are none of a guess.
  const hashes = await hashesOf(server) - before - 2;
  findings.atMost("hashes of guesses", { is: hashes, asked: MOST_HASHES });
  findings.inTime("owner at another address", { is: away, asked: OWNER_MS });
  findings.inTime("owner at their address", { is: home, asked: OWNER_MS });
  return { hashes, away, home };
}

async function guessFrom(
  server: ChildServer,
  { network, addresses }: { network: number; addresses: number },
): Promise<void> {
  const guesses = Array.from({ length: GUESSES / 2 }, (_, n) => n);
  await inParallel(20, guesses, async (n) => {
    const auth = { method: "password", name: "ann", password: `guess number ${network}-${n}` };
    const from = addressOf(network, n % addresses);
    const { code } = await sayHello(server.address, { from, auth });
    if (code === "welcome") throw new Error("A guess was right");
  });
}

async function comeBack(
  server: ChildServer,
  findings: Findings,
): Promise<{ back: number; hashes: number }> {
  const tokens: string[] = [];
  const crowd = Array.from({ length: CROWD }, (_, n) => n);
  await inParallel(20, crowd, async (n) => {
    const auth = { method: "guest", name: `guest-${n}` };
    const { frame } = await sayHello(server.address, { from: addressOf(30, n), auth });
    tokens.push(frame.token);
  });
  const before = await hashesOf(server);
  let back = 0;
  await inParallel(20, tokens, async (token) => {
    const from = addressOf(31, back);
    const { code } = await sayHello(server.address, { from, auth: { method: "token", token } });
    if (code === "welcome") back++;
  });
  const hashes = await hashesOf(server) - before;
  findings.exactly("back by token", { is: back, asked: CROWD });
  findings.exactly("hashes of tokens", { is: hashes, asked: 0 });
  return { back, hashes };
}

async function hashesOf(server: ChildServer): Promise<number> {
  return (await server.stats()).hashes ?? NaN;
}
