// From nothing to a chat on two machines: a certificate, a server, a join string, a client that knows nothing
// but the string; and a token that goes to no machine but the one that gave it.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ChildServer } from "../support/processes/child_server.ts";
import {
  files,
  type Finished,
  Home,
  LineReader,
  runClient,
  spawnClient,
} from "../support/processes/client_process.ts";
import {
  areNamespacesAllowed,
  type Machine,
  type Machines,
  openLoopbackMachines,
  openNamespaceMachines,
} from "../support/processes/machines.ts";
import { freePort } from "../support/processes/ports.ts";
import { runServerCommand } from "../support/processes/server_command.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { createTestCertificate, writeCertificateFiles } from "../support/tls.ts";
import { within } from "../support/waiting.ts";

const IMPOSTOR = new URL("../support/processes/impostor.ts", import.meta.url).pathname;

interface Scene extends AsyncDisposable {
  readonly machines: Machines;
  /** The server's folder. */
  readonly directory: string;
  readonly home: Home;
  readonly port: number;
  /** Starts the server, at the same address each time. */
  start(): Promise<ChildServer>;
  /** Runs the client on its machine. */
  run(args: readonly string[], stdin?: string): Promise<Finished>;
}

async function open(machines: Machines): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  stack.use(machines);
  const { path: directory } = stack.use(await temporaryDirectory());
  const home = stack.use(await Home.create());
  const { address, under } = machines.server;
  const port = freePort();
  const owned = stack.move();
  return {
    machines,
    directory,
    home,
    port,
    start: () =>
      ChildServer.start({ directory, hasTls: true, tlsHostname: address, tlsPort: port, under }),
    run: (args, stdin) =>
      runClient({
        home,
        args,
        under: machines.client.under,
        ...(stdin === undefined ? {} : { stdin }),
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Makes the certificate and starts the server. @returns what its administrator gives to a colleague */
async function prepare(scene: Scene): Promise<{ server: ChildServer; join: string }> {
  const { directory, machines: { server: { address, under } }, port } = scene;
  const admin = async (allowed: string, ...args: readonly string[]) => {
    const { code, out, err } = await runServerCommand({ directory, args, allowed, under });
    assertEquals(code, 0, err);
    return out;
  };
  const paths = ["--cert", "data/cert.pem", "--key", "data/key.pem"];
  const written = await admin("127.0.0.1:0", "cert", "--name", address, ...paths);
  const server = await scene.start();
  const listen = `127.0.0.1:${server.address.port}`;
  const join = await admin(listen, "code", "join", "--rooms", "lobby", "--listen", listen);
  const [, pin = ""] = /Pin: (\S+)/.exec(written) ?? [];
  assert(join.startsWith(`parley://${address}:${port}/`) && join.endsWith(`#${pin}\n`), join);
  return { server, join };
}

interface Impostor extends AsyncDisposable {
  /** The next bytes that it gets, as text. */
  received(): Promise<string>;
}

/** Something else that listens there, with TLS when it has a certificate in this folder. */
async function deceive(
  { address, under }: Machine,
  { port, folder }: { readonly port: number; readonly folder?: string },
): Promise<Impostor> {
  const paths = folder === undefined ? [] : [`${folder}/cert.pem`, `${folder}/key.pem`];
  const command = [...under, Deno.execPath(), "run", "-A", "-q", IMPOSTOR, address, `${port}`];
  const [program = "", ...args] = [...command, ...paths];
  const child = new Deno.Command(program, { args, stdout: "piped", stderr: "inherit" }).spawn();
  const lines = new LineReader(child.stdout);
  assertEquals(await lines.next(), "listening");
  return {
    async received(): Promise<string> {
      const line = await within(5_000, lines.next(), "The impostor got nothing");
      return new TextDecoder("latin1").decode(Uint8Array.fromHex(line ?? ""));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.status;
      await lines.close();
    },
  };
}

async function joinAndTalk(scene: Scene): Promise<void> {
  const { machines, run } = scene;
  const prepared = await prepare(scene);
  let server = prepared.server;
  const joined = await run(["join", "--name", "ada"], prepared.join);
  assertEquals(joined.code, 0, joined.err);
  assertMatch(joined.err, /The server is kept as \S+: --server/);
  const at = ["--server", `parley://${machines.server.address}:${scene.port}`];
  const { home } = scene;
  const reader = spawnClient({
    home,
    args: ["tail", "lobby", "--since", "0", ...at],
    under: machines.client.under,
    env: { NO_COLOR: "1" },
  });
  const lines = new LineReader(reader.stdout);
  const send = async (text: string) => {
    const { code, err } = await run(["send", "lobby", text, ...at]);
    assertEquals(code, 0, err);
  };
  try {
    await send("before");
    assertMatch(await lines.next() ?? "", /ada: before$/);
    await server.kill();
    server = await scene.start();
    await send("after");
    // It has resumed: nothing twice, nothing lost.
    assertMatch(await lines.next() ?? "", /ada: after$/);
  } finally {
    reader.kill("SIGTERM");
    await Promise.all([reader.status, lines.close(), reader.stderr.cancel()]);
    await server.kill();
  }
  await keepToken(scene, at);
}

/** The server is gone, and others answer in its place, or where a thief of the token file leads the client. */
async function keepToken({ machines, port, run, home }: Scene, at: string[]): Promise<void> {
  const [token] = tokensIn(home);
  assert(token !== undefined);
  const send = (server: readonly string[]) =>
    run(["send", "lobby", "still there?", ...server, "--name", "ada"]);
  await using folder = await temporaryDirectory();
  const paths = {
    certificatePath: `${folder.path}/cert.pem`,
    keyPath: `${folder.path}/key.pem`,
  };
  await writeCertificateFiles(paths, await createTestCertificate());
  {
    await using impostor = await deceive(machines.server, { port, folder: folder.path });
    const refused = await send(at);
    assertEquals(refused.code, 76, refused.err);
    assertStringIncludes(refused.err, "Nothing was sent");
    const [, pin = ""] = /its pin is (\S+), not/.exec(refused.err) ?? [];
    // The person trusts the new key: as somebody new.
    const trusting = await send(["--server", `${at[1]}#${pin}`]);
    assert(trusting.code !== 0);
    const received = await impostor.received();
    assertStringIncludes(received, '"method":"guest"');
    assertEquals(received.includes(token), false);
  }
  {
    await using impostor = await deceive(machines.server, { port });
    assertEquals((await send(at)).code, 69);
    assertEquals((await impostor.received()).slice(0, 2), "\x16\x03", "TLS, and nothing else");
    const plain = await send(["--server", `${machines.server.address}:${port}`]);
    assert(plain.code !== 0);
    assertEquals((await impostor.received()).includes(token), false);
  }
}

/** The tokens that are kept in a home. */
function tokensIn({ path }: Home): readonly string[] {
  return files(`${path}/.config/parley/tokens`)
    .map((file): string => JSON.parse(Deno.readTextFileSync(file)).token);
}

Deno.test("two machines: one string joins, a reader resumes, and the token goes nowhere else (loopback)", async () => {
  await using scene = await open(openLoopbackMachines());
  await joinAndTalk(scene);
});

Deno.test({
  name:
    "two machines: one string joins, a reader resumes, and the token goes nowhere else (namespaces)",
  ignore: !await areNamespacesAllowed(),
  fn: async () => {
    await using scene = await open(await openNamespaceMachines());
    await joinAndTalk(scene);
  },
});
