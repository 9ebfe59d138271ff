// Whether refused logins of several kinds take the same time. The kinds take turns, and each round is
// compared with itself: a machine that is slow for a while is slow for all kinds of the round.

/** A refused login of each kind, one after the other, in milliseconds. */
export type Round<Kind extends string> = Readonly<Record<Kind, number>>;

/** How much longer a kind takes than the quickest one, 0.05 for 5 %, as the median of all rounds. */
export function excesses<Kind extends string>(
  kinds: readonly Kind[],
  rounds: readonly Round<Kind>[],
): ReadonlyMap<Kind, number> {
  const worst = (kind: Kind) =>
    Math.max(
      ...kinds.map((other) => medianOf(rounds.map((round) => round[kind] / round[other])) - 1),
    );
  return new Map(kinds.map((kind) => [kind, worst(kind)]));
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
