// The command `menu` of this process: its terminal, who the person is, and the server, which a join string
// may change.

import type { ClientConfig } from "../../config/client.ts";
import { nameAmongSeveral } from "../../config/link/profiles.ts";
import type { AccountCommand } from "../../config/people/account_commands.ts";
import { failure, notice } from "../../terminal/view_lines.ts";
import type { JoinString } from "../../wire/secrets/join_string.ts";
import { runAccountCommand } from "../accounts/run_account_command.ts";
import { askName } from "../ask_name.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { PrivateFiles } from "../files/private_files.ts";
import { recallName } from "../files/remembered_name.ts";
import { createDialogOutput, Dialog } from "../menu/dialog.ts";
import { runMenu } from "../menu/menu.ts";
import { createMenuItems } from "../menu/menu_items.ts";
import { MENU_TIMEOUT_MS } from "../menu/menu_timeout.ts";
import { lineTerminal } from "../output/open_terminal.ts";
import { processOutput } from "../output/process_output.ts";
import {
  configAt,
  createContext,
  createUnnamedContext,
  filesOf,
  joinServerOf,
} from "./contexts.ts";
import { signal } from "./interruption.ts";
import { runChat } from "./run_chat.ts";

/** Runs until the person quits. @throws {Failure} usage, without a terminal; interrupted */
export async function runMenuHere(config: ClientConfig): Promise<void> {
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    const instead = "with pipes use send, ask, tail, history or search (--help)";
    throw new Failure("usage", `menu needs a terminal: ${instead}`);
  }
  const person = new MenuPerson(config);
  const { dialog } = person;
  await person.recall();
  dialog.show(notice(person.greeting));
  const account = (command: AccountCommand) => () => person.runAccount(command);
  const timeoutMs = MENU_TIMEOUT_MS;
  const items = createMenuItems({
    dialog,
    context: () => person.context(),
    renamed: (refusal) => person.rename(refusal),
    login: account({ kind: "login", timeoutMs }),
    join: account({ kind: "join", isPasswordPiped: false, timeoutMs }),
    register: account({ kind: "register", timeoutMs }),
    chat: (room) => runChat(person.config, room),
  });
  await runMenu(items, { dialog, signal });
}

/** Who the person is, and where. */
class MenuPerson {
  readonly #output: ClientContext["output"];
  readonly dialog: Dialog;
  config: ClientConfig;
  #name: string | undefined;

  constructor(config: ClientConfig) {
    const isPlain = config.plain ?? Deno.env.get("TERM") === "dumb";
    this.config = config;
    this.#name = config.name;
    this.#output = createDialogOutput(processOutput, { isPlain });
    this.dialog = new Dialog({ terminal: lineTerminal, output: this.#output, signal });
  }

  get greeting(): string {
    const address = createUnnamedContext(this.config).server;
    const server = nameAmongSeveral(this.config.server, this.config) ?? address;
    return this.#name === undefined ? `The server is ${server}` : `${this.#name} on ${server}`;
  }

  /** Without a name in the configuration it is that of the last chat or login. */
  async recall(): Promise<void> {
    const { remembered } = await recallName(new PrivateFiles(this.config.stateDirectory));
    if (remembered?.chosen === true) this.#name ??= remembered.name;
  }

  async context(): Promise<ClientContext> {
    this.#name ??= await this.#askName();
    const name = this.#name;
    const isSetting = name === this.config.name && !this.config.remembersName;
    const context = createContext(this.config, {
      name,
      unkept: "goes on",
      remembers: isSetting ? undefined : "person",
      keepsServer: true,
    });
    return { ...context, output: this.#output };
  }

  async rename(refusal: string): Promise<void> {
    this.dialog.show(failure(refusal));
    this.#name = await this.#askName();
  }

  /** Later items are the user that this has logged in, on the server of a join string. */
  async runAccount(command: AccountCommand): Promise<void> {
    let config = this.config;
    const { state, ...files } = filesOf(config);
    // An account of another name than the guest's may be wanted.
    const name = command.kind === "register" ? this.#name : undefined;
    await runAccountCommand({ ...createUnnamedContext(config), output: this.#output }, {
      command,
      files: { ...files, state, name, isNameGiven: false },
      at: (server: JoinString) => {
        config = configAt(config, server);
        const { context, keepServer } = joinServerOf(config);
        return { context: { ...context, output: this.#output }, keepServer };
      },
    });
    const { remembered } = await recallName(state);
    this.#name = remembered?.name ?? this.#name;
    this.config = { ...config, name: this.#name };
  }

  async #askName(): Promise<string> {
    const readLine = async () => await this.dialog.ask("");
    return await askName({ write: lineTerminal.write, readLine });
  }
}
