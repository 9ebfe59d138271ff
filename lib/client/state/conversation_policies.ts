// What differs between a conversation for a person and one for a log: which rooms are followed, what
// is shown, and what becomes of a gap. Data only.

import { catchUp, type LogStep, openLog, type RoomLog } from "./room_log.ts";

export interface ConversationPolicy {
  /** What becomes of a room after a gap that the server does not replay. */
  readonly fillGap: (log: RoomLog, last: number) => LogStep;
  /** The end of the sentence about such a gap. */
  readonly gapHint: string;
  /** Whether rooms are followed that the person joins or leaves in another terminal. */
  readonly followsMemberships: boolean;
  /** Whether a room is followed once a message comes from it, or a question is stored in it. */
  readonly followsNewRooms: boolean;
  /** Rooms that are followed whether the person is a member or not, and after leaving them. */
  readonly alwaysFollows: readonly string[];
  /** Whether each room has a place of its own: what is written elsewhere is counted, not shown. */
  readonly hasPlaces: boolean;
  /** Whether other people's joins and leaves are shown. */
  readonly showsPresence: boolean;
  /** Whether an operator is shown the inquiries as they come. */
  readonly showsInquiries: boolean;
  /** Whether the conversation is over when a room can no longer be read. */
  readonly endsWithRoom: boolean;
}

/** For a person: after a long gap the newest messages count. */
export const TALK: ConversationPolicy = {
  fillGap: openLog,
  gapHint: "the newest follow, /history shows older ones",
  followsMemberships: true,
  followsNewRooms: true,
  alwaysFollows: [],
  hasPlaces: true,
  showsPresence: true,
  showsInquiries: true,
  endsWithRoom: false,
};

/** For a log: every message of the rooms that were named, and nothing else. */
export const FOLLOW: ConversationPolicy = {
  fillGap: catchUp,
  gapHint: "reading them page by page",
  followsMemberships: false,
  followsNewRooms: false,
  alwaysFollows: [],
  hasPlaces: false,
  showsPresence: false,
  showsInquiries: false,
  endsWithRoom: true,
};
