// The row above the line: where something is new, who the person is, and how long the server takes
// to reply. Pure.

import type { Row, Span } from "../../terminal/layout.ts";
import { formatRoom } from "../../terminal/view_lines.ts";
import { formatNews, formatPerson, formatWaiting, type RoomNews } from "../status/line_status.ts";

export interface StatusFacts {
  /** By number. */
  readonly places: readonly RoomNews[];
  /** How many inquiries wait for an answer, for an operator. */
  readonly waiting: number;
  readonly name: string;
  /** `chat.example:65433` */
  readonly server: string;
  readonly isOnline: boolean;
  /** How long the last reply took, or has taken so far. */
  readonly lagMs: number | undefined;
}

/** `[2:ops 14] [3:@bob 2!] [?:desk 3]  ada@chat · lag 0.1 s` */
export function layOutStatus(facts: StatusFacts): Row {
  const { places, waiting, name, server, isOnline, lagMs } = facts;
  const news = places.filter(({ unread }) => unread > 0);
  const spans: Span[] = news.map((place) => ({
    text: `${formatNews(place)} `,
    style: place.calls > 0 ? "bold" : "dim",
  }));
  if (waiting > 0) spans.push({ text: `${formatWaiting(waiting)} `, style: "bold" });
  if (spans.length > 0) spans.push({ text: " ", style: "plain" });
  const lag = !isOnline
    ? "offline"
    : lagMs === undefined
    ? ""
    : `lag ${(lagMs / 1_000).toFixed(1)} s`;
  const person = [formatPerson({ name, server }), lag].filter((text) => text !== "").join(" · ");
  return [...spans, { text: person, style: "dim" }];
}

/** `(2!) #ops · Parley`: how many messages are for the person, and where they are. */
export function layOutTitle(
  { places, current }: {
    readonly places: readonly RoomNews[];
    readonly current: string | undefined;
  },
): string {
  const calls = places.reduce((sum, place) => sum + place.calls, 0);
  const room = current === undefined ? "" : `${formatRoom(current)} · `;
  return `${calls === 0 ? "" : `(${calls}!) `}${room}Parley`;
}
