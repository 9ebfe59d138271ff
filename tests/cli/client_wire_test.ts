// What somebody on the network sees of the real client: joining, logging in, messages, the desk and a
// decision pass a relay that records, by TLS and, to see that the search finds what is there, without.

import { assertEquals } from "@std/assert";
import { pinOfCertificate } from "../../lib/tls/pin.ts";
import {
  assertHidden,
  assertReadable,
  type Capture,
  RecordingRelay,
} from "../support/clients/recording_relay.ts";
import { files, type Finished, Home, runClient } from "../support/processes/client_process.ts";
import { startTestServer } from "../support/server.ts";
import { openTestTls } from "../support/tls.ts";

const NAME = "canary-ann";
const PASSWORD = "canary horse battery staple";
const CONTENT = "canary: the password of db3 is in the safe";
const QUESTION = "canary: run migration 42?";
const REASON = "canary: drained, go";
const COMMON = [NAME, CONTENT, QUESTION, "approve"];

async function capture(how: "plain" | "tls"): Promise<Capture> {
  await using stack = new AsyncDisposableStack();
  const tls = stack.use(await openTestTls());
  const server = stack.use(await startTestServer({ endpoints: [tls.endpoint] }));
  const relay = stack.use(new RecordingRelay(how === "tls" ? tls.port : server.port));
  const home = stack.use(await Home.create());
  const admin = await server.connect();
  const auth = { method: "token", token: server.adminToken };
  await admin.ask({ type: "hello", version: 1, auth });
  const { code } = await admin.ask({ type: "code", kind: "join" });

  const at = `127.0.0.1:${relay.port}`;
  const [address, joined] = how === "tls"
    ? [`parley://${at}`, `parley://${at}/${code}#${pinOfCertificate(tls.written.cert)}`]
    : [at, code];
  const run = (args: readonly string[], stdin?: string) =>
    runClient({
      home,
      args: [...args, "--name", NAME],
      env: { PARLEY_SERVER: address },
      ...(stdin === undefined ? {} : { stdin }),
    });
  const succeed = async (running: Promise<Finished>) => {
    const { code, err } = await running;
    assertEquals(code, 0, err);
  };
  await succeed(run(["join", joined, "--password-stdin"], PASSWORD));
  await succeed(run(["login", NAME], PASSWORD));
  await succeed(run(["send", "lobby", CONTENT]));
  const approving = run(["approve", QUESTION]);
  const { inquiry } = await admin.question();
  await admin.ask({ type: "decide", inquiry, choice: "approve", content: REASON });
  await succeed(approving);
  await succeed(run(["history", "lobby"]));

  const tokens = files(`${home.path}/.config/parley/tokens`)
    .map((file): string => JSON.parse(Deno.readTextFileSync(file)).token);
  assertEquals(tokens.length, 1);
  const owned = stack.move();
  return {
    relay,
    secrets: {
      "to server": [...COMMON, ...tokens, code, PASSWORD, "hello"],
      "to client": [...COMMON, ...tokens, REASON, "welcome"],
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("client wire: by TLS nothing can be read of a code, password, token, message or decision", async () => {
  await using captured = await capture("tls");
  assertHidden(captured);
});

Deno.test("client wire: without TLS all of it can be read", async () => {
  await using captured = await capture("plain");
  assertReadable(captured);
});
