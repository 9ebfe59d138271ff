// `login` and `register`: logs this device in to an account by name and password, or registers the guest
// of this device as an account.

import { notice } from "../../terminal/view_lines.ts";
import type { Auth } from "../../wire/frames/session.ts";
import { isAccountName } from "../../wire/text.ts";
import { askName, type LineTerminal } from "../ask_name.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { KeptIdentity } from "../files/identity.ts";
import { recallName, rememberName } from "../files/remembered_name.ts";
import { requestPatiently } from "../link/patient_request.ts";
import { withSession } from "../link/with_session.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { GivenIdentity } from "./given_identity.ts";
import { askNewPassword, checkNewPassword, readSecret, type SecretInput } from "./secret_input.ts";
import { type AccountFiles, keepLogin, notAnswered, noteServer } from "./use_token.ts";

type Surroundings = Omit<ClientContext, "identity">;

export interface LoginOptions extends AccountFiles {
  /** The name that the command names; without it that of the settings, or the person is asked. */
  readonly account?: string;
  readonly timeoutMs: number;
  readonly input: SecretInput;
  /** Asks for a name. */
  readonly terminal: LineTerminal;
}

/** @throws {Failure} unless the server accepts name and password, and the token is kept */
export async function login(context: Surroundings, options: LoginOptions): Promise<void> {
  const name = await chooseName(options);
  const password = await readSecret(options.input, "password");
  if (password === "") throw new Failure("usage", "No password was given: nothing was changed");
  await redeem(context, { ...options, auth: { method: "password", name, password } });
}

/** Logs in once, and keeps the token that the server gives. @throws {Failure} */
export async function redeem(
  context: Surroundings,
  { auth, timeoutMs, ...files }: AccountFiles & {
    readonly auth: Auth;
    readonly timeoutMs: number;
  },
): Promise<string> {
  const identity = new GivenIdentity(() => Promise.resolve(auth));
  const overdue = () => notAnswered(timeoutMs);
  return await withSession(
    { ...context, identity },
    { timeoutMs, overdue },
    async ({ welcome }) => {
      const { you, token } = welcome;
      if (you === null || token === undefined) {
        throw new Failure("protocol", "The server gave no token for this login");
      }
      await keepLogin(context, { ...files, you, token });
      return you.name;
    },
  );
}

/**
 * Turns the guest whose token is kept, or a new one, into an account: the same user, with rooms, questions
 * and read positions. @throws {Failure}
 */
export async function register(context: Surroundings, options: LoginOptions): Promise<void> {
  const { tokens, state, timeoutMs, input, keepServer } = options;
  const { server, output } = context;
  const name = await chooseName(options);
  const password = input.isTerminal
    ? await askNewPassword(input, { isOptional: false })
    : checkNewPassword(await readSecret(input, "password"));
  const welcomed = () => rememberName(state, { name, by: "person" });
  const identity = new KeptIdentity(tokens, { server, name, unkept: "fails", welcomed });
  const overdue = () => notAnswered(timeoutMs);
  await withSession({ ...context, identity }, { timeoutMs, overdue }, async (session, limit) => {
    const request = { type: "register", password } as const;
    const { name: own = name, role } = await requestPatiently(context, request, { session, limit });
    writeLine(output, notice(`${own} is your account now (${role}), with this password`));
    await noteServer(output, keepServer(own));
  });
}

async function chooseName(
  { account, name, input, terminal, state }: LoginOptions,
): Promise<string> {
  const given = account ?? name;
  if (given !== undefined) {
    if (isAccountName(given)) return given;
    throw new Failure("usage", `${JSON.stringify(given)} is no name`);
  }
  const { remembered } = await recallName(state);
  if (input.isTerminal) return await askName(terminal, remembered?.name);
  if (remembered !== undefined) return remembered.name;
  throw new Failure("usage", "A name is needed: --name NAME gives it");
}
