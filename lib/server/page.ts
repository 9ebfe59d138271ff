// Keeps pages and lists within one frame: they end early rather than grow past it (protocol §6).

/** Left for the frame around the items: type, `re` of 64 characters, room name, flags. */
const FRAME_ROOM = 1_024;

const encoder = new TextEncoder();

/** As many items, from the beginning or the end, as fit in a frame; always at least one. */
export function fitPage<T>(
  items: readonly T[],
  options: { maxBytes: number; keep?: "first" | "last" },
): { readonly items: readonly T[]; readonly whole: boolean } {
  let left = options.maxBytes - FRAME_ROOM;
  const isLast = options.keep === "last";
  let kept = 0;
  while (kept < items.length) {
    const item = items[isLast ? items.length - 1 - kept : kept];
    left -= encodedBytes(item) + 1;
    if (left < 0 && kept > 0) break;
    kept++;
  }
  return {
    items: isLast ? items.slice(items.length - kept) : items.slice(0, kept),
    whole: kept === items.length,
  };
}

/** What the item costs in a frame; escapes of the encoder make some characters six bytes. */
function encodedBytes(item: unknown): number {
  const json = JSON.stringify(item);
  const bytes = encoder.encode(json).length;
  const escaped = json.match(/[\u007f-\u009f\u2028\u2029]/g)?.length ?? 0;
  return bytes + 4 * escaped;
}
