// Who is where and who speaks, in each run against the whole server.

export interface Scenario {
  readonly name: string;
  readonly rooms: number;
  /** How many hear each room. */
  readonly members: number;
  /** How many of all of them speak, spread over the rooms. */
  readonly senders: number;
  /**
   * A second, all rooms together; undefined is a flood: everybody says the next thing as soon as the
   * one before it by so many is acknowledged.
   */
  readonly messagesPerSecond?: number;
  readonly window: number;
}

/** What a sender has on its way in a flood. */
const WINDOW = 16;

export const SCENARIOS: readonly Scenario[] = [
  { name: "S1", rooms: 1, members: 100, senders: 10, window: WINDOW },
  { name: "S2", rooms: 1, members: 1_000, senders: 10, window: WINDOW },
  { name: "S3", rooms: 100, members: 10, senders: 100, window: WINDOW },
  {
    name: "trickle",
    rooms: 1,
    members: 100,
    senders: 10,
    messagesPerSecond: 500,
    window: Infinity,
  },
];

/** For people: `1 room x 100, 10 send`. */
export function describeScenario(scenario: Scenario): string {
  const { rooms, members, senders, messagesPerSecond } = scenario;
  const rate = messagesPerSecond === undefined ? "" : ` ${messagesPerSecond}/s`;
  return `${rooms} ${rooms === 1 ? "room" : "rooms"} x ${members}, ${senders} send${rate}`;
}
