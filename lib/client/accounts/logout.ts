// `logout`: ends the token that is kept for a name and a server, there and here.

import { notice } from "../../terminal/view_lines.ts";
import { ChatError } from "../../wire/errors.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { KeptIdentity } from "../files/identity.ts";
import { recallName } from "../files/remembered_name.ts";
import { requestPatiently } from "../link/patient_request.ts";
import { withSession } from "../link/with_session.ts";
import { writeLine } from "../output/plain_and_json_views.ts";
import { GivenIdentity } from "./given_identity.ts";
import { type AccountFiles, notAnswered } from "./use_token.ts";

/** @throws {Failure} unless the token is known to be ended; {FileFault} */
export async function logout(
  context: Omit<ClientContext, "identity">,
  { tokens, state, name: given, timeoutMs }: AccountFiles & { readonly timeoutMs: number },
): Promise<void> {
  const { server, output } = context;
  const name = given ?? (await recallName(state)).remembered?.name;
  const kept = name === undefined ? undefined : await KeptIdentity.find(tokens, { server, name });
  if (name === undefined || kept === undefined) {
    const whose = name === undefined ? "" : ` for ${name}`;
    throw new Failure("usage", `No token is kept${whose} on ${server}: nobody is logged in`);
  }
  const { token } = kept;
  const identity = new GivenIdentity(() => Promise.resolve({ method: "token", token }), name);
  const overdue = () => notAnswered(timeoutMs);
  try {
    await withSession({ ...context, identity }, { timeoutMs, overdue }, async (session, limit) => {
      await requestPatiently(context, { type: "logout" }, { session, limit });
    });
  } catch (error) {
    // A token that the server does not know has ended before.
    const isUnknown = error instanceof Failure && error.cause instanceof ChatError &&
      error.cause.code === "auth_failed";
    if (!isUnknown) throw error;
  }
  await KeptIdentity.forget(tokens, { server, name });
  writeLine(output, notice(`${name} is logged out of ${server} here`));
}
