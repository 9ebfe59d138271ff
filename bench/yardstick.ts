// The yardstick: a fixed piece of work that no change of this program makes faster or slower. It
// runs beside every measurement, so that figures of two machines, or of two moments of one machine,
// can be compared in yardsticks. It is an approximation: memory, disk and kernel differ between
// machines in other proportions.

const ROUNDS = 600;
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

const TEXT = JSON.stringify({
  name: "yardstick",
  numbers: Array.from({ length: 16 }, (_, n) => n * 7_919),
  words: Array.from({ length: 8 }, (_, n) => `word ${n} of a text that is read`),
});
const BYTES = new TextEncoder().encode(TEXT.repeat(8));

/**
 * Parses a text as JSON and hashes bytes (FNV-1a) repeatedly. It uses only whole numbers and one
 * kind of array, so that every process compiles it alike.
 *
 * @returns the hash, so that the work is not optimised away
 */
export function runYardstick(): number {
  let hash = OFFSET;
  for (let round = 0; round < ROUNDS; round++) {
    for (let text = 0; text < 4; text++) JSON.parse(TEXT);
    for (let at = 0; at < BYTES.length; at++) {
      hash = Math.imul(hash ^ (BYTES[at] ?? 0), PRIME);
    }
  }
  return hash >>> 0;
}
