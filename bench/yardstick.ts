// The yardstick: a fixed piece of work that no change of this program makes faster or slower. It is
// run beside everything that is measured, so that figures of two machines, or of one machine on a
// good and a bad moment, can be compared: by how many yardsticks a thing costs. It is an
// approximation: memory, disk and kernel differ between machines in other proportions than this does.

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
 * Reads a text as JSON and hashes bytes (FNV-1a), again and again. Nothing in it leaves the compiler
 * a choice: whole numbers, one kind of array, so that it is compiled alike in every process.
 *
 * @returns the hash, so that it is made
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
