// Reads what a person types to search: words, "phrases", -words that must be missing, and filters. A filter
// that is not well formed is text. Pure.

/** What is typed, in its parts. Times are UTC milliseconds. */
export interface ParsedSearch {
  /** Words and phrases that must be in a message, and those that must not be. */
  readonly all: readonly string[];
  readonly none: readonly string[];
  readonly from?: string;
  readonly room?: string;
  readonly before?: number;
  readonly after?: number;
  readonly mentionsMe?: boolean;
}

/** More terms than a person types. */
const MOST_TERMS = 16;
const TERM = /(-?)(?:"([^"]*)"|(\S+))/gu;
const FILTER = /^(from|in|before|after|mentions):(.+)$/u;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

export function parseSearch(query: string): ParsedSearch {
  const all: string[] = [];
  const none: string[] = [];
  let filters: Omit<ParsedSearch, "all" | "none"> = {};
  for (const [, minus = "", phrase, word = ""] of query.matchAll(TERM)) {
    const filter = phrase === undefined && minus === "" ? parseFilter(word) : undefined;
    if (filter !== undefined) filters = { ...filters, ...filter };
    else if (all.length + none.length < MOST_TERMS) {
      // A minus alone is a dash.
      const term = phrase ?? word;
      if (minus === "-" && term !== "") none.push(term);
      else if (term !== "") all.push(term);
    }
  }
  return { all, none, ...filters };
}

function parseFilter(word: string): Omit<ParsedSearch, "all" | "none"> | undefined {
  const [, name, value = ""] = FILTER.exec(word) ?? [];
  switch (name) {
    case "from":
      return { from: value.replace(/^@/, "") };
    case "in":
      return { room: value.replace(/^#/, "") };
    case "mentions":
      return value === "me" ? { mentionsMe: true } : undefined;
    case "before":
    case "after": {
      const time = DAY.test(value) ? Date.parse(value) : NaN;
      return Number.isNaN(time) ? undefined : { [name]: time };
    }
  }
  return undefined;
}
