// What the decoders of all requests have in common.

import { ChatError } from "../errors.ts";
import { checkText } from "../text.ts";
import { badField, findBoolean } from "../fields.ts";
import type { ClientFrame, ClientFrameType, RequestId } from "../frame.ts";
import type { Fields } from "../json.ts";
import type { Limits } from "../limits.ts";

/** A frame of a known type whose fields are not checked yet. */
export interface Envelope {
  readonly type: ClientFrameType;
  /** Undefined when there is none, and when a reply could not carry it. */
  readonly id: RequestId | undefined;
  readonly body: Fields;
}

/** For each of these requests, what checks its fields. @throws {ChatError} */
export type Decoders<T extends ClientFrameType> = {
  readonly [K in T]: (envelope: Envelope, limits: Limits) => ClientFrame<K>;
};

/** A position in a list that begins at 0, as a seq. */
export const FROM_ZERO = { least: 0 };
/** A number of something that is numbered from 1. */
export const FROM_ONE = { least: 1 };

/** A topic: one line, or empty. @throws {ChatError} bad_field, bad_text or too_long */
export function getTopic({ topic }: Fields, limits: Limits): string {
  if (typeof topic !== "string") {
    throw badField("topic", { found: topic, expected: "a text of one line" });
  }
  if (topic !== "") checkText(topic, { ...limits, content: limits.topic }, { field: "topic" });
  if (!/[\n\t]/.test(topic)) return topic;
  const message = "The topic holds a newline or a tab: a topic is one line";
  throw new ChatError("bad_text", message, { field: "topic" });
}

/** The text of a message or an inquiry. @throws {ChatError} bad_field, bad_text or too_long */
export function getContent({ content }: Fields, limits: Limits): string {
  if (typeof content !== "string") {
    throw badField("content", { found: content, expected: "a text" });
  }
  checkText(content, limits);
  return content;
}

/** Whether something is switched on or off. @throws {ChatError} bad_field */
export function getOn(fields: Fields): boolean {
  const on = findBoolean(fields, "on");
  if (on !== undefined) return on;
  throw badField("on", { found: on, expected: "true or false" });
}
