// Completes a word to a person, the most recent speaker first, or to a room. Pure.

import type { Places } from "./places.ts";

interface CompletionFacts {
  readonly places: Places;
  readonly current: string | undefined;
  /** The person: nobody writes to themselves. */
  readonly user: number | undefined;
}

/** Commands whose first argument is a room, or a person. */
const OF_ROOMS = /^\/(?:join|j|room|win|window|say|leave|part|who|names|members)\s+\S*$/;
const OF_PEOPLE = /^\/(?:msg|query|add|whois|kick|mute|unmute|ban|ignore|unignore)\s+\S*$/;

/** What the last word of a line can become, the likeliest first. */
export function completeWord(line: string, facts: CompletionFacts): readonly string[] {
  const [word = ""] = /\S*$/.exec(line) ?? [];
  const isFirst = word.length === line.length;
  const people = () => speakers(facts);
  const rooms = () => facts.places.all.map(({ room }) => room).filter((room) => !/^\?/.test(room));
  if (OF_ROOMS.test(line)) return matching(word.replace(/^#/, ""), rooms()).map(withBlank);
  if (OF_PEOPLE.test(line)) return matching(word.replace(/^@/, ""), people()).map(withBlank);
  if (word === "") return [];
  if (word.startsWith("#")) {
    const named = rooms().filter((room) => !room.startsWith("@"));
    return matching(word.slice(1), named).map((room) => `#${room} `);
  }
  if (word.startsWith("@")) return matching(word.slice(1), people()).map((name) => `@${name} `);
  return matching(word, people()).map((name) => isFirst ? `${name}: ` : `${name} `);
}

/** The people who have written, those of this room first, the most recent first. */
function speakers({ places, current, user }: CompletionFacts): readonly string[] {
  const here = current === undefined ? undefined : places.find(current);
  const others = places.all.filter((place) => place !== here);
  const names = new Set<string>();
  for (const place of here === undefined ? others : [here, ...others]) {
    for (const { event } of place.lines.toReversed()) {
      if (event.user !== user) names.add(event.from);
    }
    if (place.room.startsWith("@")) names.add(place.room.slice(1));
  }
  return [...names];
}

function matching(begin: string, names: readonly string[]): readonly string[] {
  const wanted = begin.toLowerCase();
  return names.filter((name) => name.toLowerCase().startsWith(wanted));
}

function withBlank(name: string): string {
  return `${name} `;
}
