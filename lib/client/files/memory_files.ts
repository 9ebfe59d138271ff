// Texts that end with the process, in place of private files: the outbox of a server's console.

import type { HeldFile, TextStore } from "./text_store.ts";

export class MemoryFiles implements TextStore {
  readonly #texts = new Map<string, string>();
  readonly #held = new Set<string>();
  readonly #stores = new Map<string, MemoryFiles>();

  within(name: string): MemoryFiles {
    const store = this.#stores.get(name) ?? new MemoryFiles();
    this.#stores.set(name, store);
    return store;
  }

  pathOf(): string {
    return "memory";
  }

  find(name: string): Promise<string | undefined> {
    return Promise.resolve(this.#texts.get(name));
  }

  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.#texts.keys()].sort());
  }

  write(name: string, content: string | Uint8Array): Promise<void> {
    this.#texts.set(
      name,
      typeof content === "string" ? content : new TextDecoder().decode(content),
    );
    return Promise.resolve();
  }

  async writeHeld(name: string, content: string | Uint8Array): Promise<HeldFile> {
    await this.write(name, content);
    return this.#hold(name);
  }

  remove(name: string): Promise<void> {
    this.#texts.delete(name);
    return Promise.resolve();
  }

  tryHold(name: string): Promise<HeldFile | undefined> {
    const isFree = this.#texts.has(name) && !this.#held.has(name);
    return Promise.resolve(isFree ? this.#hold(name) : undefined);
  }

  #hold(name: string): HeldFile {
    this.#held.add(name);
    return { close: () => void this.#held.delete(name) };
  }
}
