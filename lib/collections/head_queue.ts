// A first-in, first-out queue for the hot path. Array.shift moves every item that stays; here the front
// is an index, and the array is cut in larger steps. Items that were taken are not kept alive.

/** The array is cut when at least so many items, and half of all, have been taken. */
const LEAST_CUT = 64;

export class HeadQueue<T> implements Iterable<T> {
  #items: (T | undefined)[] = [];
  /** The index of the front: the items before it are taken. */
  #head = 0;

  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item at the front, which stays; undefined when the queue is empty. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the item at the front; undefined when the queue is empty. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head === this.#items.length) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items.length = this.#head = 0;
    } else if (this.#head >= LEAST_CUT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The items from the front on. The queue must not change meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at] as T;
  }
}
