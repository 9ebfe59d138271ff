// Connects to a server by TLS, and recognises it before a byte of the protocol is sent: by the pin of its
// key, or by an authority. The handshake proves that the server has the key of its certificate.

import { isIP } from "node:net";
import { checkServerIdentity, connect as connectSocket, type TLSSocket } from "node:tls";
import { startDeadline } from "../../time.ts";
import { pinOfCertificate } from "../../tls/pin.ts";
import { formatJoinString } from "../../wire/secrets/join_string.ts";
import type { ByteStream } from "../../wire/stream/byte_stream.ts";
import { SocketStream } from "../../wire/stream/socket_stream.ts";
import { Failure } from "../exit.ts";

const CONNECT_MS = 10_000;
/** The protocol's name in the handshake (ALPN, RFC 7301). */
const ALPN = "parley";

interface TlsDestination {
  readonly hostname: string;
  readonly port: number;
  /** The server as people write it. */
  readonly server: string;
  /** With it nothing else counts. */
  readonly pin?: string | undefined;
  /** The certificates of an authority, PEM, instead of the system's. */
  readonly authority?: string | undefined;
}

/**
 * Connects within 10 s. @throws {Failure} unreachable; protocol for a key that is not the expected one or
 * that nobody vouches for; the signal's reason
 */
export async function connectTls(
  destination: TlsDestination,
  signal: AbortSignal,
): Promise<ByteStream> {
  signal.throwIfAborted();
  const { hostname, port, authority, server } = destination;
  const socket = connectSocket({
    host: hostname,
    port,
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
    ...(authority === undefined ? {} : { ca: [authority] }),
    ALPNProtocols: [ALPN],
    // Checked below: the pin of an unknown key is shown.
    rejectUnauthorized: false,
  });
  const opened = Promise.withResolvers<ByteStream>();
  let isOpen = false;
  const end = (error: unknown): void => {
    // From then on the stream handles its ends.
    if (isOpen) return;
    opened.reject(error);
    socket.destroy();
  };
  const late = startDeadline(
    () => end(unreachable(server, `no answer within ${CONNECT_MS / 1_000} s`)),
    { ms: CONNECT_MS },
  );
  const abort = (): void => end(signal.reason);
  signal.addEventListener("abort", abort);
  socket.on("error", (error) => end(explain(error, server)));
  for (const over of ["end", "close"]) {
    socket.once(over, () => end(unreachable(server, "it has ended the connection")));
  }
  socket.once("secureConnect", () => {
    try {
      checkServer(socket, destination);
      socket.setNoDelay(true);
      opened.resolve(new SocketStream(socket));
      isOpen = true;
    } catch (error) {
      end(error);
    }
  });
  try {
    return await opened.promise;
  } finally {
    late.clear();
    signal.removeEventListener("abort", abort);
  }
}

/** @throws {Failure} protocol */
function checkServer(socket: TLSSocket, destination: TlsDestination): void {
  const certificate = socket.getPeerCertificate();
  const pin = pinOfCertificate(new Uint8Array(certificate.raw));
  if (destination.pin !== undefined) {
    if (pin !== destination.pin) throw otherKey(destination, pin);
    return;
  }
  const mismatch = checkServerIdentity(destination.hostname, certificate);
  if (socket.authorized && mismatch === undefined) return;
  const why = socket.authorized
    ? "its certificate is for another name"
    : describeDistrust(socket.authorizationError);
  throw unknownKey(destination, { pin, why });
}

const DISTRUST: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  CERT_REVOKED: "its certificate was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

/** @param error the runtime's, an error or its code */
function describeDistrust(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : error;
  return DISTRUST[String(code)] ?? "no authority vouches for it now";
}

function otherKey({ hostname, port, pin: expected }: TlsDestination, pin: string): Failure {
  const server = formatJoinString({ hostname, port });
  const withNew = formatJoinString({ hostname, port, pin });
  return new Failure(
    "protocol",
    `${server} has another key: its pin is ${pin}, not ${expected}. Nothing was sent. Another machine ` +
      "may answer in its place. Ask the owner, on another way than this one, whether the key is new " +
      `("server.ts cert" prints its pin, "cert --renew" keeps the key); if it is, --server ${withNew}, ` +
      "or join with a new string",
  );
}

function unknownKey(
  { hostname, port }: TlsDestination,
  { pin, why }: { readonly pin: string; readonly why: string },
): Failure {
  const withPin = formatJoinString({ hostname, port, pin });
  return new Failure(
    "protocol",
    `The key of ${
      formatJoinString({ hostname, port })
    } is not known (${why}). Nothing was sent. Its pin ` +
      `is ${pin}: if the owner says the same, --server ${withPin}; or --ca FILE names an authority`,
  );
}

/** The words for an error, by its code or a part of the runtime's text. */
const REASONS: readonly (readonly [string, string])[] = [
  ["ECONNREFUSED", "nothing listens there"],
  ["ECONNRESET", "it has ended the connection"],
  ["ENOTFOUND", "there is no host with this name"],
  ["EAI_AGAIN", "its name cannot be looked up now"],
  ["EHOSTUNREACH", "there is no route to it"],
  ["ENETUNREACH", "there is no route to it"],
  ["ETIMEDOUT", "it does not answer"],
  ["wrong version number", "what listens there speaks no TLS"],
  ["NoApplicationProtocol", "what listens there is not a Parley server"],
  ["ProtocolVersion", "it speaks no TLS 1.2 or 1.3"],
];

function explain(error: Error & { code?: string }, server: string): Failure {
  if (error instanceof Deno.errors.NotCapable) {
    return new Failure("config", `No permission to connect to ${server}`, { cause: error });
  }
  const [, why = error.message] =
    REASONS.find(([what]) => error.code === what || error.message.includes(what)) ?? [];
  return unreachable(server, why);
}

function unreachable(server: string, why: string): Failure {
  return new Failure("unreachable", `Cannot reach ${server} by TLS: ${why}`);
}
