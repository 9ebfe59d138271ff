// What may happen to an inquiry: each action, in each state, by each kind of user. Only this table decides
// it. Pure.

import type { InquiryState } from "../../wire/event.ts";

/**
 * `ask`: the asker writes. `wake`: the time of a snooze is over; `expire`: that of a question is. `alarm`: it has
 * waited too long. `see`: an
 * operator was shown the inquiry. The others are requests of these names.
 */
export const ACTIONS = [
  "ask",
  "respond",
  "decide",
  "withdraw",
  "expire",
  "see",
  "claim",
  "release",
  "assign",
  "snooze",
  "wake",
  "resolve",
  "reopen",
  "alarm",
] as const;
export type InquiryAction = typeof ACTIONS[number];

/**
 * Who acts: the asker, in whose name the clock acts, too; an operator who works on it (`holder`), while
 * another one does (`rival`), or while nobody does (`free`); a program; or another user.
 */
export const ACTORS = ["asker", "free", "holder", "rival", "bot", "other"] as const;
export type Actor = typeof ACTORS[number];

type RefusalCode = "forbidden" | "bad_state" | "already_claimed" | "already_decided" | "expired";

/** The state after it, or that it changes nothing, or why it is refused. */
export type Transition =
  | { readonly to: InquiryState }
  | { readonly isSame: true }
  | { readonly refused: RefusalCode };

type Row = Readonly<Record<InquiryState, Transition>>;

const to = (state: InquiryState): Transition => ({ to: state });
const no = (refused: RefusalCode): Transition => ({ refused });
const SAME: Transition = { isSame: true };

/** A question that has ended stays as it is. */
const ENDED = {
  decided: no("already_decided"),
  withdrawn: no("expired"),
  expired: no("expired"),
} as const;

/** It changes nothing about the state. */
const KEPT: Row = {
  open: to("open"),
  claimed: to("claimed"),
  pending: to("pending"),
  resolved: to("resolved"),
  decided: to("decided"),
  withdrawn: to("withdrawn"),
  expired: to("expired"),
};

/** While it is worked on. */
function whileOpen(
  { open, claimed, pending }: Pick<Row, "open" | "claimed" | "pending">,
  { resolved = no("bad_state") }: { resolved?: Transition } = {},
): Row {
  return { open, claimed, pending, resolved, ...ENDED };
}

function always(transition: Transition): Row {
  return whileOpen({ open: transition, claimed: transition, pending: transition });
}

const CLAIMED = { open: to("claimed"), claimed: to("claimed"), pending: to("pending") };
const DECIDED = always(to("decided"));
const SNOOZED = whileOpen(KEPT);
const RESOLVED = whileOpen(
  { open: to("resolved"), claimed: to("resolved"), pending: no("bad_state") },
  { resolved: SAME },
);
const REOPENED = whileOpen(
  { open: SAME, claimed: SAME, pending: SAME },
  { resolved: to("open") },
);

/** The rows of operators that are the same for all of them. */
function byOperators(row: Row): Partial<Record<Actor, Row>> {
  return { free: row, holder: row, rival: row };
}

/** Who is not named may not. */
const TABLE: Readonly<Record<InquiryAction, Partial<Record<Actor, Row>>>> = {
  // By writing the asker reopens a resolved one; what has ended takes further messages and stays ended.
  ask: { asker: { ...KEPT, resolved: to("open") } },
  respond: {
    ...byOperators({ ...KEPT, open: to("claimed") }),
    bot: { ...KEPT, claimed: no("forbidden"), pending: no("forbidden") },
  },
  // How many operators must choose the same is in question_rules.ts: until then it is pending.
  decide: byOperators(DECIDED),
  withdraw: { asker: { ...always(to("withdrawn")), withdrawn: SAME } },
  expire: { asker: { ...always(to("expired")), expired: SAME } },
  see: byOperators(KEPT),
  claim: {
    free: whileOpen(CLAIMED),
    holder: whileOpen({ ...CLAIMED, claimed: SAME, pending: SAME }),
    rival: whileOpen({
      ...CLAIMED,
      claimed: no("already_claimed"),
      pending: no("already_claimed"),
    }),
  },
  release: {
    free: whileOpen({ open: SAME, claimed: SAME, pending: SAME }),
    holder: whileOpen({ open: SAME, claimed: to("open"), pending: to("pending") }),
    rival: whileOpen({
      open: SAME,
      claimed: no("already_claimed"),
      pending: no("already_claimed"),
    }),
  },
  assign: byOperators(whileOpen(CLAIMED)),
  snooze: byOperators(SNOOZED),
  wake: { asker: SNOOZED },
  resolve: byOperators(RESOLVED),
  reopen: byOperators(REOPENED),
  alarm: { asker: SNOOZED },
};

const FORBIDDEN = no("forbidden");

/** What this action of this user does to an inquiry in this state. */
export function transition(
  action: InquiryAction,
  { actor, state }: { readonly actor: Actor; readonly state: InquiryState },
): Transition {
  return TABLE[action][actor]?.[state] ?? FORBIDDEN;
}
