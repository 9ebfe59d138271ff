// The scenarios against the whole server: rooms, subscribers and senders.

export interface Scenario {
  readonly name: string;
  readonly rooms: number;
  /** Subscribers of each room. */
  readonly members: number;
  /** Senders among all clients, spread over the rooms. */
  readonly senders: number;
  /**
   * Messages a second of all rooms together; undefined is a flood: each sender keeps `window`
   * messages unacknowledged.
   */
  readonly messagesPerSecond?: number;
  readonly window: number;
}

/** Unacknowledged messages of a sender in a flood. */
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
