// Joining by a string, and the server by TLS, with the real programs.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pinOfCertificate } from "../../lib/tls/pin.ts";
import { RawClient } from "../support/clients/raw_client.ts";
import { startTlsImpostor } from "../support/clients/tls_impostor.ts";
import { ChildServer } from "../support/processes/child_server.ts";
import { type Finished, Home, runClient } from "../support/processes/client_process.ts";
import { runServerCommand } from "../support/processes/server_command.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import {
  createTestCertificate,
  type TestCertificate,
  writeCertificateFiles,
} from "../support/tls.ts";
import { until } from "../support/waiting.ts";

const CODE = "K7QD9FX2TB4M8WZR";

interface Scene extends AsyncDisposable {
  readonly server: ChildServer;
  readonly home: Home;
  /** The server's. */
  readonly directory: string;
  readonly certificate: TestCertificate;
  /** `parley://127.0.0.1:PORT`. */
  readonly address: string;
  write(certificate: TestCertificate): Promise<void>;
  /** The `code` reply of the server. */
  code(request?: object): Promise<{ readonly code: string; readonly join: string }>;
  run(args: readonly string[], stdin?: string): Promise<Finished>;
}

async function open(): Promise<Scene> {
  const directory = await temporaryDirectory();
  const home = await Home.create();
  const certificate = await createTestCertificate();
  await Deno.mkdir(`${directory.path}/data`);
  const paths = {
    certificatePath: `${directory.path}/data/cert.pem`,
    keyPath: `${directory.path}/data/key.pem`,
  };
  const write = (written: TestCertificate) => writeCertificateFiles(paths, written);
  await write(certificate);
  const server = await ChildServer.start({ directory: directory.path, hasTls: true });
  const { port } = server.tlsAddress;
  return {
    server,
    home,
    directory: directory.path,
    certificate,
    address: `parley://127.0.0.1:${port}`,
    write,
    async code(request = { kind: "join" }): Promise<{ code: string; join: string }> {
      using admin = await RawClient.connect(server.address);
      const token = (await Deno.readTextFile(`${directory.path}/data/admin.token`)).trim();
      await admin.ask({ type: "hello", version: 1, auth: { method: "token", token }, idle_ms: 0 });
      const { code, join } = await admin.ask({ type: "code", ...request });
      return { code, join };
    },
    run: (args, stdin) => runClient({ home, args, ...(stdin === undefined ? {} : { stdin }) }),
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

Deno.test("client join: a string joins, keeps pin and token, and a changed key gets neither", async () => {
  await using scene = await open();
  const { address, certificate, home } = scene;
  const pin = pinOfCertificate(certificate.cert);
  const { code, join } = await scene.code();
  assertEquals(join, `${address}/${code}#${pin}`);

  const cut = await scene.run(["join", "--name", "ada"], join.slice(0, -1));
  assertEquals(cut.code, 64);
  assertStringIncludes(cut.err, "was the whole string copied?");
  assert(!cut.err.includes(code));
  const wrong = await scene.run(["join", `${address}/${code}#${"A".repeat(22)}`, "--name", "ada"]);
  assertEquals(wrong.code, 76);
  assert(!wrong.err.includes(code));

  const joined = await scene.run(["join", "--name", "ada"], `${join}\n`);
  assertEquals([joined.code, joined.out], [0, ""], joined.err);
  assertStringIncludes(joined.err, "The code is by admin: it makes a member account");
  assertStringIncludes(joined.err, "The server is kept as local: --server local chooses it");
  const folder = `${home.path}/.config/parley`;
  const kept = [
    "client.json",
    `tokens/${encodeURIComponent(`${address}#${pin}`)}/ada.json`,
  ];
  for (const file of kept) {
    assertEquals((Deno.statSync(`${folder}/${file}`).mode ?? 0) & 0o777, 0o600, file);
  }
  const sent = await scene.run(["send", "lobby", "hello", "--server", address]);
  assertEquals([sent.code, sent.err], [0, ""]);

  const other = await createTestCertificate();
  await scene.write(other);
  scene.server.notify("SIGHUP");
  await until(() => scene.server.logged("TLS certificate exchanged").length === 1);
  const changed = await scene.run(["send", "lobby", "hello", "--server", address]);
  assertEquals(changed.code, 76);
  assertStringIncludes(changed.err, `its pin is ${pinOfCertificate(other.cert)}, not ${pin}`);
  assertMatch(changed.err, /Nothing was sent.*Ask the owner/s);
  // Under the new pin there is no token: the server gets a guest's hello, whose name is taken.
  const trusted = `${address}#${pinOfCertificate(other.cert)}`;
  const asGuest = await scene.run(["send", "lobby", "hello", "--server", trusted]);
  assertEquals(asGuest.code, 1);
  assertStringIncludes(asGuest.err, "ada");
  // Who logs in with the new pin keeps it.
  const password = "correct horse battery";
  const eva = ["--name", "eva"];
  const registered = await scene.run(["register", ...eva, "--server", trusted], password);
  assertEquals(registered.code, 0, registered.err);
  const later = await scene.run(["send", "lobby", "hello", ...eva, "--server", address]);
  assertEquals([later.code, later.err], [0, ""]);
});

Deno.test("client by TLS: a new key that its owner announces is known by a login or a reset code", async () => {
  await using scene = await open();
  const { address, write, server } = scene;
  const password = "correct horse battery";
  for (const name of ["ada", "bob"]) {
    const { join } = await scene.code();
    const joined = await scene.run(["join", join, "--name", name, "--password-stdin"], password);
    assertEquals(joined.code, 0, joined.err);
  }
  const next = await createTestCertificate();
  await write(next);
  server.notify("SIGHUP");
  await until(() => server.logged("TLS pin changed").length === 1);
  const pin = pinOfCertificate(next.cert);
  const [warned] = server.logged("TLS pin changed");
  assertEquals([warned?.old, warned?.new], [pinOfCertificate(scene.certificate.cert), pin]);

  const login = ["login", "ada", "--server", `${address}#${pin}`];
  const again = await scene.run(login, password);
  assertEquals(again.code, 0, again.err);
  const { join } = await scene.code({ kind: "reset", user: "bob" });
  assertStringIncludes(join, `#${pin}`);
  const reset = await scene.run(["join", join, "--password-stdin"], `${password} 2`);
  assertEquals(reset.code, 0, reset.err);
  for (const name of ["ada", "bob"]) {
    const send = ["send", "lobby", "here again", "--name", name, "--server", address];
    const { code, err } = await scene.run(send);
    assertEquals([code, err], [0, ""]);
  }
});

Deno.test("client join: a string for another key is sent nowhere", async () => {
  await using home = await Home.create();
  await using impostor = await startTlsImpostor(await createTestCertificate());
  const address = `parley://127.0.0.1:${impostor.port}`;
  for (const join of [`${address}/${CODE}#${"A".repeat(22)}`, `${address}/${CODE}`]) {
    const { code, err } = await runClient({ home, args: ["join", "--name", "ada"], stdin: join });
    const received = new TextDecoder().decode(Uint8Array.from(impostor.received));
    assertEquals(received, "", "what the impostor got");
    assertEquals(code, 76, err);
  }
});

Deno.test("client by TLS: an unknown key shows its pin and is 76; --ca and the pin let it pass", async () => {
  await using scene = await open();
  const { address, certificate, home } = scene;
  const pin = pinOfCertificate(certificate.cert);
  const send = (...args: string[]) =>
    scene.run(["send", "lobby", "hello", "--name", "eva", ...args]);
  const unknown = await send("--server", address);
  assertEquals([unknown.code, unknown.out], [76, ""]);
  assertStringIncludes(unknown.err, `Its pin is ${pin}`);
  assertEquals((await send("--server", `${address}#${pin}`)).code, 0);

  const folder = `${home.path}/.config/parley`;
  await Deno.writeTextFile(`${folder}/ca.pem`, certificate.cert);
  const { code } = await scene.code();
  const withoutPin = ["join", `${address}/${code}`, "--name", "carl"];
  assertEquals((await scene.run(withoutPin)).code, 76);
  const joined = await scene.run([...withoutPin, "--ca", `${folder}/ca.pem`]);
  assertEquals(joined.code, 0, joined.err);
  const at = address.slice("parley://".length);
  const byAuthority = ["--server", at, "--tls", "--ca", `${folder}/ca.pem`, "--name", "bob"];
  const sent = await send(...byAuthority);
  assertEquals([sent.code, sent.err], [0, ""]);
  for (
    const [args, exit, says] of [
      [["--server", at, "--ca", `${folder}/ca.pem`], 64, "--ca is for TLS"],
      [["--server", address, "--ca", `${folder}/none.pem`], 78, "cannot be read"],
      [["--server", `${address}#${pin}`, "--ca", `${folder}/ca.pem`], 64, "only the pin counts"],
      [["--server", `${address}/${CODE}`], 64, "client join STRING"],
    ] as const
  ) {
    const refused = await send(...args);
    assertEquals(refused.code, exit, refused.err);
    assertStringIncludes(refused.err, says);
  }
});

Deno.test({
  name: "client join: in a terminal the string is asked for unseen; the chat then goes by TLS",
  ignore: !hasPty,
  fn: async () => {
    await using scene = await open();
    const { code, join } = await scene.code();
    {
      await using terminal = Terminal.start({ home: scene.home, args: ["join"] });
      await terminal.untilSeen("Code:");
      await terminal.type(join, KEYS.enter);
      await terminal.untilSeen("The code is by admin");
      await terminal.untilSeen("Your name:");
      await terminal.type("ada", KEYS.enter);
      await terminal.untilSeen("Enter alone for none");
      await terminal.type(KEYS.enter, KEYS.enter);
      await terminal.untilSeen("You are ada (member)");
      assertEquals(await terminal.code(), 0);
      assert(!terminal.raw.includes(code), "the code is not shown");
    }
    const args = ["--server", scene.address];
    await using terminal = Terminal.start({ home: scene.home, args });
    await terminal.untilLast("#lobby>");
    await terminal.type("by TLS", KEYS.enter);
    await terminal.untilSeen("ada: by TLS");
  },
});

Deno.test("server code: what it prints is all that client join needs", async () => {
  await using scene = await open();
  const { directory, server: { address: { hostname, port } } } = scene;
  const allowed = `${hostname}:${port}`;
  const args = ["code", "join", "--rooms", "lobby", "--uses", "2", "--listen", allowed];
  const { out, err } = await runServerCommand({ directory, args, allowed });
  assertMatch(out, /^parley:\/\/127\.0\.0\.1:\d+\/[0-9A-Z]{16}#[\w-]{22}\n$/, err);
  const joined = await scene.run(["join", "--name", "ada"], out);
  assertEquals(joined.code, 0, joined.err);
  // A string is for its server, whatever server the settings name.
  const again = ["join", out.trim(), "--name", "bob", "--server", "127.0.0.1:1"];
  assertEquals((await scene.run(again)).code, 0);
  const ends = ["send", "lobby", "hello", "--name", "bob", "--server", `127.0.0.1:${port}`];
  // The token of the account is not used without TLS: the server is asked for a guest of that name.
  assertEquals((await scene.run(ends)).code, 1);
});
