// Protocol 1: lines, their sizes, and what the first bytes decide.

import { assert, assertEquals } from "@std/assert";
import type { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { enter, greet, range, UNHURRIED } from "./scene.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A hello that with its newline has exactly so many bytes. */
function helloOf(size: number, name: string): string {
  const fields = { type: "hello", version: 1, auth: { method: "guest", name }, padding: "" };
  const padding = ".".repeat(size - 1 - JSON.stringify(fields).length);
  return JSON.stringify({ ...fields, padding });
}

/** A message that with its newline has exactly so many bytes. */
function messageOf(size: number): string {
  const fields = { type: "message", id: 1, room: "lobby", content: "x", padding: "" };
  const padding = ".".repeat(size - 1 - JSON.stringify(fields).length);
  return JSON.stringify({ ...fields, padding });
}

/** What came before the end, as codes and types. */
async function endOf(client: RawClient): Promise<unknown[]> {
  return (await client.untilEnd()).map((frame) => frame.code ?? frame.type);
}

Deno.test("protocol 1.1: lines may end in CR LF, and empty ones are ignored", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  await ada.write(bytes('\n\r\n \t\r\n{"type":"ping","id":1}\r\n\n\n{"type":"ping","id":2}\n'));
  assertEquals([(await ada.next()).re, (await ada.next()).re], [1, 2]);
  await ada.quiet();
});

Deno.test("protocol 1.1: a frame may come byte by byte, and a thousand at once", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await greet(server, "ada");
  for (const byte of bytes('{"type":"ping","id":"ä→😀"}\n')) await ada.write(Uint8Array.of(byte));
  assertEquals((await ada.next()).re, "ä→😀");
  await ada.send(...range(1, 1_000).map((id) => ({ type: "ping", id })));
  for (const id of range(1, 1_000)) assertEquals((await ada.next()).re, id);
});

Deno.test("protocol 1.1: a line that is no frame costs only itself", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const ada = await greet(server, "ada");
  const cases: readonly (readonly [string | Uint8Array, string])[] = [
    ["{", "bad_json"],
    ["nonsense", "bad_json"],
    ['{"type":"ping",}', "bad_json"],
    ["{'type':'ping'}", "bad_json"],
    ['{"type":"ping"} {"type":"ping"}', "bad_json"],
    ['{"type":"pi\tng"}', "bad_json"],
    ['\u00a0{"type":"ping"}', "bad_json"],
    ["null", "bad_frame"],
    ["7", "bad_frame"],
    ['"ping"', "bad_frame"],
    ["[]", "bad_frame"],
    ["{}", "bad_frame"],
    ['{"type":null}', "bad_frame"],
    ['{"type":7}', "bad_frame"],
    ['{"type":["ping"]}', "bad_frame"],
    [Uint8Array.of(0x22, 0xff, 0x22), "bad_utf8"],
    [Uint8Array.of(0xc0, 0x80), "bad_utf8"],
    [Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), "bad_utf8"],
    [Uint8Array.of(0xf5, 0x80, 0x80, 0x80), "bad_utf8"],
  ];
  for (const [line, code] of cases) {
    const sent = typeof line === "string" ? bytes(line) : line;
    await ada.write(Uint8Array.of(...sent, 0x0a, ...bytes('{"type":"ping","id":"after"}\n')));
    const { type, re, code: answered } = await ada.next();
    assertEquals([type, re, answered], ["error", undefined, code], String(line));
    assertEquals((await ada.next()).re, "after");
  }
});

Deno.test("protocol 1.1: of a key given twice the last one counts", async () => {
  await using server = await startTestServer();
  const ada = await server.connect();
  await ada.send('{"type":"nonsense","id":1,"\\u0074ype":"ping","id":2}');
  assertEquals((await ada.next()).re, 2);
});

Deno.test("protocol 1.1: what the server writes holds nothing that a line or a terminal could take amiss", async () => {
  await using server = await startTestServer();
  const ada = await enter(server, "ada");
  const content = 'a\nb\tc"\\\u2028\u2029 é 😀 \u{1f469}\u200d\u{1f469}';
  await ada.ask({ type: "message", room: "lobby", content });
  assertEquals((await ada.until("message")).content, content);
  // A DEL in an id is allowed, and comes back escaped.
  assertEquals((await ada.ask({ type: "ping", id: "\u007f\u009b" })).re, "\u007f\u009b");
  // deno-lint-ignore no-control-regex
  assertEquals(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]/.test(ada.raw), false);
});

Deno.test("protocol 1.2: before login a line has at most 4,096 bytes, its newline included", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await server.connect(), await server.connect()];
  await ada.send(helloOf(4_096, "ada"));
  assertEquals((await ada.next()).type, "welcome");
  await bob.send(helloOf(4_097, "bob"));
  assertEquals(await endOf(bob), ["frame_too_large"]);
});

Deno.test("protocol 1.2: after login a line has at most 65,536 bytes, its newline included", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  await ada.send(messageOf(65_536));
  assertEquals((await ada.next()).type, "ok");
  await ada.send(messageOf(65_537));
  assertEquals(await endOf(ada), ["frame_too_large"]);
});

Deno.test("protocol 1.2: a line need not end to be too long", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const [silent, ada] = [await server.connect(), await greet(server, "ada")];
  for (const start of ["{", "x"]) {
    const nobody = await server.connect();
    await nobody.write(bytes(start.padEnd(4_096, " ")));
    assertEquals(await endOf(nobody), ["frame_too_large"]);
  }
  await ada.write(bytes("{".padEnd(65_536, " ")));
  assertEquals(await endOf(ada), ["frame_too_large"]);
  await silent.quiet();
});

Deno.test("protocol 1.2: the larger limit holds for what follows the hello in the same write", async () => {
  await using server = await startTestServer();
  const [ada, bob] = [await server.connect(), await server.connect()];
  await ada.send(helloOf(300, "ada"), messageOf(60_000), { type: "ping", id: 2 });
  assertEquals((await ada.next()).type, "welcome");
  assertEquals((await ada.next()).type, "ok");
  assertEquals((await ada.next()).re, 2);
  // After a hello that is refused it is still the smaller one.
  await bob.send(helloOf(300, "admin"), messageOf(5_000), { type: "ping", id: 2 });
  assertEquals(await endOf(bob), ["name_taken", "frame_too_large"]);
});

Deno.test("protocol 1.2: what was asked before a line that is too long is answered", async () => {
  await using server = await startTestServer();
  const ada = await greet(server, "ada");
  await ada.send({ type: "message", id: 1, room: "lobby", content: "kept" }, messageOf(70_000));
  assertEquals(await endOf(ada), ["ok", "frame_too_large"]);
});

const FOREIGN: readonly (readonly [string, string | Uint8Array])[] = [
  ...["GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"].map((verb) =>
    [`an HTTP ${verb}`, `${verb} / HTTP/1.1\r\nHost: localhost\r\n\r\n`] as const
  ),
  ["a TLS handshake", Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00)],
  ["SSH", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["a UTF-8 byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, ...bytes('{"type":"ping"}\n'))],
  ["a UTF-16 byte order mark", Uint8Array.of(0xff, 0xfe, 0x7b, 0x00)],
  ["a UTF-16 byte order mark, the other way round", Uint8Array.of(0xfe, 0xff, 0x00, 0x7b)],
];

for (const [what, sent] of FOREIGN) {
  Deno.test(`protocol 1.3: ${what} is told in one bye what this port is`, async () => {
    await using server = await startTestServer();
    const stranger = await server.connect();
    await stranger.write(typeof sent === "string" ? bytes(sent) : sent);
    const [bye, ...others] = await stranger.untilEnd();
    assertEquals([bye?.type, bye?.code, bye?.reconnect], ["bye", "protocol", false]);
    assert(bye?.message.includes("Parley"));
    assertEquals(others, []);
  });
}

Deno.test("protocol 1.3: a stranger is known as well when its bytes come one by one", async () => {
  await using server = await startTestServer();
  for (const sent of ["OPTIONS *", "SSH-2"]) {
    const stranger = await server.connect();
    for (const byte of bytes(sent)) await stranger.write(Uint8Array.of(byte)).catch(() => {});
    assertEquals(await endOf(stranger), ["protocol"]);
  }
});

const CARRIED = '{"type":"hello","id":1,"version":1,"auth":{"method":"guest","name":"carrier"}}\n' +
  '{"type":"message","id":2,"room":"lobby","content":"carried in"}\n';

/** Beginnings of a connection, behind which a body of frames comes. */
const HTTP_BEGINNINGS: readonly string[] = [
  "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "get / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "Get / http/1.1\r\n\r\n",
  "FOO / HTTP/1.1\r\nHost: localhost\r\n\r\n",
  "foo / HTTP/1.1\n\n",
  "FOO / HTTP/1.0\r\n\r\n",
  "FOO /\r\n\r\n",
  "FOO / \n\n",
  " GET / HTTP/1.1\r\n\r\n",
  "\tGET / HTTP/1.1\r\n\r\n",
  "\r\nGET / HTTP/1.1\r\n\r\n",
  "\n\n \r\n\tFOO / HTTP/1.1\r\n\r\n",
  "\vGET / HTTP/1.1\r\n\r\n",
  "\0GET / HTTP/1.1\r\n\r\n",
  "GET\t/\tHTTP/1.1\r\n\r\n",
  "FOO  /  HTTP/1.1\r\n\r\n",
  "FOO\t/x\r\n\r\n",
  "GET\r\n\r\n",
  "G-E_T.x~ / HTTP/1.1\r\n\r\n",
  "{} / HTTP/1.1\r\n\r\n",
  "true / HTTP/1.1\r\n\r\n",
  "null / HTTP/1.1\r\n\r\n",
  "12 / HTTP/1.1\r\n\r\n",
  "-1 / HTTP/1.1\r\n\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\n\r\n",
  "CONNECT localhost:65432 HTTP/1.1\r\n\r\n",
  "FOO localhost:65432 HTTP/1.1\r\n\r\n",
  "FOO http://localhost:65432/ HTTP/1.1\r\n\r\n",
  "PROPFIND / HTTP/1.1\r\nDepth: 1\r\n\r\n",
  "M-SEARCH * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\n\r\n",
  "OPTIONS rtsp://localhost/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
  "FOO / HTTP/1.1\r\nX-Folded: a\r\n b\r\n\r\n",
  "FOO / HTTP/1.1\rHost: localhost\r\r\n",
  "Host: localhost\r\n\r\n",
  `FOO /${"x".repeat(3_000)} HTTP/1.1\r\n\r\n`,
  "FOO /\u00e9 HTTP/1.1\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: 127.0.0.1:65432\r\nOrigin: https://example.org\r\n" +
  "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 141\r\n\r\n",
  "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n" +
  'Content-Disposition: form-data; name="a"\r\n\r\n',
];

for (const beginning of HTTP_BEGINNINGS) {
  const shown = JSON.stringify(beginning.slice(0, 60));
  Deno.test(`protocol 1.3: what comes behind ${shown} is not read as frames`, async () => {
    await using server = await startTestServer();
    const stranger = await server.connect();
    await stranger.write(bytes(beginning + CARRIED)).catch(() => {});
    assertEquals(await endOf(stranger), ["protocol"]);
    assertEquals((await server.repository.rooms.find("lobby"))?.last, 0);
  });
}

Deno.test("protocol 1.3: a request is known at every place at which its bytes may be cut", async () => {
  await using server = await startTestServer({ limits: UNHURRIED });
  const sent = bytes("\r\n FOO / HTTP/1.1\r\n\r\n" + CARRIED);
  for (let cut = 1; cut < 24; cut++) {
    const stranger = await server.connect();
    await stranger.write(sent.subarray(0, cut));
    await stranger.write(sent.subarray(cut)).catch(() => {});
    assertEquals(await endOf(stranger), ["protocol"], `cut at ${cut}`);
  }
});

Deno.test("protocol 1.3: a request or a header field behind garbage is shown out as well", async () => {
  await using server = await startTestServer();
  for (const line of ["GET / HTTP/1.1", "Host: localhost", "FOO / HTTP/1.1\r"]) {
    const stranger = await server.connect();
    await stranger.write(bytes(`nonsense\n${line}\n\n${CARRIED}`));
    assertEquals(await endOf(stranger), ["bad_json", "protocol"], line);
  }
  // One who has said hello is no browser.
  const ada = await greet(server, "ada");
  await ada.send("GET / HTTP/1.1");
  assertEquals((await ada.next()).code, "bad_json");
});

Deno.test("protocol 1.3: everything else is version 1, and a hello may still come", async () => {
  await using server = await startTestServer();
  for (
    const [at, [first, code]] of ([
      ["GEORGE", "bad_json"],
      ["EHLO mail.example", "bad_json"],
      ["*1", "bad_json"],
      ["CALL me", "bad_json"],
      ["NICK ada", "bad_json"],
      ["[]", "bad_frame"],
      ["{}", "bad_frame"],
      ['{"type":"message","content":"x","id":1}', "not_authenticated"],
      ['{"type":"message"}', "not_authenticated"],
      ['{"type":"response","content":"x"}', "unknown_type"],
      ['{"type":"message",', "bad_json"],
    ] as const).entries()
  ) {
    const client = await server.connect();
    await client.send(first);
    assertEquals((await client.next()).code, code, first);
    assertEquals((await client.hello(`ada${at}x`)).type, "welcome");
  }
});

Deno.test("protocol 1.3: the server is silent until it is spoken to", async () => {
  await using server = await startTestServer();
  const [silent, ada] = [await server.connect(), await server.connect()];
  await ada.hello("ada");
  await silent.closeWrite();
  assertEquals(await silent.untilEnd(), []);
  assertEquals(silent.raw, "");
});
