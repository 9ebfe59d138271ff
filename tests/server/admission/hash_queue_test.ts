import { assertEquals, assertRejects } from "@std/assert";
import { HashQueue } from "../../../lib/server/admission/hash_queue.ts";
import { ChatError } from "../../../lib/wire/errors.ts";

/** A queue whose hashes end when the test says so. */
class Scene {
  readonly queue = new HashQueue();
  /** The names of the hashes that have begun, in order. */
  readonly begun: string[] = [];
  readonly #ends = new Map<string, PromiseWithResolvers<string>>();

  /** Asks for a hash; its name is the address and a number. */
  ask(address: string, name: string): Promise<string> {
    const end = Promise.withResolvers<string>();
    this.#ends.set(name, end);
    return this.queue.run(address, () => {
      this.begun.push(name);
      return end.promise;
    });
  }

  async end(name: string, error?: Error): Promise<void> {
    const end = this.#ends.get(name);
    if (error === undefined) end?.resolve(name);
    else end?.reject(error);
    // The next one begins when the ended one was left.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

Deno.test("hash queue: two run at once, each of the others when one has ended", async () => {
  const scene = new Scene();
  const results = ["a", "b", "c", "d"].map((name) => scene.ask(name, name));
  assertEquals(scene.begun, ["a", "b"]);
  await scene.end("b");
  assertEquals(scene.begun, ["a", "b", "c"]);
  await scene.end("a");
  await scene.end("c");
  await scene.end("d");
  assertEquals(await Promise.all(results), ["a", "b", "c", "d"]);
  assertEquals(scene.queue.hashes, 4);
});

Deno.test("hash queue: addresses take turns, so that one with many waits does not delay the others", async () => {
  const scene = new Scene();
  const many = ["m1", "m2", "m3", "m4", "m5"];
  for (const name of many) void scene.ask("192.0.2.1", name);
  void scene.ask("192.0.2.2", "one");
  void scene.ask("192.0.2.3", "other");
  for (const name of ["m1", "m2", "m3", "one", "other", "m4", "m5"]) await scene.end(name);
  assertEquals(scene.begun, ["m1", "m2", "m3", "one", "other", "m4", "m5"]);
});

Deno.test("hash queue: a 33rd that would have to wait is busy, and hashes nothing", async () => {
  const scene = new Scene();
  for (let n = 0; n < 34; n++) void scene.ask(`192.0.2.${n}`, `${n}`);
  const refusal = await assertRejects(() => scene.ask("198.51.100.1", "late"), ChatError);
  assertEquals([refusal.code, refusal.details.retry, refusal.details.afterMs], [
    "busy",
    true,
    1_000,
  ]);
  await scene.end("0");
  void scene.ask("198.51.100.1", "later");
  for (let n = 1; n < 34; n++) await scene.end(`${n}`);
  await scene.end("later");
  assertEquals(scene.queue.hashes, 35);
  assertEquals(scene.begun.includes("late"), false);
  assertEquals(scene.begun.at(-1), "later");
});

Deno.test("hash queue: a hash that fails gives its place back, and its caller the error", async () => {
  const scene = new Scene();
  const fails = scene.ask("a", "a");
  void scene.ask("b", "b");
  const waits = scene.ask("c", "c");
  const rejected = assertRejects(() => fails, Error, "no memory");
  await scene.end("a", new Error("no memory"));
  await rejected;
  await scene.end("c");
  assertEquals(await waits, "c");
  await scene.end("b");
});
