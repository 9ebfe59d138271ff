// Ctrl-X Ctrl-E: edits the draft in the person's own editor, which has the terminal until it ends. Knows no
// process and no file.

import { Draft } from "./draft.ts";
import { isLarge } from "./large_paste.ts";
import type { Lending } from "../process_terminal.ts";
import { countOf, failure, type Line } from "../view_lines.ts";

/** What an editor leaves. */
export interface Edited {
  /** Undefined when the line is to stay as it was. */
  readonly text?: string;
  /** What the person must know. */
  readonly trouble?: string;
  /** Whether the editor could not restore the terminal. */
  readonly isKilled: boolean;
  /** The text is in the line: forgets the file. */
  readonly accept: () => Promise<void>;
  /** Where the text is until then. */
  readonly path: string;
}

/** An editor of the person's own. */
export interface TextEditor {
  /** Why it cannot be started. Returns at once. */
  findRefusal(): string | undefined;
  /** Runs the editor on the text; it has the terminal until this resolves. Never rejects. */
  edit(text: string): Promise<Edited>;
}

/** A line whose draft may be edited. */
interface EditedLine {
  readonly draft: Draft;
  exchangeDraft(draft: Draft): Draft;
  /** Gives the terminal away while `work` runs, from now on. */
  lend(work: Lending): Promise<void>;
}

interface EditOptions {
  readonly editor: TextEditor;
  readonly line: EditedLine;
  readonly isSecret: (line: string) => boolean;
  readonly show: (line: Line) => void;
}

/** Must be called when the key is taken, before the next one is read: it is the editor's. */
export async function editDraft({ editor, line, isSecret, show }: EditOptions): Promise<void> {
  const { draft } = line;
  const refusal = isSecret(draft.text) ? SECRET : editor.findRefusal();
  if (refusal !== undefined) return show(failure(refusal));
  let edited: Edited | undefined;
  await line.lend(async () => edited = await editor.edit(draft.text));
  const { text, trouble, path, accept } = edited ?? {};
  if (trouble !== undefined) show(failure(trouble));
  if (text === undefined) return;
  // Meanwhile the room may have ended, and its draft with it.
  if (line.draft !== draft) return show(failure(`The line has changed: your text is in ${path}`));
  line.exchangeDraft(draftOf(text));
  await accept?.();
}

const SECRET = "A line with a secret is given to no editor";

/** A long text is one unit, as a paste is, and so is one that has more than plain lines. */
function draftOf(edited: string): Draft {
  const text = edited.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  const lines = text.split("\n").length;
  const paste = { text, label: `[edited: ${countOf(lines, "line")}]` };
  // deno-lint-ignore no-control-regex -- what the line does not show as it is
  const isUnit = isLarge(paste) || /[\x00-\x09\x0b-\x1f]/.test(text);
  return isUnit ? new Draft([paste], 1) : Draft.of(text);
}
