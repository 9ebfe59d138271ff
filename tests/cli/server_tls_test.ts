// TLS of the server as a process: its options, its files, and SIGHUP.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ChildServer } from "../support/processes/child_server.ts";
import { Home } from "../support/processes/client_process.ts";
import { freePort } from "../support/processes/ports.ts";
import { untilEnded } from "../support/processes/processes.ts";
import { SERVER_PROGRAM, serverFlags } from "../support/processes/task_flags.ts";
import { hasPty, Terminal } from "../support/terminals/pty.ts";
import { ProjectCopy } from "../support/processes/project_copy.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import {
  connectTls,
  createTestCertificate,
  type TestCertificate,
  writeCertificateFiles,
} from "../support/tls.ts";
import { until } from "../support/waiting.ts";

async function writeIn(directory: string, certificate: TestCertificate): Promise<void> {
  await Deno.mkdir(`${directory}/data`, { recursive: true });
  await writeCertificateFiles({
    certificatePath: `${directory}/data/cert.pem`,
    keyPath: `${directory}/data/key.pem`,
  }, certificate);
}

Deno.test("server tls: SIGHUP exchanges the certificate, keeps one that does not fit, and ends no connection", async () => {
  await using home = await temporaryDirectory();
  const first = await createTestCertificate({ days: 20 });
  await writeIn(home.path, first);
  await using server = await ChildServer.start({ directory: home.path, hasTls: true });
  const { port } = server.tlsAddress;
  assertEquals(server.logged("TLS certificate expires soon")[0]?.days, 19);
  assertEquals((await server.stats()).tls_days_left, 19);
  using ann = await connectTls({ port, cert: first.cert });
  await ann.hello("ann");

  await writeIn(home.path, { ...first, cert: first.cert.slice(0, 300) });
  server.notify("SIGHUP");
  await until(() => server.logged("TLS certificate kept").length === 1);
  using still = await connectTls({ port, cert: first.cert });
  assertEquals((await still.hello("bob")).type, "welcome");

  const second = await createTestCertificate({ of: first, days: 100 });
  await writeIn(home.path, second);
  server.notify("SIGHUP");
  await until(() => server.logged("TLS certificate exchanged").length === 1);
  assertEquals(server.logged("TLS pin changed"), []);
  assertEquals((await server.stats()).tls_days_left, 99);
  using carl = await connectTls({ port, cert: second.cert });
  assertEquals((await carl.hello("carl")).type, "welcome");
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
  assertEquals((await server.terminate()).code, 0);
});

Deno.test("server tls: files that may not be read, do not fit or are open to everyone are 78, before anything is written", async () => {
  await using copy = await ProjectCopy.create();
  const { directory } = copy;
  const command = (folder: string) =>
    `PARLEY_NET=127.0.0.1:0 deno task -q server:at --listen 127.0.0.1:0 --tls-listen 127.0.0.1:0 ` +
    `--tls-cert ${folder}/cert.pem --tls-key ${folder}/key.pem`;
  const refused = async (folder: string) => {
    const { code, err } = await copy.run(command(folder));
    assertEquals([code, err.trim().split("\n").length], [78, 1], err);
    return err;
  };
  assertMatch(await refused("data"), /TLS: data\/cert\.pem cannot be read: No such file/);
  const certificate = await createTestCertificate();
  await writeIn(directory, certificate);
  await Deno.chmod(`${directory}/data/key.pem`, 0o644);
  assertStringIncludes(await refused("data"), "chmod 600 data/key.pem");
  await writeIn(directory, { ...certificate, keyPem: (await createTestCertificate()).keyPem });
  assertStringIncludes(await refused("data"), "is not the key of the first certificate");
  assertEquals([...Deno.readDirSync(`${directory}/data`)].length, 2);

  await writeIn(`${directory}/other`, certificate);
  const err = await refused(`${directory}/other/data`);
  const [, named] = /start with ((?:PARLEY_\w+=\S.*)?deno task .*)\n$/.exec(err) ?? [];
  assert(named !== undefined, err);
  await using server = await copy.serve(named);
  assertStringIncludes(server.log(), '"tls_port":');
});

Deno.test("server tls: an address that is taken is 78, with the command for another", async () => {
  await using copy = await ProjectCopy.create();
  await writeIn(copy.directory, await createTestCertificate());
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const at = `127.0.0.1:${taken.addr.port}`;
  const { code, err } = await copy.run(
    `PARLEY_NET=127.0.0.1:0,${at} deno task -q server:at --listen 127.0.0.1:0 --tls-listen ${at} ` +
      "--tls-cert data/cert.pem --tls-key data/key.pem",
  );
  assertEquals(code, 78);
  assertStringIncludes(err, `Cannot listen on ${at}: another program listens there`);
  assertMatch(
    err,
    /PARLEY_NET=127\.0\.0\.1:0,127\.0\.0\.1:7000 .*--tls-listen 127\.0\.0\.1:7000\n$/,
  );
});

Deno.test({
  name:
    "server tls: in a terminal SIGHUP exchanges the certificate, and a closed terminal stops the server",
  ignore: !hasPty,
  fn: async () => {
    await using home = await Home.create();
    const first = await createTestCertificate();
    await writeIn(home.path, first);
    const [plain, encrypted] = [freePort(), freePort()].map((port) => `127.0.0.1:${port}`);
    const listen = { listen: plain ?? "", tls: encrypted ?? "" };
    await using terminal = Terminal.start({
      home,
      program: [...serverFlags(listen), "--quiet", SERVER_PROGRAM],
      args: [
        ...["--listen", listen.listen, "--tls-listen", listen.tls],
        ...["--tls-cert", "data/cert.pem", "--tls-key", "data/key.pem"],
      ],
    });
    await terminal.untilLast("desk>");
    assert(terminal.screen.all.some((row) => row.includes(`TLS on ${listen.tls}`)));
    const second = await createTestCertificate({ of: first });
    await writeIn(home.path, second);
    const { pid } = terminal;
    Deno.kill(pid, "SIGHUP");
    await terminal.untilSeen("TLS certificate exchanged");
    using ann = await connectTls({ port: Number(listen.tls.split(":")[1]), cert: second.cert });
    await ann.hello("ann");
    terminal.hangUp();
    assertEquals((await ann.until("bye")).code, "restarting");
    await untilEnded(pid);
  },
});
