// Lines that begin with a slash, from one table that is parsed here, printed by /help and completed
// from. What looks like a command but is none is never taken for text. Pure; knows no command.

/** One command: what it takes and says, and what its argument means. */
export interface SlashCommand<Intent> {
  /** Its arguments, as /help shows them. */
  readonly takes: string;
  readonly says: string;
  /** Other names for it. */
  readonly also?: readonly string[];
  parse(argument: string): Intent;
}

/** What a line that begins with a slash comes to. */
export type Parsed<Intent> =
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "unknown"; readonly message: string };

export class SlashCommands<Intent> {
  readonly #table: ReadonlyMap<string, SlashCommand<Intent>>;

  constructor(table: Readonly<Record<string, SlashCommand<Intent>>>) {
    this.#table = new Map(Object.entries(table));
  }

  /** The names of all commands, as typed after the slash. */
  get names(): readonly string[] {
    return [...this.#table.keys()];
  }

  /** The intent of a line that begins with a slash, or that there is no such command. */
  parse(line: string): Parsed<Intent> {
    const [, word = "", argument = ""] = /^\/(\S*)\s*([^]*)$/.exec(line) ?? [];
    const found = this.#find(word.toLowerCase());
    if (found === undefined) return { kind: "unknown", message: this.describeUnknown(word) };
    return { kind: "intent", intent: found.command.parse(argument.trim()) };
  }

  /** How a command is written: `/join ROOM`. */
  usage(name: string): string {
    return `/${name} ${this.#table.get(name)?.takes ?? ""}`.trimEnd();
  }

  /** All commands, a line each; of one command its other names, too. Undefined when there is none. */
  help(argument: string): readonly string[] | undefined {
    const word = argument.replace(/^\//, "").toLowerCase();
    if (word === "") {
      const width = Math.max(...this.names.map((name) => this.usage(name).length));
      return [...this.#table].map(([name, { says }]) =>
        `${this.usage(name).padEnd(width)}  ${says}`
      );
    }
    const found = this.#find(word);
    if (found === undefined) return undefined;
    const { says, also = [] } = found.command;
    const others = also.length === 0 ? "" : ` (also ${also.map((name) => `/${name}`).join(", ")})`;
    return [`${this.usage(found.name)}  ${says}${others}`];
  }

  /** That there is no such command, with the one that was most likely meant. */
  describeUnknown(word: string): string {
    const near = this.#nearest(word.toLowerCase());
    const hint = near === undefined ? "/help lists the commands" : `did you mean /${near}?`;
    return `There is no command /${word}: ${hint}`;
  }

  #find(word: string): { name: string; command: SlashCommand<Intent> } | undefined {
    for (const [name, command] of this.#table) {
      if (name === word || command.also?.includes(word)) return { name, command };
    }
    return undefined;
  }

  /** Begun by the word, or at most two slips away from it. */
  #nearest(word: string): string | undefined {
    if (word === "") return undefined;
    const begun = this.names.find((name) => name.startsWith(word) && word.length >= 2);
    if (begun !== undefined) return begun;
    const slips = this.names.map((name) => ({ name, count: editDistance(word, name) }));
    const best = slips.reduce((a, b) => b.count < a.count ? b : a);
    return best.count <= Math.min(2, best.name.length - 2) ? best.name : undefined;
  }
}

/** How many letters to add, drop, change or swap (Damerau, optimal string alignment). */
export function editDistance(from: string, to: string): number {
  if (from.length > 2 * to.length + 2) return from.length;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = from[i - 1] === to[j - 1] ? 0 : 1;
      let best = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + changed,
      );
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (i > 1 && j > 1 && swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[to.length] ?? 0;
}
