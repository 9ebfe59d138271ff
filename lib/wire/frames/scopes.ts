// The scopes of tokens (protocol §3.7).

/**
 * What a token may be good for: to read rooms; to send messages to them; to ask the desk, and to read and
 * send in one's inquiries; to read the desk, all inquiries and the notes about them, and to write such
 * notes; to answer inquiries.
 */
export const SCOPE_NAMES = ["read", "send", "ask", "desk", "answer"] as const;
export type ScopeName = typeof SCOPE_NAMES[number];
