// `use-token`: keeps a token that was created elsewhere, once the server has accepted it.

import { notice } from "../../terminal/view_lines.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { KeptIdentity } from "../files/identity.ts";
import type { PrivateFiles } from "../files/private_files.ts";
import { rememberName } from "../files/remembered_name.ts";
import { withSession } from "../link/with_session.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { formatDuration } from "../output/durations.ts";
import { GivenIdentity } from "./given_identity.ts";
import { readToken, type SecretInput } from "./secret_input.ts";

/** Where what a login gives is kept, and the name that was asked for. */
export interface AccountFiles {
  readonly tokens: PrivateFiles;
  readonly state: PrivateFiles;
  /** The name from the command line, the environment or the configuration file. */
  readonly name: string | undefined;
  /** Whether the name is from the command line. */
  readonly isNameGiven: boolean;
  /** Whether the name is from the environment: later runs use it, whatever is kept. */
  readonly isNameInEnvironment: boolean;
  /** Keeps the server, with who the person is there: how it is called. @throws {FileFault} */
  readonly keepServer: (
    user: string,
  ) => Promise<{ readonly name: string; readonly isNew: boolean }>;
}

export interface UseTokenOptions extends AccountFiles {
  readonly timeoutMs: number;
  readonly input: SecretInput;
}

/** @throws {Failure} unless the server accepts the token and it is kept */
export async function useToken(
  context: Omit<ClientContext, "identity">,
  options: UseTokenOptions,
): Promise<void> {
  const token = await readToken(options.input);
  const identity = new GivenIdentity(() => Promise.resolve({ method: "token", token }));
  const overdue = () => notAnswered(options.timeoutMs);
  await withSession(
    { ...context, identity },
    { timeoutMs: options.timeoutMs, overdue },
    (session) => {
      const { you } = session.welcome;
      if (you === null) throw new Failure("protocol", "The server did not log in by the token");
      return keepLogin(context, { ...options, you, token });
    },
  );
}

export function notAnswered(timeoutMs: number): Failure {
  const within = `within ${formatDuration(timeoutMs)}`;
  return new Failure("timeout", `The server gave no answer ${within}; nothing was kept`);
}

interface Login extends AccountFiles {
  readonly you: { readonly name: string; readonly role: string };
  readonly token: string;
}

/**
 * Keeps the token of an accepted login; later runs use its name. @throws {Failure} usage, when another
 * name was given; {FileFault}
 */
export async function keepLogin(
  { server, output }: Omit<ClientContext, "identity">,
  { you, token, tokens, state, name, isNameGiven, isNameInEnvironment, keepServer }: Login,
): Promise<void> {
  const isOther = name !== undefined && name.toLowerCase() !== you.name.toLowerCase();
  if (isOther && isNameGiven) {
    throw new Failure("usage", `The token is ${you.name}'s, not ${name}'s: nothing was kept`);
  }
  const account = you.role === "guest" ? undefined : true;
  await KeptIdentity.keep(tokens, { server, name: you.name, token, account });
  await rememberName(state, { name: you.name, by: "person" });
  writeLine(output, notice(`You are ${you.name} (${you.role}) on ${server} from now on`));
  await noteServer(output, keepServer(you.name));
  if (!isOther || !isNameInEnvironment) return;
  writeLine(output, notice(`PARLEY_NAME says ${name}: --name ${you.name} is needed`));
}

/** Keeps the server and shows how a new one is called. @throws {FileFault} */
export async function noteServer(
  output: ClientContext["output"],
  kept: ReturnType<AccountFiles["keepServer"]>,
): Promise<void> {
  const { name, isNew } = await kept;
  if (isNew) {
    writeLine(output, notice(`The server is kept as ${name}: --server ${name} chooses it`));
  }
}
