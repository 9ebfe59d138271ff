// The seed dialect (protocol §9): bare JSON objects. Not spoken yet: its one answer is that.

/** The answer to a seed object while the dialect is off; it has no newline, as that dialect has none. */
export const SEED_FORBIDDEN: Uint8Array = new TextEncoder().encode(JSON.stringify({
  type: "error",
  code: "forbidden",
  content: "This server does not speak the old dialect: ask its operator, or use the parley client",
}));
