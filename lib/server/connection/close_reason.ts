// Why a connection ends, as its last frame says it (protocol §7).

import type { ByeCode } from "../../wire/errors.ts";
import type { ServerFrame } from "../../wire/frame.ts";

/** Why a connection ends, for its peer. */
export interface CloseReason {
  readonly code: ByeCode;
  readonly message: string;
  /** Whether the same client may connect again. */
  readonly reconnect: boolean;
  /** After how many milliseconds it may, at the earliest. */
  readonly afterMs?: number;
}

export function byeFrame({ code, message, reconnect, afterMs }: CloseReason): ServerFrame<"bye"> {
  return { type: "bye", code, message, reconnect, after_ms: afterMs };
}

export const TOO_SLOW: CloseReason = {
  code: "slow",
  message: "Disconnected: this client reads too slowly",
  reconnect: true,
  afterMs: 0,
};

/** To a connection whose token has ended. */
export const REVOKED: CloseReason = {
  code: "revoked",
  message: "The token of this connection was ended: log in again",
  reconnect: false,
};

/** To a user whose account is suspended. */
export const SUSPENDED: CloseReason = {
  code: "revoked",
  message: "Your account was suspended: ask an administrator",
  reconnect: false,
};

/** For a peer with another protocol. */
export function otherProtocol(what: string): CloseReason {
  return {
    code: "protocol",
    message: `This port is a Parley chat server: it speaks JSON lines, not ${what}`,
    reconnect: false,
  };
}

/** For a peer that sends plain text to the port for TLS. */
export const PLAIN_ON_TLS: CloseReason = {
  code: "protocol",
  message: "This port of a Parley chat server speaks TLS, not plain text",
  reconnect: false,
};

/** A client that may reconnect waits a random time below this, so that they do not all come at once. */
const RECONNECT_WITHIN_MS = 5_000;

const MESSAGES = {
  shutdown: "The server is shutting down",
  restarting: "The server is restarting",
  too_many: "The server has too many connections",
} as const;

/** The server ends the connection for a reason of its own. */
export function reconnectLater(code: keyof typeof MESSAGES): CloseReason {
  const afterMs = Math.floor(Math.random() * RECONNECT_WITHIN_MS);
  return { code, message: MESSAGES[code], reconnect: true, afterMs };
}
