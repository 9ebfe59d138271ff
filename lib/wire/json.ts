// JSON as frames use it: one object on one line. Written JSON has no character on which a terminal, a log
// or a line reader could act. Knows no frames.

import { FrameError } from "./errors.ts";

/** A parsed object: fields of any name and type. */
export type Fields = Readonly<Record<string, unknown>>;

/** JSON.stringify leaves DEL, the C1 controls and the two line separators as they are. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/;
const EVERY_UNSAFE = /[\u007f-\u009f\u2028\u2029]/g;

/** Whether this is an object with fields: neither an array nor null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object in a line, or the error: bad_json or bad_frame. */
export function parseFields(line: string): Fields | FrameError {
  let value: unknown;
  try {
    // No reviver: it is recursive, and a frame of brackets alone would exhaust the stack.
    value = JSON.parse(line);
  } catch {
    // The parser's message quotes the input, which may hold a password.
    return new FrameError("bad_json", "The line is not JSON: a frame is one JSON object on a line");
  }
  if (isFields(value)) return value;
  return new FrameError("bad_frame", "The line is JSON but no object: a frame is one JSON object");
}

/** The value as one line of JSON without DEL, C1 controls, U+2028 and U+2029 (no newline added). */
export function formatJson(value: object | string): string {
  const json = JSON.stringify(value);
  return UNSAFE.test(json) ? json.replace(EVERY_UNSAFE, escapeUnit) : json;
}

/** A UTF-16 unit escaped as in JSON: `\u009b`. */
export function escapeUnit(unit: string): string {
  return "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
}
