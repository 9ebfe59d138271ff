// JSON as this house writes it: one line, and nothing in it that a terminal, a log or a line reader
// could take for more than text. Knows no frames.

/** JSON.stringify leaves DEL, the C1 controls and the two line separators as they are. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/;
const EVERY_UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** The value as one line of JSON without DEL, C1 controls, U+2028 and U+2029 (no newline added). */
export function formatJson(value: object | string): string {
  const json = JSON.stringify(value);
  return UNSAFE.test(json) ? json.replace(EVERY_UNSAFE, escapeUnit) : json;
}

/** A UTF-16 unit as JSON spells it: `\u009b`. */
export function escapeUnit(unit: string): string {
  return "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
}
