// The shapes of the frames about accounts.

import { ACCOUNT_STATES, type AccountSummary, type PeopleFrames } from "../frames/people.ts";
import { ROLES } from "../frames/roles.ts";
import {
  isBoolean,
  isCount,
  isText,
  isTrue,
  listOf,
  oneOf,
  optional,
  type Shape,
  shaped,
  type ShapesOf,
} from "../shape.ts";

const isRole = oneOf(...ROLES);

const ACCOUNT: Shape<AccountSummary> = {
  user: isCount,
  name: isText,
  role: isRole,
  bot: optional(isTrue),
  state: oneOf(...ACCOUNT_STATES),
  password: isBoolean,
  created: isCount,
};

export const PEOPLE_SHAPES: ShapesOf<PeopleFrames> = {
  account: ACCOUNT,
  accounts: { accounts: listOf(shaped(ACCOUNT)), more: isBoolean },
  whois: {
    user: isCount,
    name: isText,
    role: isRole,
    bot: optional(isTrue),
    since: optional(isCount),
    here: isBoolean,
    rooms: listOf(isText),
  },
};
