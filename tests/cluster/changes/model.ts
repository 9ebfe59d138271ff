// What is true of a room in which messages are changed, as the rules have it: the reference that servers and
// stores are compared with.

/** A request of a user, and the words by which its text is found. */
export interface Act {
  readonly type: "message" | "edit" | "delete";
  readonly user: string;
  readonly content?: string;
  /** Of a message: what it replies to. Of the others: what they change. */
  readonly target?: number;
  readonly cid?: string;
}

/** An event as a page shows it. */
export interface ShownEvent {
  readonly type: Act["type"];
  readonly seq: number;
  readonly from: string;
  readonly content?: string;
  readonly to?: number;
  readonly of?: number;
  readonly edited?: number;
  readonly deleted?: number;
}

interface StoredAct extends Act {
  readonly seq: number;
  text: string | undefined;
  edited?: number;
  deleted?: number;
  /** Whom it has named, by itself or by an edit. */
  readonly named: Set<string>;
}

const NAMED = /@([a-z]+)/g;

export class ChangesModel {
  readonly #log: StoredAct[] = [];
  readonly #members: readonly string[];
  readonly #moderator: string;
  readonly #read = new Map<string, number>();
  readonly #mentions = new Map<string, number[]>();
  /** Texts that are nowhere any more. */
  readonly gone = new Set<string>();

  constructor(options: { members: readonly string[]; moderator: string }) {
    this.#members = options.members;
    this.#moderator = options.moderator;
  }

  get last(): number {
    return this.#log.length;
  }

  /** The reply to an act now: `ok`, `dup` or the code of the error. */
  judge({ type, user, target }: Act): string {
    if (type === "message" && target === undefined) return "ok";
    const row = this.#log[(target ?? 0) - 1];
    if (row?.type !== "message") return "bad_field";
    if (type === "message") return "ok";
    const mayChange = row.user === user || (type === "delete" && user === this.#moderator);
    if (!mayChange) return "forbidden";
    if (row.deleted === undefined) return "ok";
    return type === "delete" ? "dup" : "bad_state";
  }

  /** The messages of the user that are not deleted. */
  standingOf(user: string): readonly Pick<ShownEvent, "seq" | "edited">[] {
    return this.#log.filter((row) =>
      row.type === "message" && row.user === user && row.deleted === undefined
    );
  }

  /** The seq of what has deleted a message. */
  deletionOf(target: number | undefined): number | undefined {
    return this.#log[(target ?? 0) - 1]?.deleted;
  }

  /** The act is the next event of the room. */
  store(act: Act): void {
    const { type, user, content, target = 0 } = act;
    const seq = this.#log.length + 1;
    const row: StoredAct = { ...act, seq, text: content, named: new Set() };
    const changed = type === "message" ? undefined : this.#log[target - 1];
    const answered = type === "message" ? this.#log[target - 1]?.user : undefined;
    const names = namesIn(content).filter((name) => !namesIn(changed?.text).includes(name));
    const called = new Set([...names, ...(answered === undefined ? [] : [answered])]);
    for (const name of called) this.#call(name, { row: changed ?? row, seq, author: user });
    this.#log.push(row);
    if (type === "message") this.#read.set(user, seq);
    if (changed === undefined) return;
    this.#forget(changed);
    if (type === "edit") [changed.text, changed.edited] = [content, seq];
    else [changed.text, changed.deleted] = [undefined, seq];
  }

  markRead(user: string): void {
    this.#read.set(user, this.last);
  }

  unreadOf(user: string): readonly [unread: number, mentions: number] {
    const read = this.#read.get(user) ?? 0;
    const unread = this.#log.filter(({ type, seq }) => type === "message" && seq > read).length;
    return [unread, (this.#mentions.get(user) ?? []).filter((seq) => seq > read).length];
  }

  /** The events above a seq as they are now. */
  above(cursor: number): readonly ShownEvent[] {
    return this.#log.slice(cursor).map(({ type, seq, user, text, target, edited, deleted }) => ({
      type,
      seq,
      from: user,
      content: text,
      to: type === "message" ? target : undefined,
      of: type === "message" ? undefined : target,
      edited,
      deleted,
    }));
  }

  /** The seqs of the messages whose text has this word, the newest first. */
  withWord(word: string): readonly number[] {
    const has = ({ type, text }: StoredAct) =>
      type === "message" && text?.split(/[^a-z]+/).includes(word) === true;
    return this.#log.filter(has).map(({ seq }) => seq).reverse();
  }

  #call(name: string, { row, seq, author }: { row: StoredAct; seq: number; author: string }): void {
    if (name === author || !this.#members.includes(name) || row.named.has(name)) return;
    row.named.add(name);
    this.#mentions.set(name, [...this.#mentions.get(name) ?? [], seq]);
  }

  /** The present text of a message, and that of its latest edit, are nowhere from now on. */
  #forget({ text, edited }: StoredAct): void {
    if (text !== undefined) this.gone.add(text);
    const latest = this.#log[(edited ?? 0) - 1];
    if (latest !== undefined) latest.text = undefined;
  }
}

function namesIn(content = ""): readonly string[] {
  return [...new Set(Array.from(content.matchAll(NAMED), ([, name = ""]) => name))];
}
