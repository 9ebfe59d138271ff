// Notices that a file of an open SQLite database was deleted or replaced: what is written from then on
// is in a file without a name. Looks at names only, as a descriptor would drop SQLite's locks.

import { SqlError } from "../sql.ts";

/** Between two looks. */
const LOOK_MS = 500;
const SUFFIXES = ["", "-wal", "-shm"] as const;

type Suffix = (typeof SUFFIXES)[number];

export interface FileLoss {
  /** Which file: the database has none. */
  readonly suffix: Suffix;
  /** What a person must know. */
  readonly why: string;
}

export interface WatchOptions {
  /** Called once. */
  readonly onLoss: (loss: FileLoss) => void;
}

export class FileWatch implements Disposable {
  readonly #path: string;
  readonly #options: WatchOptions;
  readonly #identities: ReadonlyMap<Suffix, string | undefined>;
  readonly #timer: ReturnType<typeof setInterval>;
  #failure: SqlError | undefined;

  /** @param path of a database that a connection has open */
  constructor(path: string, options: WatchOptions) {
    this.#path = path;
    this.#options = options;
    this.#identities = new Map(SUFFIXES.map((suffix) => [suffix, identify(path + suffix)]));
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** @throws {SqlError} lost, once a file is not there any more, and until a new start */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Looks now. */
  look(): void {
    if (this.#failure !== undefined) return;
    for (const [suffix, identity] of this.#identities) {
      const now = identify(this.#path + suffix);
      if (now === identity || now === UNKNOWN) continue;
      const what = now === undefined ? "deleted" : "replaced";
      const why =
        `"${this.#path}${suffix}" was ${what} while the server had it open; nothing more ` +
        "is stored: stop the server, put the file back or restore a backup, and start it again";
      this.#failure = new SqlError("lost", `SQLite: ${why}`, 0, { isLasting: true });
      return this.#options.onLoss({ suffix, why });
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** A folder that may not be looked into says nothing of the files in it. */
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
