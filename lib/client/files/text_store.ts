// The port to small texts that are kept by name: private files, or a console's memory.

/** A file that this process holds; no other process gets it until it is closed. */
export interface HeldFile {
  close(): void;
}

/** Small texts by name. */
export interface TextStore {
  /** The store of that name inside this one. */
  within(name: string): TextStore;
  /** Where a text of that name is, or would be, for a person. */
  pathOf(name: string): string;
  find(name: string): Promise<string | undefined>;
  names(): Promise<readonly string[]>;
  write(name: string, content: string | Uint8Array): Promise<void>;
  writeHeld(name: string, content: string | Uint8Array): Promise<HeldFile>;
  remove(name: string): Promise<void>;
  /** Undefined when it is gone or held. */
  tryHold(name: string): Promise<HeldFile | undefined>;
}

/** Keeps a text that cannot be sent. @returns its path */
export async function keepText(
  unsent: TextStore,
  { name, content }: { readonly name: string; readonly content: string | Uint8Array },
): Promise<string> {
  const file = `${encodeURIComponent(name)}.txt`;
  await unsent.write(file, content);
  return unsent.pathOf(file);
}
