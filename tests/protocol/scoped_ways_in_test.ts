// Ways in by tokens with scopes and by codes of an administrator, in states of the account: what keeps a user out keeps them out by each of them.

import { assertEquals } from "@std/assert";
import { userNameOf } from "../../lib/chat/people/names.ts";
import { hashToken, newToken } from "../../lib/server/tokens.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { byToken, comeBack, hello, UNHURRIED } from "./scene.ts";

const PASSWORD = "correct horse";

/** The ways in of ann, who has an account, and of whoever has a code of hers. */
interface Ways {
  readonly token: object;
  readonly "token with scopes": object;
  readonly "token that expires": object;
  readonly password: object;
  readonly device: object;
  readonly reset: object;
  readonly invitation: object;
}
type Way = keyof Ways;

interface Scene {
  readonly server: TestServer;
  readonly admin: RawClient;
  readonly ways: Ways;
}

/** Ann is an administrator, so that she may invite. */
async function openScene(server: TestServer): Promise<Scene> {
  const { users } = server.repository;
  const { id } = await users.ensureAccount({ name: userNameOf("ann"), role: "admin", now: 0 });
  const token = newToken();
  await users.addToken(id, { tokenHash: hashToken(token), now: Date.now() });
  const ann = await comeBack(server, token);
  assertEquals((await ann.ask({ type: "password", new: PASSWORD })).type, "ok");
  const admin = await comeBack(server, server.adminToken);
  const scoped = await ann.ask({ type: "token", label: "ci", scopes: ["send"] });
  const short = await ann.ask({
    type: "token",
    label: "short",
    scopes: ["read"],
    expires_ms: 86_400_000,
  });
  const code = (await ann.ask({ type: "code", kind: "device" })).code;
  const reset = (await admin.ask({ type: "code", kind: "reset", user: "ann" })).code;
  const join = (await ann.ask({ type: "code", kind: "join" })).code;
  const ways: Ways = {
    token: byToken(token),
    "token with scopes": byToken(scoped.token),
    "token that expires": byToken(short.token),
    password: { method: "password", name: "ann", password: PASSWORD },
    device: { method: "code", code },
    reset: { method: "code", code: reset, password: "battery staple" },
    invitation: { method: "code", code: join, name: "joe" },
  };
  return { server, admin, ways };
}

/** A state of ann's account, and which ways in lead to another answer than `otherwise`. */
interface State {
  bring(admin: RawClient): Promise<unknown>;
  readonly otherwise: string;
  readonly except?: Partial<Record<Way, string>>;
}

const STATES: Readonly<Record<string, State>> = {
  "is active": { bring: () => Promise.resolve(), otherwise: "welcome" },
  "is suspended": {
    bring: (admin) => admin.ask({ type: "account", name: "ann", state: "suspended" }),
    otherwise: "auth_failed",
  },
  "is banned from the server": {
    async bring(admin): Promise<void> {
      // No administrator can be banned.
      await admin.ask({ type: "account", name: "ann", role: "member" });
      assertEquals((await admin.ask({ type: "ban", user: "ann", for_ms: 60_000 })).type, "ok");
    },
    otherwise: "banned",
    except: { invitation: "auth_failed" },
  },
  "is no administrator any more": {
    bring: (admin) => admin.ask({ type: "account", name: "ann", role: "member" }),
    otherwise: "welcome",
    except: { invitation: "auth_failed" },
  },
  "was suspended, and is active again": {
    async bring(admin): Promise<void> {
      await admin.ask({ type: "account", name: "ann", state: "suspended" });
      await admin.ask({ type: "account", name: "ann", state: "active" });
    },
    otherwise: "welcome",
  },
};

for (const [state, { bring, otherwise, except }] of Object.entries(STATES)) {
  Deno.test(`ways in: tokens with scopes and codes, of a user who ${state}`, async () => {
    await using server = await startTestServer({ limits: UNHURRIED });
    const { admin, ways } = await openScene(server);
    await bring(admin);
    for (const [way, auth] of Object.entries(ways)) {
      const client = await server.connect();
      const { type, code } = await hello(client, auth);
      const expected = except?.[way as Way] ?? otherwise;
      assertEquals(type === "welcome" ? type : code, expected, way);
    }
  });
}
