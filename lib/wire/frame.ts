// Every frame as a type with a sentence: the vocabulary of the protocol, by subject in frames/. No
// behaviour. The decoders, the command table and the client's receivers are mapped types over the two
// maps below, so the compiler is the checklist for adding a frame. Normative text: docs/protocol.md.

import type { CredentialFrames, CredentialRequests } from "./frames/credentials.ts";
import type { DeskFrames, DeskRequests } from "./frames/desk.ts";
import type { DeskNoteFrames, DeskNoteRequests } from "./frames/desk_notes.ts";
import type { InboxFrames, InboxRequests } from "./frames/inbox.ts";
import type { MessageFrames, MessageRequests } from "./frames/messages.ts";
import type { ModerationFrames, ModerationRequests } from "./frames/moderation.ts";
import type { PeopleFrames, PeopleRequests } from "./frames/people.ts";
import type { RoomFrames, RoomRequests } from "./frames/rooms.ts";
import type { SessionFrames, SessionRequests } from "./frames/session.ts";

/** The id that a client gives a request; the reply has it as `re`. */
export type RequestId = string | number;

/** What a client sends, by `type`; each may carry an `id` besides. */
export interface ClientFrames
  extends
    SessionRequests,
    CredentialRequests,
    PeopleRequests,
    RoomRequests,
    MessageRequests,
    InboxRequests,
    DeskRequests,
    DeskNoteRequests,
    ModerationRequests {}

/** What a server sends, by `type`; a reply carries `re` besides, an event does not. */
export interface ServerFrames
  extends
    SessionFrames,
    CredentialFrames,
    PeopleFrames,
    RoomFrames,
    MessageFrames,
    InboxFrames,
    DeskFrames,
    DeskNoteFrames,
    ModerationFrames {}

export type ClientFrameType = keyof ClientFrames;
export type ServerFrameType = keyof ServerFrames;
/** One frame a client sends; all of them, unless a type is named. */
export type ClientFrame<T extends ClientFrameType = ClientFrameType> = {
  [K in T]: { readonly type: K; readonly id?: RequestId } & ClientFrames[K];
}[T];
/** One frame a server sends; all of them, unless a type is named. */
export type ServerFrame<T extends ServerFrameType = ServerFrameType> = {
  [K in T]: { readonly type: K; readonly re?: RequestId } & ServerFrames[K];
}[T];
