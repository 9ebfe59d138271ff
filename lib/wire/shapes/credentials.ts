// The shapes of the frames about tokens and codes.

import {
  CODE_KINDS,
  type CodeSummary,
  type CredentialFrames,
  type TokenSummary,
} from "../frames/credentials.ts";
import { ROLES } from "../frames/roles.ts";
import {
  type Check,
  isBoolean,
  isCount,
  isText,
  isTrue,
  listOf,
  oneOf,
  optional,
  shaped,
  type ShapesOf,
} from "../shape.ts";

const isKind = oneOf(...CODE_KINDS);
const isRole = oneOf(...ROLES);

const isToken: Check<TokenSummary> = shaped({
  token: isCount,
  label: isText,
  client: isText,
  created: isCount,
  used: isCount,
  here: isBoolean,
  own: optional(isTrue),
  expires: optional(isCount),
  scopes: optional(listOf(isText)),
});

const isCode: Check<CodeSummary> = shaped({
  id: isCount,
  kind: isKind,
  from: isText,
  user: optional(isText),
  role: optional(isRole),
  rooms: optional(listOf(isText)),
  uses: isCount,
  created: isCount,
  expires: isCount,
});

export const CREDENTIAL_SHAPES: ShapesOf<CredentialFrames> = {
  tokens: { tokens: listOf(isToken), more: isBoolean },
  token: { id: isCount, token: isText },
  code: {
    code: optional(isText),
    id: optional(isCount),
    kind: isKind,
    from: optional(isText),
    server: optional(isText),
    user: optional(isText),
    role: optional(isRole),
    rooms: optional(listOf(isText)),
    uses: isCount,
    expires: isCount,
    join: optional(isText),
  },
  codes: { codes: listOf(isCode), more: isBoolean },
};
