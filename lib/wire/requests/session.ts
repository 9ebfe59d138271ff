// Decodes the requests of a session (protocol §3).

import { ChatError } from "../errors.ts";
import { badField, findClient, findInteger, getAccountName, getToken } from "../fields.ts";
import { type Auth, PROTOCOL_VERSION, type SessionRequests } from "../frames/session.ts";
import { type Fields, isFields } from "../json.ts";
import { quote } from "../text.ts";
import { getCode } from "./credentials.ts";
import { findNewPassword, getPassword } from "./people.ts";
import { type Decoders, FROM_ZERO } from "./decoder.ts";

export const SESSION_DECODERS: Decoders<keyof SessionRequests> = {
  hello: ({ id, body }) => ({
    type: "hello",
    id,
    version: getVersion(body),
    client: findClient(body),
    auth: body.auth === undefined ? undefined : getAuth(body),
    idle_ms: findInteger(body, "idle_ms", FROM_ZERO),
  }),
  login: ({ id, body }) => ({ type: "login", id, auth: getAuth(body) }),
  ping: ({ id }) => ({ type: "ping", id }),
  pong: ({ id }) => ({ type: "pong", id }),
  stats: ({ id }) => ({ type: "stats", id }),
};

function getVersion({ version }: Fields): number {
  if (version === PROTOCOL_VERSION) return PROTOCOL_VERSION;
  throw badField("version", { found: version, expected: `${PROTOCOL_VERSION}, spoken here` });
}

function getAuth({ auth }: Fields): Auth {
  if (!isFields(auth)) {
    throw badField("auth", { found: auth, expected: "an object with a method" });
  }
  switch (auth.method) {
    case "guest":
      return { method: "guest", name: getAccountName(auth, "auth.name") };
    case "token":
      return { method: "token", token: getToken(auth) };
    case "password":
      return {
        method: "password",
        name: getAccountName(auth, "auth.name"),
        password: getPassword(auth, "password", "auth.password"),
      };
    case "code":
      return {
        method: "code",
        code: getCode(auth, "auth.code"),
        name: auth.name === undefined ? undefined : getAccountName(auth, "auth.name"),
        password: findNewPassword(auth, "password", "auth.password"),
      };
    default:
      throw unknownMethod(auth.method);
  }
}

function unknownMethod(method: unknown): ChatError {
  const field = "auth.method";
  const takes = '"guest", "token", "password" or "code"';
  if (typeof method !== "string") return badField(field, { found: method, expected: takes });
  const message = `Cannot log in by ${quote(method)}: field "${field}" takes ${takes}`;
  return new ChatError("bad_field", message, { field });
}
