// The versions and features of TLS that the server speaks, as OpenSSL's client sees them.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { findProgram } from "../../support/processes/programs.ts";
import { isOpensslMissing } from "../../support/processes/certificates.ts";
import { startTestServer } from "../../support/server.ts";
import { openTestTls } from "../../support/tls.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const ignore = isOpensslMissing();
const PING = '{"type":"ping","id":1}\n';

/** What `openssl s_client` writes once it is connected. */
const CONNECTED = "Verify return code";

/**
 * Runs `openssl s_client` with these arguments and types a line when it is connected. Ends it when it has
 * written `sees`. @returns all that it has written
 */
async function connect(
  port: number,
  args: readonly string[],
  { types = "", sees = CONNECTED }: { readonly types?: string; readonly sees?: string } = {},
): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  let text = "";
  let isTyped = false;
  const readAll = async (stream: ReadableStream<BufferSource>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (!isTyped && text.includes(CONNECTED)) {
        isTyped = true;
        await keyboard.write(new TextEncoder().encode(types)).catch(() => {});
      }
      if (isTyped && text.includes(sees)) end(child);
    }
  };
  await Promise.all([readAll(child.stdout), readAll(child.stderr), child.status]);
  await keyboard.close().catch(() => {});
  return text;
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended by itself.
  }
}

async function onServer(body: (port: number) => Promise<void>): Promise<void> {
  await using tls = await openTestTls();
  await using server = await startTestServer({ endpoints: [tls.endpoint] });
  await body(tls.port);
  assertEquals(server.logged, []);
}

/** What curl gets there, and why it gives up. */
async function curl(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--max-time", "5", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

Deno.test({
  name: "tls versions: curl and openssl on the wrong port get one line, or TLS's own refusal",
  ignore: ignore || findProgram("curl") === undefined,
  fn: async () => {
    await using tls = await openTestTls();
    await using server = await startTestServer({ endpoints: [tls.endpoint] });
    const line = /^\{"type":"bye","code":"protocol","message":"([^"]+)","reconnect":false\}\n$/;
    const [, onTls] = line.exec(await curl("--http0.9", `http://127.0.0.1:${tls.port}`)) ?? [];
    assertEquals(onTls, "This port of a Parley chat server speaks TLS, not plain text");
    const [, onPlain] = line.exec(await curl("--http0.9", `http://127.0.0.1:${server.port}`)) ?? [];
    assertMatch(onPlain ?? "", /speaks JSON lines, not HTTP$/);
    const web = await curl("--insecure", "--alpn", `https://localhost:${tls.port}`);
    assertMatch(web, /no application protocol/);
    const text = await connect(server.port, []);
    assertMatch(text, /wrong version number|packet length too long|record layer failure/);
    assertEquals(server.logged, []);
  },
});

Deno.test({
  name: "tls versions: 1.2 and 1.3 with the name of the protocol, nothing older",
  ignore,
  fn: () =>
    onServer(async (port) => {
      for (const [flag, version] of [["-tls1_2", "TLSv1.2"], ["-tls1_3", "TLSv1.3"]] as const) {
        const text = await connect(
          port,
          [flag, "-alpn", "parley"],
          {
            types: PING,
            sees: '"pong"',
          },
        );
        assertMatch(text, new RegExp(`New, ${version.replace(".", "\\.")}, Cipher is \\S+`));
        assertStringIncludes(text, "ALPN protocol: parley");
        assertStringIncludes(text, '"pong"');
      }
      for (const flag of ["-tls1_1", "-tls1"]) {
        const text = await connect(port, [flag, "-cipher", "DEFAULT@SECLEVEL=0"]);
        assertMatch(text, /alert protocol version|alert handshake failure|no protocols available/);
        assert(!text.includes('"pong"'));
      }
    }),
});

Deno.test({
  name: "tls versions: no renegotiation, no early data",
  ignore,
  fn: () =>
    onServer(async (port) => {
      // R begins a new handshake on a connection of TLS 1.2.
      const text = await connect(port, ["-tls1_2"], {
        types: "R\n",
        sees: "SSL routines",
      });
      assertMatch(text, /RENEGOTIATING[\s\S]*no renegotiation/);
      await using home = await temporaryDirectory();
      const session = `${home.path}/session`;
      const first = await connect(port, ["-tls1_3", "-sess_out", session], {
        types: PING,
        sees: '"pong"',
      });
      assertMatch(first, /Early data was not sent/);
      await Deno.writeTextFile(`${home.path}/early`, PING);
      const again = await connect(
        port,
        ["-tls1_3", "-sess_in", session, "-early_data", `${home.path}/early`],
        { types: PING, sees: '"pong"' },
      );
      assertMatch(again, /Early data was not sent/);
      assertMatch(again, /Reused, TLSv1.3/);
    }),
});
