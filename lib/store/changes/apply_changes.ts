// Applies the edits and deletes of a batch to the messages that they name, in the transaction that stores
// them. The row of a message, and its latest edit, have the current text. No other row, and no entry of the
// search index, has a text that was changed or deleted.

import type { FullText } from "../search/full_text.ts";
import { removeBookmarksOf } from "../inbox/bookmarks.ts";
import { type ChangedText, reindex } from "../search/indexing.ts";
import { padToPowerOfTwo, placeholders, type Transaction } from "../sql.ts";
import type { ChangedMessage } from "./targets.ts";

/** Writes the changes. The transaction must hold the locks of their rooms and have stored its rows. */
export async function applyChanges(
  sql: Transaction,
  changes: readonly ChangedMessage[],
  fullText: FullText,
): Promise<void> {
  if (changes.length === 0) return;
  for (const { room, seq, now: { body }, pastEdits } of changes) {
    await sql.execute(
      "UPDATE Messages SET content = ?, edited_seq = ?, deleted_seq = ? " +
        "WHERE room_id = ? AND seq = ?",
      [body.content, body.edited ?? null, body.deleted ?? null, room, seq],
    );
    if (body.deleted !== undefined) await removeBookmarksOf(sql, { room, seq });
    if (pastEdits.length === 0) continue;
    const some = padToPowerOfTwo(pastEdits);
    await sql.execute(
      `UPDATE Messages SET content = '' WHERE room_id = ? AND seq IN (${
        placeholders(some.length)
      })`,
      [room, ...some],
    );
  }
  await reindex(sql, { fullText, changes: changes.flatMap(indexedChange) });
}

/** What the index has of a message that was stored before the batch. */
function indexedChange({ room, seq, stored, now }: ChangedMessage): readonly ChangedText[] {
  if (stored === undefined) return [];
  const { messageId, from, body } = stored;
  return [{ messageId, room, seq, from, before: body, after: now.body }];
}
