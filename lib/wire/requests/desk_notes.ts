// Decodes the requests about notes, drafts and ready texts (protocol §10).

import { ChatError } from "../errors.ts";
import { badField, findCid, getInteger } from "../fields.ts";
import type { DeskNoteRequests } from "../frames/desk_notes.ts";
import type { Fields } from "../json.ts";
import type { Limits } from "../limits.ts";
import { isRoomName } from "../room_ref.ts";
import { type Decoders, FROM_ONE, getContent } from "./decoder.ts";

export const DESK_NOTE_DECODERS: Decoders<keyof DeskNoteRequests> = {
  note: ({ id, body }, limits) => ({ type: "note", id, ...getNote(body, limits) }),
  draft: ({ id, body }, limits) => ({ type: "draft", id, ...getNote(body, limits) }),
  canned: ({ id, body }) => ({ type: "canned", id, ...findText(body) }),
};

function getNote(body: Fields, limits: Limits): DeskNoteRequests["note"] {
  return {
    inquiry: getInteger(body, "inquiry", FROM_ONE),
    content: getContent(body, limits),
    cid: findCid(body),
  };
}

const NAME_TAKES = "the name of a ready text: letters, digits, - and _";

/** Both, or none. */
function findText(fields: Fields): DeskNoteRequests["canned"] {
  const { name } = fields;
  if (name === undefined && fields.inquiry === undefined) return {};
  if (name === undefined) {
    const message = 'Field "inquiry" has no effect without "name"';
    throw new ChatError("bad_field", message, { field: "inquiry" });
  }
  if (typeof name !== "string") throw badField("name", { found: name, expected: NAME_TAKES });
  if (!isRoomName(name)) {
    const message = `Field "name" takes ${NAME_TAKES}`;
    throw new ChatError("bad_name", message, { field: "name" });
  }
  return { name, inquiry: getInteger(fields, "inquiry", FROM_ONE) };
}
