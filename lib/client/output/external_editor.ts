// Runs the person's editor ($VISUAL, else $EDITOR) on a private file. Needs the permission to run `sh`,
// which alone sees these two variables.

import { monotonicUlid } from "@std/ulid";
import type { Edited, TextEditor } from "../../terminal/input/text_editor.ts";
import { messageOf } from "../../error_message.ts";
import type { PrivateFiles } from "../files/private_files.ts";

const NO_RUN =
  "Ctrl-X Ctrl-E needs the permission to run your editor: start with deno task client:run";
const NO_EDITOR =
  "No editor is set: VISUAL or EDITOR names it, as in EDITOR=nano deno task client:run";
const NONE_SET = 78;
/** As git and crontab do it: the variable may hold options. */
const SCRIPT = `editor=\${VISUAL:-$EDITOR}; test -n "$editor" || exit ${NONE_SET}
eval "exec $editor \\"\\$1\\""`;

interface ExternalEditorOptions {
  /** Where the texts are while they are edited. */
  readonly files: PrivateFiles;
  /** Runs `work` while a Ctrl-C is for the editor alone. */
  readonly uninterrupted: <T>(work: () => Promise<T>) => Promise<T>;
}

export class ExternalEditor implements TextEditor {
  readonly #options: ExternalEditorOptions;

  constructor(options: ExternalEditorOptions) {
    this.#options = options;
  }

  findRefusal(): string | undefined {
    const { state } = Deno.permissions.querySync({ name: "run", command: "sh" });
    return state === "granted" ? undefined : NO_RUN;
  }

  async edit(text: string): Promise<Edited> {
    const { files, uninterrupted } = this.#options;
    const name = `${monotonicUlid()}.txt`;
    const path = files.pathOf(name);
    const accept = () => files.remove(name).catch(() => {});
    try {
      const written = text === "" ? "" : `${text}\n`;
      await files.write(name, written);
      const status = await uninterrupted(() => run(path));
      const saved = await files.find(name);
      if (status.success && saved !== undefined) {
        return { text: saved, isKilled: false, accept, path };
      }
      const isSaved = saved !== undefined && saved !== written;
      if (!isSaved) await accept();
      const trouble = describe(status) + (isSaved ? `; what it has saved is in ${path}` : "");
      return { trouble, isKilled: !status.success, accept, path };
    } catch (error) {
      return { trouble: messageOf(error), isKilled: false, accept, path };
    }
  }
}

function run(path: string): Promise<Deno.CommandStatus> {
  const args = ["-c", SCRIPT, "sh", path];
  const child = new Deno.Command("sh", {
    args,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  return child.status;
}

function describe({ success, code, signal }: Deno.CommandStatus): string {
  if (success) return "The editor has removed the text: the line stays as it was";
  if (code === NONE_SET) return NO_EDITOR;
  const how = signal === null ? `with ${code}` : `by ${signal}`;
  return `The editor ended ${how}: the line stays as it was`;
}
