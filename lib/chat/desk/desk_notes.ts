// Notes and drafts about inquiries, in rooms of their own that no asker sees. Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { Appended, InquiryRecord, RoomRecord, StoredEvent } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { inquiryRoom, notesRoom } from "../../wire/room_ref.ts";
import type { Clock } from "../../time.ts";
import { type AccessTarget, authorize } from "../access.ts";
import type { Principal } from "../people/principal.ts";
import { checkResend } from "../resends.ts";
import type { Lease } from "../room.ts";
import type { DeskSignals } from "./desk_signals.ts";

/** A note, or an answer that is not sent. */
interface NewNote {
  readonly inquiry: number;
  readonly content: string;
  readonly cid?: string | undefined;
  /** Why it is refused unless it is stored already. */
  readonly refusal?: ChatError | undefined;
}

/** A note as the store has answered it. */
interface NoteResult {
  /** The name of the room of the notes. */
  readonly room: string;
  readonly appended: Appended;
}

interface DeskNotesOptions {
  readonly repository: Pick<Repository, "inquiries" | "messages">;
  readonly clock: Pick<Clock, "now">;
  readonly signals: Pick<DeskSignals, "announceNote">;
  /** The inquiry of this number. @throws {ChatError} no_such_inquiry, also when it may not be seen */
  readonly find: (principal: Principal, inquiry: number) => Promise<InquiryRecord>;
  /** Brings the room of the notes into memory for as long as the lease. */
  readonly openRoom: (room: RoomRecord) => Lease;
}

export class DeskNotes {
  readonly #options: DeskNotesOptions;

  constructor(options: DeskNotesOptions) {
    this.#options = options;
  }

  /** Writes a note, or a draft of an answer to the latest question. @throws {ChatError} no_such_inquiry */
  async write(author: Principal, kind: "message" | "draft", note: NewNote): Promise<NoteResult> {
    const { repository, clock, signals } = this.#options;
    const inquiry = await this.#find(author, note.inquiry, "note");
    const { content, cid, refusal } = note;
    const resendOnly = refusal !== undefined;
    if (resendOnly && inquiry.notes === undefined) throw refusal;
    const of = kind === "draft" ? inquiry.askedSeq : undefined;
    const record = await repository.inquiries.openNotes(inquiry, { now: clock.now() });
    using lease = this.#options.openRoom(record);
    const { room } = lease;
    const appended = await room.post(author, { kind, content, of }, { cid, resendOnly });
    checkResend(appended, refusal);
    if (!("refused" in appended) && !appended.dup) {
      signals.announceNote(author, { room: room.id, seq: appended.seq });
    }
    return { room: room.name, appended };
  }

  /** A draft by its seq. @throws {ChatError} no_such_inquiry, bad_field: there is none */
  async findDraft(
    operator: Principal,
    { inquiry: id, draft }: { inquiry: number; draft: number },
  ): Promise<StoredEvent> {
    const { notes } = await this.#find(operator, id, "read");
    const [event] = notes === undefined
      ? []
      : await this.#options.repository.messages.after(notes.room, draft - 1, 1);
    const isThere = event?.seq === draft && event.body.kind === "draft";
    if (isThere && event.body.deleted === undefined) return event;
    const message = `There is no draft ${draft} for inquiry ${id}`;
    throw new ChatError("bad_field", message, { field: "draft" });
  }

  /** An asker gets the answer for an inquiry that does not exist. */
  async #find(
    principal: Principal,
    id: number,
    action: "note" | "read",
  ): Promise<InquiryRecord> {
    const inquiry = await this.#options.find(principal, id);
    authorize(principal, action, notesTarget(inquiry), {
      name: inquiryRoom(id),
      field: "inquiry",
    });
    return inquiry;
  }
}

/** The room of the notes about an inquiry, as far as it decides who may do what there. */
function notesTarget({ id, asker }: Pick<InquiryRecord, "id" | "asker">): AccessTarget {
  return { name: notesRoom(id), kind: "notes", owner: asker.id };
}
