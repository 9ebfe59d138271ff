// The frames of notes, drafts and ready texts, for operators alone (protocol §10).

import type { LoggedEvent } from "../event.ts";

interface NewNote {
  readonly inquiry: number;
  readonly content: string;
  readonly cid?: string;
}

/** What a client sends about what askers never see. */
export interface DeskNoteRequests {
  /** Notes something about an inquiry, in a room that its asker never sees (operators; programs for drafts). */
  note: NewNote;
  /** Writes an answer that an operator may send (the same). */
  draft: NewNote;
  /** The names of the ready texts; or one of them, filled in for an inquiry (operator). */
  canned: { readonly name?: string; readonly inquiry?: number };
}

/** What a server sends about it. */
export interface DeskNoteFrames {
  /** Programs answer each other: the message of one was refused. Sent once to the readers of the desk. */
  bot_loop: {
    /** Missing where it is hidden from operators. */
    readonly room?: string;
    readonly user: number;
    readonly from: string;
    readonly bot?: true;
    readonly guest?: true;
    readonly time: number;
  };
  /** An answer that is not sent, an event of the notes about an inquiry. */
  draft: LoggedEvent;
  /** A note or a draft, sent to every operator but its asker; without `re`, and `seq` is the room's. */
  note: LoggedEvent & { readonly inquiry: number; readonly kind: "message" | "draft" };
  /** The names of all ready texts, or one text. */
  canned: {
    readonly names?: readonly string[];
    readonly name?: string;
    readonly inquiry?: number;
    readonly content?: string;
  };
}
