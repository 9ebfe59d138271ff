// No token and no code is in the log, in an error, in the counters or in a list, whatever is done with it.

import { assert, assertEquals } from "@std/assert";
import type { Frame } from "../support/clients/peer.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** The frames that carry a new secret to the user who asked for it, and nothing else may. */
const CARRIERS = new Set(["welcome", "token", "code"]);

class Watch {
  readonly secrets: string[] = [];
  readonly #received: Frame[] = [];
  readonly #server: ChildServer;

  constructor(server: ChildServer) {
    this.#server = server;
  }

  /** Sends each of these on one connection, frames or lines; what comes back until it is closed. */
  async ask(...requests: readonly (object | string)[]): Promise<readonly Frame[]> {
    const peer = await this.#server.connect();
    try {
      peer.send(...requests);
      await peer.write(new Uint8Array(0));
      await peer.finish();
      const frames = await peer.untilEnd();
      this.#received.push(...frames);
      return frames;
    } finally {
      peer.close();
    }
  }

  /** The secrets, whole or by half, in what the server has written or answered. */
  leaks(): readonly string[] {
    const answers = this.#received.map((frame) =>
      CARRIERS.has(frame.type) ? "" : JSON.stringify(frame)
    );
    const texts = [...this.#server.log, ...answers];
    return this.secrets.flatMap((secret) => {
      const half = secret.slice(0, Math.ceil(secret.length / 2));
      return texts.filter((text) => text.toLowerCase().includes(half.toLowerCase()));
    });
  }
}

const hello = (auth: object) => ({ type: "hello", id: 1, version: 1, auth });
const byToken = (token: string) => hello({ method: "token", token });
const byCode = (code: string) => hello({ method: "code", code, name: "invited" });

/** The frame of this type, with a secret that is watched from now on. */
function take(watch: Watch, frames: readonly Frame[], type: string): string {
  const frame = frames.find((one) => one.type === type);
  const secret = frame?.type === "code" ? frame.code : frame?.token;
  assertEquals(typeof secret, "string", JSON.stringify(frames));
  watch.secrets.push(secret);
  return secret;
}

Deno.test("secrets: none is in the log, in an error, in a list or in a counter", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({
    directory: home.path,
    args: ["--log-level", "debug"],
  });
  const watch = new Watch(server);
  const admin = Deno.readTextFileSync(`${home.path}/data/admin.token`).trim();
  watch.secrets.push(admin);
  const guest = take(watch, await watch.ask(hello({ method: "guest", name: "ada" })), "welcome");
  const program = { type: "token", id: 2, label: "ci", scopes: ["send"] };
  const scoped = take(watch, await watch.ask(byToken(admin), program), "token");
  const invite = { type: "code", id: 2, kind: "join", uses: 2 };
  const code = take(watch, await watch.ask(byToken(admin), invite), "code");
  take(watch, await watch.ask(byCode(code)), "welcome");

  const wrong = (secret: string) => secret.slice(0, -1) + (secret.endsWith("0") ? "1" : "0");
  for (const secret of [guest, scoped, admin, code]) {
    // Where it belongs, cut short, with a wrong letter, and where it does not belong.
    await watch.ask(byToken(secret), { type: "message", id: 2, room: "lobby", content: 5 });
    await watch.ask(byToken(wrong(secret)));
    await watch.ask(byToken(secret.slice(0, -1)));
    await watch.ask({ type: "look", id: 1, code: wrong(secret) });
    await watch.ask(byCode(secret), byCode(secret.slice(0, -2)));
    await watch.ask({ type: "login", id: 1, auth: { method: "token", token: secret } });
    await watch.ask({ ...byToken(secret), version: 2 });
    await watch.ask({ ...byToken(secret), idle_ms: secret });
    await watch.ask(hello({ method: "guest", name: `${secret}-` }));
    await watch.ask(JSON.stringify(byToken(secret)).slice(0, -1));
    await watch.ask(`${JSON.stringify(byToken(secret))}\u0000`);
  }
  await watch.ask(byCode(code.slice(1)), { ...byCode(code), auth: { method: "code", code: 7 } });
  const password = "wrong-horse-battery-staple";
  watch.secrets.push(password);
  const registering = { type: "register", id: 2, name: "Anna", password };
  assertEquals((await watch.ask(byToken(guest), registering))[1]?.type, "ok");
  const byPassword = (fields: object) => hello({ method: "password", name: "anna", ...fields });
  await watch.ask(byPassword({ password }), { type: "password", id: 2, old: "x", new: password });
  await watch.ask(byPassword({ password: `${password}!` }));
  await watch.ask(byPassword({ password, name: password }));
  await watch.ask(byPassword({ password: { password } }));
  await watch.ask(byPassword({ password: password.repeat(20) }));
  await watch.ask(JSON.stringify(byPassword({ password })).slice(0, -1));
  await watch.ask(byToken(guest), { type: "register", id: 2, name: "Anna", password: [password] });
  await watch.ask(byToken(admin), { type: "whois", id: 2, user: "Anna" }, {
    type: "accounts",
    id: 3,
  });
  const lists = ["tokens", "codes", "stats"].map((type, n) => ({ type, id: n + 2 }));
  const listed = await watch.ask(byToken(admin), ...lists);
  assertEquals(listed.map(({ type }) => type), ["welcome", "tokens", "codes", "stats"]);
  await watch.ask(byToken(scoped), { type: "revoke", id: 2, token: 1 }, { type: "logout", id: 3 });
  assert(server.log.length > 0);
  assertEquals(watch.leaks(), []);
});

Deno.test("secrets: one that is written would be found", async () => {
  await using home = await temporaryDirectory();
  await using server = await ChildServer.start({ directory: home.path });
  const watch = new Watch(server);
  await watch.ask(hello({ method: "guest", name: "ada" }), {
    type: "leave",
    id: 2,
    room: "K7QD9FX2",
  });
  watch.secrets.push("k7qd9fx2tb4m8wzr");
  assertEquals(watch.leaks().length, 1);
});
