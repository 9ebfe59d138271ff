// Detects that a file of an open SQLite database was deleted, replaced or overwritten: later writes would
// go into a file without a name, or into a file that does not fit. Opens nothing: closing a descriptor
// would drop SQLite's locks.

import { SqlError } from "../sql.ts";

/** Between two checks. */
const LOOK_MS = 500;
const SUFFIXES = ["", "-wal", "-shm"] as const;

type Suffix = (typeof SUFFIXES)[number];

export interface FileLoss {
  /** Which file: the database has none. */
  readonly suffix: Suffix;
  /** What a person must know. */
  readonly why: string;
}

interface WatchOptions {
  /** What the database's file holds; read when another program has changed the file. */
  readonly content: { fitsLog(): boolean };
  /** Called once. */
  readonly onLoss: (loss: FileLoss) => void;
  /** Called when the database's file gets a second name. */
  readonly onSecondName: (why: string) => void;
}

/** Another program may be copying the log just now: so many checks in a row decide. */
const DOUBTS = 3;

export class FileWatch implements Disposable {
  readonly #path: string;
  readonly #options: WatchOptions;
  readonly #identities: ReadonlyMap<Suffix, string | undefined>;
  readonly #timer: ReturnType<typeof setInterval>;
  #failure: SqlError | undefined;
  /** The state of the database's file when it was last known to be ours. */
  #state: string | undefined;
  /** Checks in a row in which the content did not fit. */
  #doubts = 0;
  /** Copies of the log that are under way. */
  #copying = 0;
  #names: number;

  /** @param path of a database that a connection has open */
  constructor(path: string, options: WatchOptions) {
    this.#path = path;
    this.#options = options;
    this.#identities = new Map(SUFFIXES.map((suffix) => [suffix, identify(path + suffix)]));
    this.#state = stateOf(path);
    this.#names = namesOf(path);
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** @throws {SqlError} lost, once a file is not there any more, and until a new start */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether the database's file may hold something else: the log must not be copied into it. */
  get isInDoubt(): boolean {
    return this.#doubts > 0;
  }

  /** Copies the log into the file, which this changes. @throws {SqlError} lost, if it is not ours */
  async whileCopying<T>(copy: () => Promise<T>): Promise<T> {
    if (this.#copying === 0) this.look();
    this.check();
    if (this.isInDoubt) throw new SqlError("lost", "SQLite: the file may not be ours", 0);
    this.#copying++;
    try {
      return await copy();
    } finally {
      this.#copying--;
      this.#state = stateOf(this.#path);
    }
  }

  /** Checks the files now. */
  look(): void {
    if (this.#failure !== undefined) return;
    for (const [suffix, identity] of this.#identities) {
      const now = identify(this.#path + suffix);
      if (now === identity || now === UNKNOWN) continue;
      return this.#lose(suffix, now === undefined ? "deleted" : "replaced");
    }
    this.#lookAtNames();
    if (this.#copying === 0) this.#lookAtContent();
  }

  #lookAtContent(): void {
    const state = stateOf(this.#path);
    if (state === this.#state && this.#doubts === 0) return;
    if (this.#options.content.fitsLog()) {
      this.#state = state;
      this.#doubts = 0;
    } else if (++this.#doubts === DOUBTS) {
      this.#lose("", "overwritten");
    }
  }

  #lookAtNames(): void {
    const names = namesOf(this.#path);
    if (names > 1 && this.#names <= 1) this.#options.onSecondName(secondName(this.#path));
    this.#names = names;
  }

  #lose(suffix: Suffix, what: "deleted" | "replaced" | "overwritten"): void {
    const why = `"${this.#path}${suffix}" was ${what} while the server had it open; nothing more ` +
      "is stored: stop the server, put the file back or restore a backup, and start it again";
    this.#failure = new SqlError("lost", `SQLite: ${why}`, 0, { isPersistent: true });
    this.#options.onLoss({ suffix, why });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The folder cannot be read, so the identity of the file is not known. */
const UNKNOWN = "unknown";

/** Device and number of what has this name; undefined when nothing has it. */
function identify(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.lstatSync(path);
    return `${dev}:${ino}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return UNKNOWN;
  }
}

/** What every write to the file changes. */
function stateOf(path: string): string | undefined {
  const info = lookUp(path);
  return info === undefined ? undefined : `${info.size} ${info.mtime?.getTime()}`;
}

/** How many names the file has. */
function namesOf(path: string): number {
  return lookUp(path)?.nlink ?? 1;
}

function lookUp(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

/** Why no file may have a second name. */
export function secondName(path: string): string {
  return `"${path}" has a second name (a hard link): who opens it by that one does not see its log, ` +
    "and can spoil it. Remove the other name, or use a copy";
}
