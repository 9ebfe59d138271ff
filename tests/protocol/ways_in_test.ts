// Every way in, crossed with every state of an account, on the server where the state was decided and on
// another of the same store. A method of login without a row does not compile.

import { assertEquals } from "@std/assert";
import type { CodeKind } from "../../lib/store/repository.ts";
import type { Auth } from "../../lib/wire/frames/session.ts";
import type { RawClient } from "../support/clients/raw_client.ts";
import { OldProgram } from "../support/clients/old_program.ts";
import { MemoryNet } from "../support/fakes/memory_net.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "../support/server.ts";
import { eventually } from "../support/waiting.ts";
import { byToken, comeBack, hello, UNHURRIED } from "./scene.ts";

const PASSWORD = "correct horse";
const NEW_PASSWORD = "battery staple";
/** How many connections a user may have here. */
const SESSIONS = 8;

/** An account with a secret for each way in. */
interface Ann {
  readonly name: string;
  readonly token: string;
  readonly device: string;
  readonly reset: string;
  /** A code by which ann has invited another user. */
  readonly join: string;
}

type Code = Extract<Auth, { method: "code" }>;
/** What a way sends, by method: a code is of one kind or another. */
type Ways =
  & Record<Exclude<Auth["method"], "code">, { auth: (ann: Ann) => Auth }>
  & Record<CodeKind, { auth: (ann: Ann) => Code }>;

const AUTHS: Ways = {
  guest: { auth: ({ name }) => ({ method: "guest", name }) },
  join: { auth: ({ join }) => ({ method: "code", code: join, name: "eve" }) },
  token: { auth: ({ token }) => ({ method: "token", token }) },
  device: { auth: ({ device }) => ({ method: "code", code: device }) },
  password: { auth: ({ name }) => ({ method: "password", name, password: PASSWORD }) },
  reset: { auth: ({ reset }) => ({ method: "code", code: reset, password: NEW_PASSWORD }) },
};
type Way = keyof Ways;
/** In this order: a reset ends the tokens. */
const WAYS: readonly Way[] = ["guest", "join", "token", "device", "password", "reset"];

interface State {
  readonly state: string;
  /** What is done to ann. */
  enter(boss: RawClient, ann: Ann, server: TestServer): Promise<unknown>;
  /** The answer on every way: `welcome`, or the code of the refusal. */
  readonly answers: Readonly<Record<Way, string>>;
  /** An old program, which is a guest without a name. */
  readonly legacy: "ok" | "refused";
}

const IN = {
  guest: "name_taken",
  token: "welcome",
  password: "welcome",
  device: "welcome",
  reset: "welcome",
  join: "welcome",
} as const;
const BANNED = { token: "banned", password: "banned", device: "banned", reset: "banned" } as const;
const DEAD = {
  token: "auth_failed",
  password: "auth_failed",
  device: "auth_failed",
  reset: "auth_failed",
  join: "auth_failed",
} as const;

const STATES: readonly State[] = [
  { state: "who is active", enter: () => Promise.resolve(), answers: IN, legacy: "ok" },
  {
    state: "who is suspended",
    enter: (boss, { name }) => boss.ask({ type: "account", name, state: "suspended" }),
    answers: { ...IN, ...DEAD },
    legacy: "ok",
  },
  {
    state: "who is active again",
    async enter(boss, { name }): Promise<void> {
      await boss.ask({ type: "account", name, state: "suspended" });
      await boss.ask({ type: "account", name, state: "active" });
    },
    answers: IN,
    legacy: "ok",
  },
  {
    state: "who is banned",
    enter: (boss, { name }) => boss.ask({ type: "ban", user: name }),
    answers: { ...IN, ...BANNED },
    legacy: "ok",
  },
  {
    state: "whose ban has ended",
    async enter(boss, { name }): Promise<void> {
      await boss.ask({ type: "ban", user: name });
      await boss.ask({ type: "unban", user: name });
    },
    answers: IN,
    legacy: "ok",
  },
  {
    state: "who is no operator any more",
    async enter(boss, { name }): Promise<void> {
      await boss.ask({ type: "account", name, role: "operator" });
      await boss.ask({ type: "account", name, role: "member" });
    },
    answers: IN,
    legacy: "ok",
  },
  {
    state: "with another password",
    async enter(_boss, { token }, server): Promise<void> {
      const ann = await comeBack(server, token);
      await ann.ask({ type: "password", old: PASSWORD, new: NEW_PASSWORD });
      ann.close();
    },
    answers: { ...IN, password: "auth_failed", device: "auth_failed", reset: "auth_failed" },
    legacy: "ok",
  },
  {
    state: "who has logged out",
    async enter(_boss, { token }, server): Promise<void> {
      await (await comeBack(server, token)).ask({ type: "logout" });
    },
    answers: { ...IN, token: "auth_failed" },
    legacy: "ok",
  },
  {
    state: "who is connected as often as allowed",
    async enter(_boss, { token }, server): Promise<void> {
      for (let n = 0; n < SESSIONS; n++) await comeBack(server, token);
    },
    // A reset ends the other connections.
    answers: { ...IN, token: "busy", password: "busy", device: "busy" },
    legacy: "ok",
  },
  {
    state: "of a server that admits no new users",
    enter: (boss) => boss.ask({ type: "panic", on: true }),
    answers: { ...IN, guest: "forbidden", join: "forbidden" },
    legacy: "refused",
  },
];

/** A member who has a token, a password and codes of all kinds. */
async function createAnn(server: TestServer, boss: RawClient): Promise<Ann> {
  const client = await server.connect();
  const { token } = await client.hello("ann");
  await client.ask({ type: "register", password: PASSWORD });
  const { code: device } = await client.ask({ type: "code", kind: "device" });
  const { code: join } = await client.ask({ type: "code", kind: "join" });
  const { code: reset } = await boss.ask({ type: "code", kind: "reset", user: "ann" });
  client.close();
  return { name: "ann", token, device, reset, join };
}

function start(options: TestServerOptions = {}): Promise<TestServer> {
  return startTestServer({
    ...options,
    invites: "members",
    limits: { ...UNHURRIED, sessions_per_user: SESSIONS },
  });
}

async function answer(server: TestServer, auth: object): Promise<string> {
  const client = await server.connect();
  const { type, code } = await hello(client, auth);
  client.close();
  return code ?? type;
}

async function answerToOldProgram(server: TestServer): Promise<string> {
  using old = await OldProgram.connect(server);
  await old.inquiry("may I?");
  await old.send("nonsense");
  const { code } = await old.receive();
  return code === "bad_json" ? "ok" : "refused";
}

for (const { state, enter, answers, legacy } of STATES) {
  Deno.test(`ways in: a user ${state}`, async () => {
    const net = new MemoryNet();
    await using server = await start({ bus: net.join() });
    await using other = await start({ bus: net.join(), beside: server });
    const boss = await comeBack(server, server.adminToken);
    const ann = await createAnn(server, boss);
    await enter(boss, ann, server);
    if (state === "who is connected as often as allowed") {
      // Those of another server do not count.
      assertEquals(await answer(other, byToken(ann.token)), "welcome");
    } else {
      await eventually(() => answer(other, byToken(ann.token)), (is) => is === answers.token);
      // What is refused may be asked again, and is refused on every server.
      const refused = WAYS.filter((way) => answers[way] !== "welcome");
      const found = await inTurn(refused, (way) => answer(other, AUTHS[way].auth(ann)));
      assertEquals(found, refused.map((way) => `${way}: ${answers[way]}`));
    }
    assertEquals(
      await inTurn(WAYS, (way) => answer(server, AUTHS[way].auth(ann))),
      WAYS.map((way) => `${way}: ${answers[way]}`),
    );
    assertEquals(await answerToOldProgram(server), legacy);
  });
}

/** Asks by each way, one after the other. */
async function inTurn(
  ways: readonly Way[],
  ask: (way: Way) => Promise<string>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const way of ways) found.push(`${way}: ${await ask(way)}`);
  return found;
}

Deno.test("ways in: what is refused by a ban has used up no code and stored no token", async () => {
  await using server = await start();
  const boss = await comeBack(server, server.adminToken);
  const ann = await createAnn(server, boss);
  await boss.ask({ type: "ban", user: "ann" });
  for (const way of ["device", "reset", "password"] as const) {
    assertEquals(await answer(server, AUTHS[way].auth(ann)), "banned");
  }
  const { tokens } = await boss.ask({ type: "tokens", user: "ann" });
  assertEquals(tokens.length, 1);
  await boss.ask({ type: "unban", user: "ann" });
  for (const way of ["password", "device", "reset"] as const) {
    assertEquals(await answer(server, AUTHS[way].auth(ann)), "welcome", way);
  }
});
