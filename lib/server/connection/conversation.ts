// What a session needs of the language it speaks, whichever that is: version 1 or the legacy dialect.

import type { CommandSession } from "../commands/command.ts";
import type { StopSignal } from "../stop_signal.ts";
import type { CloseReason } from "./close_reason.ts";
import type { Outlet } from "./subscription.ts";

/** One connection, spoken on in one dialect. */
export interface Conversation extends Outlet {
  /** Whether anything whole has come, a frame or what should have been one. */
  readonly hasHeard: boolean;
  /** Whether a request waits for its reply. */
  readonly isAnswering: boolean;
  /** When the last byte came, and since when a write makes no progress; monotonic milliseconds. */
  readonly lastByteAt: number;
  readonly writingSince: number | undefined;
  readonly queuedBytes: number;
  /** Until when the peer was not read: its silence before that is not its own. */
  readonly readingSince: number;

  /**
   * Answers until the peer has ended its side, or the session is ending. All that was asked is
   * answered when this resolves. Rejects for no fault of the peer's.
   */
  converse(): Promise<void>;
  /** Resolves when nothing that was asked waits for its answer. */
  whenAnswered(): Promise<void>;
  /** The session is logged in: larger limits hold. */
  noteLoggedIn(): void;
  /** Asks for a sign of life, where the dialect has one. */
  ping(): void;
  /** Ends the connection, with a last word where the dialect has one. Resolves when it is over. */
  close(goodbye?: CloseReason): Promise<void>;
  abort(): void;
}

/** The session as its conversation sees it. */
export interface ConversingSession extends CommandSession {
  /** Begins when nothing more is to be read. */
  readonly ending: StopSignal;
  stopReading(): void;
  bye(goodbye: CloseReason): void;
}
