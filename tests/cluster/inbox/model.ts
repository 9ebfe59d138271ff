// What concerns whom, as the rules have it: the reference that servers and stores are compared with.

/** A message and what has become of it. */
interface StoredMessage {
  readonly seq: number;
  readonly from: string;
  readonly to: number | undefined;
  text: string;
  isDeleted: boolean;
  /** Who was named by it or by an edit of it, or replied to, and where. */
  readonly named: Map<string, number>;
}

interface RoomModel {
  readonly isDirect: boolean;
  last: number;
  readonly messages: Map<number, StoredMessage>;
  /** The read position of each member. */
  readonly members: Map<string, number>;
}

const NAMES = /@([a-z]+)/g;

function namesIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(NAMES), ([, name = ""]) => name));
}

export class InboxModel {
  /** In the order in which they were created. */
  readonly rooms = new Map<string, RoomModel>();
  /** By user, whom they ignore. */
  readonly #ignored = new Map<string, Set<string>>();
  /** By user, the latest last. */
  readonly #bookmarks = new Map<string, { readonly room: string; readonly seq: number }[]>();

  open(room: string, members: readonly string[]): void {
    const isDirect = room.startsWith("@");
    const positions = new Map(members.map((name) => [name, 0]));
    this.rooms.set(room, { isDirect, last: 0, messages: new Map(), members: positions });
  }

  get(room: string): RoomModel {
    const found = this.rooms.get(room);
    if (found === undefined) throw new Error(`There is no room ${room}`);
    return found;
  }

  say(name: string, { room, text, to }: { room: string; text: string; to?: number }): void {
    const model = this.get(room);
    const seq = ++model.last;
    const message = { seq, from: name, to, text, isDeleted: false, named: new Map() };
    model.messages.set(seq, message);
    const answered = to === undefined ? undefined : model.messages.get(to)?.from;
    this.#call(model, { message, seq, names: [...namesIn(text), ...answered ? [answered] : []] });
    this.read(name, room, seq);
  }

  edit(room: string, { seq, text }: { seq: number; text: string }): void {
    const model = this.get(room);
    const message = model.messages.get(seq);
    if (message === undefined) return;
    const before = namesIn(message.text);
    const names = [...namesIn(text)].filter((name) => !before.has(name));
    message.text = text;
    this.#call(model, { message, seq: ++model.last, names });
  }

  delete(room: string, seq: number): void {
    const model = this.get(room);
    model.last++;
    const message = model.messages.get(seq);
    if (message !== undefined) message.isDeleted = true;
    for (const [name, marks] of this.#bookmarks) {
      this.#bookmarks.set(name, marks.filter((mark) => mark.room !== room || mark.seq !== seq));
    }
  }

  read(name: string, room: string, seq: number): void {
    const { members } = this.get(room);
    const before = members.get(name);
    if (before !== undefined) members.set(name, Math.max(before, seq));
  }

  ignore(name: string, other: string, on: boolean): void {
    const ignored = this.#ignored.get(name) ?? new Set();
    this.#ignored.set(name, ignored);
    if (on) ignored.add(other);
    else ignored.delete(other);
  }

  mark(name: string, { room, seq, on }: { room: string; seq: number; on: boolean }): void {
    const marks = this.#bookmarks.get(name) ?? [];
    const isThere = marks.some((mark) => mark.room === room && mark.seq === seq);
    if (on && !isThere) this.#bookmarks.set(name, [...marks, { room, seq }]);
    if (on) return;
    this.#bookmarks.set(name, marks.filter((mark) => mark.room !== room || mark.seq !== seq));
  }

  /** `reason room read:seq text`, in the order of the pages. */
  inboxOf(name: string): readonly string[] {
    return [...this.rooms].flatMap(([room, model]) => {
      const read = model.members.get(name);
      if (read === undefined) return [];
      return Array.from(model.messages.values(), (message) => {
        const at = model.isDirect ? message.seq : message.named.get(name) ?? 0;
        const isOut = message.isDeleted || message.from === name || this.#ignores(name, message);
        return isOut || at <= read ? undefined : { at, message };
      }).filter((entry) => entry !== undefined).toSorted((a, b) => a.at - b.at)
        .map(({ at, message }) =>
          `${reasonOf(model, message, name)} ${room} ${at}:${message.seq} ` +
          message.text
        );
    });
  }

  /** `room:seq`, the latest first. */
  latersOf(name: string): readonly string[] {
    const marks = this.#bookmarks.get(name) ?? [];
    return marks.toReversed().filter(({ room }) => this.get(room).members.has(name))
      .map(({ room, seq }) => `${room}:${seq}`);
  }

  #ignores(name: string, { from }: StoredMessage): boolean {
    return this.#ignored.get(name)?.has(from) ?? false;
  }

  #call(
    { members }: RoomModel,
    { message, seq, names }: { message: StoredMessage; seq: number; names: readonly string[] },
  ): void {
    for (const name of names) {
      const isCalled = name !== message.from && members.has(name) &&
        !message.named.has(name) && !this.#ignores(name, message);
      if (isCalled) message.named.set(name, seq);
    }
  }
}

function reasonOf(room: RoomModel, { to }: StoredMessage, name: string): string {
  if (room.isDirect) return "direct";
  return to !== undefined && room.messages.get(to)?.from === name ? "reply" : "mention";
}
