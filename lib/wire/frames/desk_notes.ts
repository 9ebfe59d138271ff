// The frames of operators among themselves: notes, drafts, and ready texts (protocol §10).

/** What a client sends about what askers never see. */
export interface DeskNoteRequests {
  /** The names of the ready texts; or one of them, filled in for an inquiry (operator). */
  canned: { readonly name?: string; readonly inquiry?: number };
}

/** What a server sends about it. */
export interface DeskNoteFrames {
  /** The names of all ready texts, or one text. */
  canned: {
    readonly names?: readonly string[];
    readonly name?: string;
    readonly inquiry?: number;
    readonly content?: string;
  };
}
