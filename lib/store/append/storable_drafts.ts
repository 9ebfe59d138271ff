// Checks that every store can keep a draft: a draft that passes is read back as it was written.

import { Buffer } from "node:buffer";
import type { Draft } from "../records.ts";

/** What the columns of every store hold. */
const MOST_BYTES = { content: 65_535, topic: 1_024, cid: 64 };

/** Whether every store gives back exactly this: U+0000 and half a surrogate pair would be changed. */
export function isStorable(draft: Draft, contentBytes: number): boolean {
  const { body: { content, topic = "" }, cid } = draft;
  if (contentBytes > MOST_BYTES.content || !isPlain(content)) return false;
  if (Buffer.byteLength(topic) > MOST_BYTES.topic || !isPlain(topic)) return false;
  return cid === undefined ||
    (cid !== "" && Buffer.byteLength(cid) <= MOST_BYTES.cid && isPlain(cid));
}

function isPlain(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
