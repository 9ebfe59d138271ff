// What may happen to an inquiry: the whole table, every action in every state by every kind of user.

import { assertEquals } from "@std/assert";
import {
  ACTIONS,
  ACTORS,
  type Transition,
  transition,
} from "../../../lib/store/desk/inquiry_states.ts";
import { INQUIRY_STATES } from "../../../lib/wire/event.ts";

/** The states before it, in the order of the columns. */
const STATES = ["open", "claimed", "pending", "resolved", "decided", "withdrawn", "expired"];

/**
 * The state after it; `=`: nothing changes; `!`: why it is refused, of `already_claimed` and
 * `already_decided` the end; `nobody`: forbidden in every state.
 */
const MATRIX = `
ask      asker   open       claimed    pending    open       decided    withdrawn  expired
ask      free    nobody
ask      holder  nobody
ask      rival   nobody
ask      bot     nobody
ask      other   nobody
respond  asker   nobody
respond  free    claimed    claimed    pending    resolved   decided    withdrawn  expired
respond  holder  claimed    claimed    pending    resolved   decided    withdrawn  expired
respond  rival   claimed    claimed    pending    resolved   decided    withdrawn  expired
respond  bot     open       !forbidden !forbidden resolved   decided    withdrawn  expired
respond  other   nobody
decide   asker   nobody
decide   free    decided    decided    decided    !bad_state !decided   !expired   !expired
decide   holder  decided    decided    decided    !bad_state !decided   !expired   !expired
decide   rival   decided    decided    decided    !bad_state !decided   !expired   !expired
decide   bot     nobody
decide   other   nobody
withdraw asker   withdrawn  withdrawn  withdrawn  !bad_state !decided   =          !expired
withdraw free    nobody
withdraw holder  nobody
withdraw rival   nobody
withdraw bot     nobody
withdraw other   nobody
expire   asker   expired    expired    expired    !bad_state !decided   !expired   =
expire   free    nobody
expire   holder  nobody
expire   rival   nobody
expire   bot     nobody
expire   other   nobody
see      asker   nobody
see      free    open       claimed    pending    resolved   decided    withdrawn  expired
see      holder  open       claimed    pending    resolved   decided    withdrawn  expired
see      rival   open       claimed    pending    resolved   decided    withdrawn  expired
see      bot     nobody
see      other   nobody
claim    asker   nobody
claim    free    claimed    claimed    pending    !bad_state !decided   !expired   !expired
claim    holder  claimed    =          =          !bad_state !decided   !expired   !expired
claim    rival   claimed    !claimed   !claimed   !bad_state !decided   !expired   !expired
claim    bot     nobody
claim    other   nobody
release  asker   nobody
release  free    =          =          =          !bad_state !decided   !expired   !expired
release  holder  =          open       pending    !bad_state !decided   !expired   !expired
release  rival   =          !claimed   !claimed   !bad_state !decided   !expired   !expired
release  bot     nobody
release  other   nobody
assign   asker   nobody
assign   free    claimed    claimed    pending    !bad_state !decided   !expired   !expired
assign   holder  claimed    claimed    pending    !bad_state !decided   !expired   !expired
assign   rival   claimed    claimed    pending    !bad_state !decided   !expired   !expired
assign   bot     nobody
assign   other   nobody
snooze   asker   nobody
snooze   free    open       claimed    pending    !bad_state !decided   !expired   !expired
snooze   holder  open       claimed    pending    !bad_state !decided   !expired   !expired
snooze   rival   open       claimed    pending    !bad_state !decided   !expired   !expired
snooze   bot     nobody
snooze   other   nobody
wake     asker   open       claimed    pending    !bad_state !decided   !expired   !expired
wake     free    nobody
wake     holder  nobody
wake     rival   nobody
wake     bot     nobody
wake     other   nobody
resolve  asker   nobody
resolve  free    resolved   resolved   !bad_state =          !decided   !expired   !expired
resolve  holder  resolved   resolved   !bad_state =          !decided   !expired   !expired
resolve  rival   resolved   resolved   !bad_state =          !decided   !expired   !expired
resolve  bot     nobody
resolve  other   nobody
reopen   asker   nobody
reopen   free    =          =          =          open       !decided   !expired   !expired
reopen   holder  =          =          =          open       !decided   !expired   !expired
reopen   rival   =          =          =          open       !decided   !expired   !expired
reopen   bot     nobody
reopen   other   nobody
alarm    asker   open       claimed    pending    !bad_state !decided   !expired   !expired
alarm    free    nobody
alarm    holder  nobody
alarm    rival   nobody
alarm    bot     nobody
alarm    other   nobody
`;

function describe(found: Transition): string {
  if ("to" in found) return found.to;
  return "isSame" in found ? "=" : `!${found.refused.replace("already_", "")}`;
}

Deno.test("inquiry states: every action in every state by every kind of user", () => {
  assertEquals([...INQUIRY_STATES], STATES);
  const lines = MATRIX.trim().split("\n");
  for (const line of lines) {
    const [name, by, ...cells] = line.split(/\s+/);
    const action = ACTIONS.find((one) => one === name);
    const actor = ACTORS.find((one) => one === by);
    if (action === undefined || actor === undefined) throw new Error(line);
    const found = INQUIRY_STATES.map((state) => describe(transition(action, { actor, state })));
    const expected = cells[0] === "nobody" ? STATES.map(() => "!forbidden") : cells;
    assertEquals(found, expected, `${action} by ${actor}`);
  }
  assertEquals(lines.length, ACTIONS.length * ACTORS.length);
});
