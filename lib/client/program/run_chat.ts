// The command `chat` of this process: its terminal, its name, its notifications.

import { abortable } from "@std/async/abortable";
import type { ClientConfig } from "../../config/client.ts";
import { nameAmongSeveral } from "../../config/link/profiles.ts";
import { failure } from "../../terminal/view_lines.ts";
import { safeText } from "../../terminal/safe_text.ts";
import { loginOf } from "../accounts/chat_login.ts";
import { askName, describeRefusedName, getChosenName } from "../ask_name.ts";
import { chat } from "../commands/chat.ts";
import type { ChatOptions } from "../commands/chat_options.ts";
import { Failure } from "../exit.ts";
import { addToLineHistory } from "../files/line_history.ts";
import { PrivateFiles } from "../files/private_files.ts";
import { ExternalEditor } from "../output/external_editor.ts";
import { lineTerminal, openPlain, openTerminal } from "../output/open_terminal.ts";
import { StatusFile } from "../status/status_file.ts";
import {
  CLOCK,
  createContext,
  createUnnamedContext,
  filesOf,
  type UserChoice,
} from "./contexts.ts";
import { signal, uninterrupted } from "./interruption.ts";

/** Runs until the person leaves. @throws {Failure} without a terminal */
export async function runChat(config: ClientConfig, room: string): Promise<void> {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    const instead = "with pipes use send, ask, tail, history or search (--help)";
    throw new Failure("usage", `chat needs a terminal: ${instead}`);
  }
  const state = new PrivateFiles(config.stateDirectory);
  const editor = new ExternalEditor({ files: state.within("editing"), uninterrupted });
  const openView = config.plain ?? Deno.env.get("TERM") === "dumb"
    ? await openPlain({ clock: CLOCK, editor })
    : await openTerminal(state, { clock: CLOCK, editor });
  let name = config.name ?? await abortable(getChosenName(state, lineTerminal), signal);
  const isSetting = config.name !== undefined && !config.remembersName;
  let remembers: UserChoice["remembers"] = isSetting ? undefined : "person";
  const serverName = nameAmongSeveral(config.server, config);
  const login = loginOf(createUnnamedContext(config), filesOf(config));
  const status = await openStatus(state);
  for (;;) {
    const context = createContext(config, {
      name,
      unkept: "goes on",
      remembers,
      keepsServer: true,
    });
    try {
      const remember = (line: string) => addToLineHistory(state, line);
      const notifier = await notifierOf(config);
      const statusChanged = status?.update.bind(status);
      const parts = { serverName, openView, remember, login, statusChanged, ...notifier };
      const next = await chat(context, { room, ...parts });
      if (next === undefined) return;
      [name, remembers] = [next, undefined];
    } catch (error) {
      const refusal = describeRefusedName(error, name);
      if (refusal === undefined) throw error;
      // Where the next question is asked, so that the two stay in order.
      lineTerminal.write(`! ${safeText(refusal)}\n`);
      [name, remembers] = [await abortable(askName(lineTerminal), signal), "person"];
    }
  }
}

/** The file for `status`, until the process ends, by itself or by a signal. */
async function openStatus(state: PrivateFiles): Promise<StatusFile | undefined> {
  const status = await StatusFile.open(state, CLOCK);
  globalThis.addEventListener("unload", () => status?.[Symbol.dispose]());
  return status;
}

/** What runs when a message calls the person, if something does. */
async function notifierOf(
  { notifyCommand: command }: ClientConfig,
): Promise<Pick<ChatOptions, "notify">> {
  if (command === undefined) return {};
  const { createNotifier } = await import("../output/notify_command.ts");
  return { notify: (show) => createNotifier({ command, failed: (text) => show(failure(text)) }) };
}
