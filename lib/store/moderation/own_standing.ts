// What a member is to their room, in SQL.

import { optionalInteger } from "../column_readers.ts";
import type { Row } from "../sql.ts";
import type { Standing } from "../../wire/frames/moderation.ts";
import { knownStanding } from "./sanctions.ts";

/** What `ownStandingOf` reads, of what `WITH_STANDING` joins. */
export const OWN_STANDING = "s.standing, s.ends";

/** Joins what was decided of the member, if anything was, to a table Members called m. */
export const WITH_STANDING =
  "LEFT JOIN Standings s ON s.room_id = m.room_id AND s.user_id = m.user_id";

/** What was decided of the member and holds now; who has created the room owns it otherwise. */
export function ownStandingOf(
  row: Row,
  { isOwner, now }: { isOwner: boolean; now: number },
): Standing {
  if (row.standing === null) return isOwner ? "owner" : "member";
  const ends = optionalInteger(row, "ends");
  return ends === undefined || ends > now ? knownStanding(row) : "member";
}
