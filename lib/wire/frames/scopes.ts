// The scopes of tokens (protocol §3.7).

/**
 * What a token allows. `read`: read rooms; `send`: send messages to them; `ask`: ask the desk, and read and
 * send in one's own inquiries; `desk`: read the desk, all inquiries and the notes about them, and write
 * notes; `answer`: answer inquiries.
 */
export const SCOPE_NAMES = ["read", "send", "ask", "desk", "answer"] as const;
export type ScopeName = typeof SCOPE_NAMES[number];
