// `join`: redeems a code, or a join string, which names the server too, for a new account, a further device or a new password. What is asked of the
// person depends on what the code is for.

import { formatRoom, notice } from "../../terminal/view_lines.ts";
import type { ServerFrame } from "../../wire/frame.ts";
import type { Auth } from "../../wire/frames/session.ts";
import { parseCode } from "../../wire/secrets/code_format.ts";
import {
  isJoinString,
  type JoinString,
  JoinStringError,
  parseJoinString,
} from "../../wire/secrets/join_string.ts";
import { askName, type LineTerminal, refusalOfName } from "../ask_name.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { TimeLimit } from "../time_limit.ts";
import { redeem } from "./login.ts";
import { lookAtCode } from "./look.ts";
import { askNewPassword, checkNewPassword, readSecret, type SecretInput } from "./secret_input.ts";
import { type AccountFiles, notAnswered } from "./use_token.ts";

type Surroundings = Omit<ClientContext, "identity">;

export interface JoinOptions extends AccountFiles {
  /** A code or a join string; without it the person is asked, or it is the one line of stdin. */
  readonly code?: string;
  /** Whether the new password is the one line of stdin. */
  readonly isPasswordPiped: boolean;
  readonly timeoutMs: number;
  readonly input: SecretInput;
  /** Asks for a name. */
  readonly terminal: LineTerminal;
  /** The surroundings for the server of a join string, and how it is kept. */
  readonly at: (server: JoinString) => JoinServer;
}

export interface JoinServer {
  readonly context: Surroundings;
  /** Later runs know the server, by its pin. */
  readonly keepServer: AccountFiles["keepServer"];
}

/** @throws {Failure} unless the server accepts the code and its token is kept */
export async function join(context: Surroundings, options: JoinOptions): Promise<void> {
  const text = (options.code ?? await readSecret(options.input, "code")).trim();
  if (text === "") {
    throw new Failure("usage", "No code was given: it is an argument, or read from stdin");
  }
  if (!isJoinString(text)) {
    return await joinBy(readCode(text), { context, options });
  }
  const string = readJoinString(text);
  const { context: there, keepServer } = options.at(string);
  await joinBy(string.code, { context: there, options: { ...options, keepServer } });
}

/** Nothing else is sent: it may be a join string with a mistake. @throws {Failure} usage */
function readCode(text: string): string {
  const code = parseCode(text);
  if (code !== undefined) return code;
  throw new Failure(
    "usage",
    "This is neither a code of 16 letters and digits nor a join string, which begins with parley://: " +
      "was it copied as a whole, and nothing else?",
  );
}

/** @throws {Failure} usage */
function readJoinString(text: string): JoinString & { readonly code: string } {
  try {
    const { code, ...server } = parseJoinString(text);
    if (code !== undefined) return { ...server, code };
  } catch (error) {
    if (!(error instanceof JoinStringError)) throw error;
    throw new Failure("usage", error.message);
  }
  throw new Failure(
    "usage",
    "The join string holds no code: it is like parley://HOST:PORT/CODE#PIN",
  );
}

interface JoinRun {
  readonly context: Surroundings;
  readonly options: JoinOptions;
}

async function joinBy(code: string, { context, options }: JoinRun): Promise<void> {
  const purpose = await look(context, { code, timeoutMs: options.timeoutMs });
  writeLine(context.output, notice(describePurpose(purpose)));
  checkOwner(purpose, options);
  for (let name = await chooseName(purpose, options);; name = await askName(options.terminal)) {
    const password = await choosePassword(purpose, options);
    const auth: Auth = { method: "code", code, name, password };
    try {
      await redeem(context, { ...options, auth });
      return;
    } catch (error) {
      const refusal = refusalOfName(error);
      if (refusal === undefined || !options.input.isTerminal) throw error;
      options.terminal.write(`! ${refusal}\n`);
    }
  }
}

async function look(
  context: Surroundings,
  { code, timeoutMs: ms }: { readonly code: string; readonly timeoutMs: number },
): Promise<ServerFrame<"code">> {
  const { clock, signal: parent } = context;
  using limit = new TimeLimit({ ms, clock, parent, failure: () => notAnswered(ms) });
  return await lookAtCode(context, { code, limit });
}

/** `The code is by admin: a member account in #lobby, #ops`. */
function describePurpose(
  { kind, from, user, role = "member", rooms = [] }: ServerFrame<"code">,
): string {
  const places = rooms.length === 0 ? "" : ` in ${rooms.map(formatRoom).join(", ")}`;
  const what = {
    join: `it makes ${role === "member" ? "a" : "an"} ${role} account${places}`,
    device: `it logs ${user} in on this device`,
    reset: `it sets a new password for ${user}`,
  };
  return `The code is by ${from}: ${what[kind]}`;
}

/** A code of another user than the one that was named is not used up. @throws {Failure} usage */
function checkOwner(
  { kind, user }: ServerFrame<"code">,
  { name, isNameGiven }: AccountFiles,
): void {
  if (kind === "join" || user === undefined || name === undefined || !isNameGiven) return;
  if (user.toLowerCase() === name.toLowerCase()) return;
  throw new Failure("usage", `The code is for ${user}, not for ${name}: it was not used`);
}

/** Only a new account needs a name. @throws {Failure} when it cannot be asked for */
async function chooseName(
  { kind }: ServerFrame<"code">,
  { name, isNameGiven, input, terminal }: JoinOptions,
): Promise<string | undefined> {
  if (kind !== "join") return undefined;
  if (name !== undefined && isNameGiven) return name;
  if (input.isTerminal) return await askName(terminal, name);
  if (name !== undefined) return name;
  throw new Failure("usage", "The new account needs a name: --name NAME gives it");
}

async function choosePassword(
  { kind }: ServerFrame<"code">,
  { input, isPasswordPiped }: JoinOptions,
): Promise<string | undefined> {
  if (kind === "device") return undefined;
  if (isPasswordPiped) {
    return checkNewPassword(await readSecret({ ...input, isTerminal: false }, "password"));
  }
  if (input.isTerminal) return await askNewPassword(input, { isOptional: kind === "join" });
  if (kind === "join") return undefined;
  throw new Failure("usage", "The new password is needed: --password-stdin reads it from stdin");
}
