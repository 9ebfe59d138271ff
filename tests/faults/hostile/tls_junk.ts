// What hostile peers send to the port for TLS: plain text, records that are none, real handshakes that are
// changed, repeated or followed by nonsense. All choices follow from the seed.

import { Random } from "../../support/random.ts";
import type { Address } from "../../support/clients/peer.ts";
import { within } from "../../support/waiting.ts";
import { concat } from "./case.ts";

/** A peer's bytes, after which it ends its side. */
export interface TlsJunk {
  readonly kind: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the server answers with its line in plain text; otherwise with TLS or with nothing. */
  readonly isPlain: boolean;
}

/** How soon the server must end such a connection, in milliseconds. */
const END_MS = 5_000;
/** RFC 8446 §5.1: change_cipher_spec, alert, handshake, application_data. */
const RECORD_TYPES: ReadonlySet<number> = new Set([20, 21, 22, 23]);
/** RFC 5246 §7.4.1.1: asks a client to begin again. */
const HELLO_REQUEST = Uint8Array.of(0x16, 3, 3, 0, 4, 0, 0, 0, 0);

const encoder = new TextEncoder();
const PLAIN = [
  '{"type":"hello","id":1,"version":1,"auth":{"method":"guest","name":"eve"}}\n',
  '{"type":"message","content":"hello"}',
  "GET / HTTP/1.1\r\nHost: chat.example\r\n\r\n",
  "SSH-2.0-OpenSSH_9.2\r\n",
  "EHLO mail.example\r\n",
  "*1\r\n$4\r\nPING\r\n",
  // What port scanners try: SIP, Java RMI, X11, remote desktops, DNS, and a balancer.
  "HELP\r\n",
  "OPTIONS sip:nm SIP/2.0\r\n\r\n",
  "JRMI\u0000\u0002K",
  "l\u0000\u000b\u0000\u0000",
  "\u0003\u0000\u0000\u000b\u0006",
  "\u0000\u001e\u0000\u0006\u0001\u0000\u0000\u0001\u0007version\u0004bind",
  "PROXY UNKNOWN\r\n",
  "\n",
  "\u0000\u0000\u0000",
];

type Kind = (random: Random, hello: Uint8Array) => Omit<TlsJunk, "kind">;

const KINDS: Readonly<Record<string, Kind>> = {
  "plain text": (random) => plain(encoder.encode(random.pick(PLAIN))),
  "plain bytes": (random) => {
    const bytes = random.bytes(random.integer(1, 5_000));
    bytes[0] = random.pick([0x00, 0x15, 0x17, 0x47, 0x7b, 0x80, 0xff]);
    return plain(bytes);
  },
  "a record of another version": (random, hello) => {
    const bytes = Uint8Array.from(hello);
    bytes[1] = random.pick([0, 1, 2, 4, 0xff]);
    return plain(bytes);
  },
  "a record of an impossible length": (random, hello) => {
    const length = random.pick([0, 16_385, 0xffff]);
    const bytes = Uint8Array.from(hello);
    [bytes[3], bytes[4]] = [length >> 8, length & 255];
    return plain(bytes);
  },
  "a cut handshake": (random, hello) => tls(hello.slice(0, random.integer(1, hello.length - 1))),
  "a changed handshake": (random, hello) => {
    const bytes = Uint8Array.from(hello);
    for (let n = random.integer(1, 8); n > 0; n--) {
      bytes[random.integer(5, bytes.length - 1)] = random.integer(0, 255);
    }
    return tls(bytes);
  },
  "a record of noise": (random) => {
    const length = random.integer(1, 16_384);
    const head = Uint8Array.of(0x16, 3, 1, length >> 8, length & 255);
    return tls(concat([head, random.bytes(length)]));
  },
  "a handshake twice": (_random, hello) => tls(concat([hello, hello])),
  "a handshake and a request to begin again": (random, hello) =>
    tls(concat([hello, ...Array.from({ length: random.integer(1, 50) }, () => HELLO_REQUEST)])),
  "a handshake and noise": (random, hello) =>
    tls(concat([hello, random.bytes(random.integer(1, 40_000))])),
  "a handshake and plain text": (random, hello) =>
    tls(concat([hello, encoder.encode(random.pick(PLAIN))])),
  "nothing": () => tls(new Uint8Array()),
};

/** So many cases, of all kinds in turn. */
export function createTlsJunk(
  count: number,
  { seed, hello }: { readonly seed: number; readonly hello: Uint8Array },
): readonly TlsJunk[] {
  const random = new Random(seed);
  const kinds = Object.entries(KINDS);
  return Array.from({ length: count }, (_, n) => {
    const [kind, create] = kinds[n % kinds.length] as [string, Kind];
    return { kind, ...create(random, hello) };
  });
}

/** Sends it and reads to the end. @returns what was wrong with the answer */
export async function sendTlsJunk(
  address: Address,
  { kind, bytes, isPlain }: TlsJunk,
): Promise<string | undefined> {
  using conn = await Deno.connect(address);
  const [received] = await within(
    END_MS,
    Promise.all([readAll(conn), writeAll(conn, bytes)]),
    `${kind}: it was not ended`,
  );
  const text = new TextDecoder("latin1").decode(received);
  if (isPlain) {
    const isAnswer = /^\{"type":"bye","code":"protocol",[^\n]*\}\n$/.test(text);
    return isAnswer ? undefined : `${kind}: answered ${JSON.stringify(text.slice(0, 200))}`;
  }
  if (text.includes('{"type"')) return `${kind}: answered in plain text`;
  const isTls = received.length === 0 || RECORD_TYPES.has(received[0] ?? 0);
  return isTls ? undefined : `${kind}: answered ${received.slice(0, 20).toHex()}`;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    await conn.closeWrite();
  } catch {
    // The server has ended it: what it has answered is read.
  }
}

async function readAll(conn: Deno.TcpConn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(16_384);
  for (;;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) return concat(parts);
    parts.push(buffer.slice(0, count));
  }
}

function plain(bytes: Uint8Array): Omit<TlsJunk, "kind"> {
  return { bytes: Uint8Array.from(bytes), isPlain: true };
}

function tls(bytes: Uint8Array): Omit<TlsJunk, "kind"> {
  return { bytes: Uint8Array.from(bytes), isPlain: false };
}
