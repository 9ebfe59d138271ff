// Keeps pages and lists within one frame: a longer one ends early (protocol §6).

import { DEFAULT_LIMITS } from "../../wire/limits.ts";
import { formatJson } from "../../wire/json.ts";
import { byteLength } from "../../wire/text.ts";

/** The largest frame that a client accepts, whatever this server accepts. */
const LARGEST_FRAME = DEFAULT_LIMITS.frame;
/** Reserved for the frame around the items: type, `re` of 64 characters, room name, flags. */
const FRAME_BYTES = 1_024;

/** As many items, from the beginning or the end, as fit in a frame; always at least one. */
export function fitPage<T extends object>(
  items: readonly T[],
  options: { maxBytes: number; keep?: "first" | "last" },
): { readonly items: readonly T[]; readonly whole: boolean } {
  let left = Math.min(options.maxBytes, LARGEST_FRAME) - FRAME_BYTES;
  const isLast = options.keep === "last";
  let kept = 0;
  while (kept < items.length) {
    const item = items[isLast ? items.length - 1 - kept : kept] as T;
    left -= byteLength(formatJson(item)) + 1;
    if (left < 0 && kept > 0) break;
    kept++;
  }
  return {
    items: isLast ? items.slice(items.length - kept) : items.slice(0, kept),
    whole: kept === items.length,
  };
}
