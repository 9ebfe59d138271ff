// What the readers of the room `desk` are sent besides its events: notes, and a notice of programs that
// answer each other. Each is stored as an event of a room without readers, which every server of the store
// follows like any room. The event says where to look, and each server sends its own readers what is there.
// Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import { type RoomId, roomId, type RoomRecord } from "../../store/records.ts";
import type { RoomEvent } from "../../wire/event.ts";
import { notesOf } from "../../wire/room_ref.ts";
import { toEvent } from "../event_frames.ts";
import type { Account } from "../people/principal.ts";
import type { Room } from "../room.ts";

/** How many loops are remembered as announced. */
const REMEMBERED = 1_000;
/** So many signals wait at most while the store cannot be read; then the oldest are dropped. */
const MOST_PENDING = 1_000;

interface DeskSignalsOptions {
  readonly repository: {
    readonly rooms: Pick<Repository["rooms"], "findMany">;
    readonly messages: Pick<Repository["messages"], "after">;
  };
  /** The room of the signals: of each event `of` is a room, and `to` the seq of a note there. */
  readonly room: Room;
  /** The room `desk`. */
  readonly desk: Room;
}

export class DeskSignals {
  readonly #options: DeskSignalsOptions;
  /** What was delivered and not yet sent to the readers, the oldest first. */
  readonly #pending: RoomEvent[] = [];
  #isSending = false;
  /** The loops that were announced by this server, and by all. */
  readonly #ownLoops = new Set<string>();
  readonly #allLoops = new Set<string>();

  constructor(options: DeskSignalsOptions) {
    this.#options = options;
  }

  /** A note or a draft was stored: the readers of the desk are sent it, but for the inquiry's asker. */
  announceNote(author: Account, { room, seq }: { room: RoomId; seq: number }): void {
    void this.#options.room.post(author, { kind: "desk", content: "", of: room, to: seq });
  }

  /** A message of this program was refused in the room: the readers of the desk are sent that once. */
  announceLoop(program: Account, room: RoomId): void {
    const key = loopKey(room, program.user);
    if (this.#ownLoops.has(key) || this.#allLoops.has(key)) return;
    remember(this.#ownLoops, key);
    void this.#options.room.post(program, { kind: "desk", content: "", of: room })
      .then((appended) => void ("refused" in appended && this.#ownLoops.delete(key)));
  }

  /** This or another server has stored a signal. */
  noteDelivered(event: RoomEvent): void {
    if (this.#options.desk.subscribers === 0) return;
    this.#pending.push(event);
    if (this.#pending.length > MOST_PENDING) this.#pending.shift();
    this.resume();
  }

  /** Sends what is pending; what cannot be read now is sent by the next call. Returns at once. */
  resume(): void {
    if (this.#isSending || this.#pending.length === 0) return;
    this.#isSending = true;
    this.#sendPending().catch(() => {}).finally(() => void (this.#isSending = false));
  }

  /** @throws what the store throws */
  async #sendPending(): Promise<void> {
    const { rooms } = this.#options.repository;
    for (let event = this.#pending[0]; event !== undefined; event = this.#pending[0]) {
      const of = roomId(event.of ?? 0);
      const record = (await rooms.findMany([of])).get(of);
      if (record !== undefined && event.to === undefined) this.#sendLoop(event, record);
      if (record !== undefined && event.to !== undefined) await this.#sendNote(event.to, record);
      // The queue may have dropped it meanwhile.
      if (this.#pending[0] === event) this.#pending.shift();
    }
  }

  async #sendNote(seq: number, { id, name, owner }: RoomRecord): Promise<void> {
    const { repository, desk } = this.#options;
    const [note] = await repository.messages.after(id, seq - 1, 1);
    const inquiry = notesOf(name);
    if (note?.seq !== seq || note.body.deleted !== undefined) return;
    if (inquiry === undefined || owner === undefined) return;
    const { type, ...event } = toEvent(note, note.body, { room: name, seq, time: note.time });
    const kind = type === "draft" ? type : "message";
    desk.broadcastToOthers({ type: "note", ...event, kind, inquiry }, owner);
  }

  /** Operators do not learn the names of rooms that are hidden from them. */
  #sendLoop({ user, from, guest, bot, time }: RoomEvent, { id, kind, name }: RoomRecord): void {
    const key = loopKey(id, user);
    if (this.#allLoops.has(key)) return;
    remember(this.#allLoops, key);
    const room = kind === "public" || kind === "inquiry" ? name : undefined;
    this.#options.desk.broadcast({ type: "bot_loop", room, user, from, guest, bot, time });
  }
}

function loopKey(room: number, user: number): string {
  return `${room} ${user}`;
}

/** Forgets the oldest where there are too many. */
function remember(keys: Set<string>, key: string): void {
  keys.add(key);
  const [oldest] = keys;
  if (keys.size > REMEMBERED && oldest !== undefined) keys.delete(oldest);
}
