// Lines that begin with a slash, from one table that is parsed here, run, printed by /help and completed
// from. A line that looks like a command but is unknown is never sent as text. Knows no command.

import { closestString, levenshteinDistance } from "@std/text";
import { failure, type Line, notice } from "../../terminal/view_lines.ts";

/** One command of the table. `A` is what its argument means, `T` is what the command acts on. */
interface SlashRow<A, T> {
  /** Its arguments, as /help shows them: `ROOM`, `[COUNT]`; empty when it has none. */
  readonly usage: string;
  readonly description: string;
  /** Further lines of the help about this command alone. */
  readonly details?: readonly string[];
  /** Whether /help and completion show it to this person; to everybody when missing. */
  readonly isShown?: (target: T) => boolean;
  /** Whether secrets may stand in the line by mistake, so that no history keeps it. */
  readonly isSecret?: true;
  /** Other names for it. */
  readonly aliases?: readonly string[];
  /**
   * What the argument means; undefined when it does not fit the usage.
   * @throws {SlashError} with a better explanation than the usage
   */
  parse(argument: string): A | undefined;
  /** Must return at once. */
  run(argument: A, target: T): void;
}

/** A row whose argument only the row itself knows. */
// deno-lint-ignore no-explicit-any
type AnySlashRow<T> = SlashRow<any, T>;

/** A line that cannot be run; the message is for the person who typed it. */
export class SlashError extends Error {
  override readonly name = "SlashError";
}

/** Shows the output of /help and errors. */
export interface SlashTarget {
  show(lines: readonly Line[]): void;
}

/** A row with the types of its argument checked. */
export function row<A, T>(row: SlashRow<A, T>): AnySlashRow<T> {
  return row;
}

/** The `parse` of a command without arguments. */
export function noArgument(argument: string): true | undefined {
  return argument === "" ? true : undefined;
}

/** No nearest command is looked for with a longer word. */
const LONGEST_WORD = 32;
/** How many letters may be wrong in a word for the nearest command to be named. */
const MOST_WRONG = 2;

/** The columns of a usage in /help; a longer one moves its description. */
const USAGE_COLUMNS = 20;

/** A command as a line of /help. */
export function formatHelp(
  { usage, description }: Pick<AnySlashRow<never>, "usage" | "description">,
): string {
  return `${usage.padEnd(USAGE_COLUMNS)}  ${description}`;
}

export class SlashTable<T extends SlashTarget> {
  readonly #rows: ReadonlyMap<string, AnySlashRow<T>>;
  readonly #footer: readonly string[];

  /** `footer` are the last lines of /help. The table adds the row for /help itself. */
  constructor(rows: Readonly<Record<string, AnySlashRow<T>>>, footer: readonly string[] = []) {
    this.#footer = footer;
    const help = row<string, T>({
      usage: "[COMMAND]",
      description: "this list, or what one command does",
      aliases: ["?"],
      parse: (argument) => argument,
      run: (argument, target) => target.show(this.help(target, argument).map(notice)),
    });
    this.#rows = new Map([["help", help], ...Object.entries(rows)]);
  }

  /** Parses and runs a line that begins with a slash; shows what is wrong with it instead. */
  run(line: string, target: T): void {
    const [, word = "", argument = ""] = /^\/(\S*)\s*([^]*)$/.exec(line) ?? [];
    try {
      const [name, row] = this.#get(word, target);
      const parsed = row.parse(argument.trim());
      if (parsed === undefined) throw new SlashError(`Usage: ${this.usage(name)}`);
      row.run(parsed, target);
    } catch (error) {
      if (!(error instanceof SlashError)) throw error;
      target.show([failure(error.message)]);
    }
  }

  /** How a command is written: `/join ROOM`. */
  usage(name: string): string {
    return `/${name} ${this.#rows.get(name)?.usage ?? ""}`.trimEnd();
  }

  /**
   * The commands that are shown to this person, a line each; of one command its details, too.
   * @throws {SlashError} when there is no such command
   */
  help(target: T, argument = ""): readonly string[] {
    const word = argument.replace(/^\//, "");
    if (word === "") {
      const rows = this.#shownTo(target);
      const lines = rows.map(([name, { description }]) =>
        formatHelp({ usage: this.usage(name), description })
      );
      return [...lines, ...this.#footer];
    }
    const [name, { description, details = [], aliases = [] }] = this.#get(word, target);
    const others = aliases.map((alias) => `/${alias}`).join(", ");
    const also = others === "" ? "" : ` (also ${others})`;
    return [`${this.usage(name)}  ${description}${also}`, ...details];
  }

  /** All commands in the order of /help, as docs/client.md lists them. */
  get commands(): readonly Pick<AnySlashRow<T>, "usage" | "description" | "aliases">[] {
    return [...this.#rows].map(([name, { description, aliases = [] }]) => ({
      usage: this.usage(name),
      description,
      aliases: aliases.map((alias) => `/${alias}`),
    }));
  }

  /** The commands that a line's beginning may become. */
  complete(target: T, line: string): readonly string[] {
    return this.#shownTo(target).map(([name]) => `/${name} `).filter((c) => c.startsWith(line));
  }

  /** Whether a line may hold a secret behind its command, which may be misspelt. */
  isSecret(line: string): boolean {
    const [, word = ""] = /^\/(\S+)\s+\S/.exec(line) ?? [];
    const wanted = word.toLowerCase();
    const name = this.#rows.has(wanted) ? wanted : this.#findNearest(wanted);
    return name !== undefined && this.#rows.get(name)?.isSecret === true;
  }

  #shownTo(target: T): readonly (readonly [name: string, row: AnySlashRow<T>])[] {
    return [...this.#rows].filter(([, { isShown }]) => isShown === undefined || isShown(target));
  }

  /** @throws {SlashError} that names the nearest command which is shown to this person */
  #get(word: string, target: T): readonly [name: string, row: AnySlashRow<T>] {
    const wanted = word.toLowerCase();
    for (const [name, row] of this.#rows) {
      if (name === wanted || row.aliases?.includes(wanted)) return [name, row];
    }
    const near = this.#findNearest(wanted, this.#shownTo(target).map(([name]) => name));
    const hint = near === undefined ? "/help lists the commands" : `did you mean /${near}?`;
    throw new SlashError(
      `There is no command /${word}: ${hint} (to send it as text, begin with //)`,
    );
  }

  /** The command that the word begins, or one that differs from it in a letter or two. */
  #findNearest(
    word: string,
    names: readonly string[] = [...this.#rows.keys()],
  ): string | undefined {
    if (word === "" || word.length > LONGEST_WORD) return undefined;
    const begun = names.find((name) => name.startsWith(word) && word.length >= 2);
    if (begun !== undefined) return begun;
    const best = closestString(word, names);
    const most = Math.min(MOST_WRONG, best.length - 2);
    return levenshteinDistance(word, best) <= most ? best : undefined;
  }
}
