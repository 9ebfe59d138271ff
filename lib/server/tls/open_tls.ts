// The TLS listener of a server: its socket, its certificate, and the limits of its handshakes.

import type { Log } from "../../log.ts";
import type { Clock, Timers } from "../../time.ts";
import { ServerCodec } from "../../wire/codec.ts";
import type { Limits } from "../../wire/limits.ts";
import { byeFrame, PLAIN_ON_TLS } from "../connection/close_reason.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { Handshakes } from "../endpoint/handshakes.ts";
import type { SocketEndpoint } from "../endpoint/socket_server.ts";
import { TlsEndpoint } from "../endpoint/tls_endpoint.ts";
import { PeriodicTask } from "../periodic_task.ts";
import type { LiveCertificate } from "./live_certificate.ts";

/** How often the end of the certificate is looked at, in milliseconds. */
const EXPIRY_CHECK_MS = 3_600_000;

/**
 * Between the beginnings of two handshakes, in milliseconds. A timer lets the event loop become idle and
 * serve all sockets: without it a flood of handshakes delays everyone by some 300 ms.
 */
const PAUSE_MS = 1;

interface TlsListenerOptions {
  readonly certificate: LiveCertificate;
  readonly sockets: SocketEndpoint;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** Those that end a handshake in time; those of the runtime by default. */
  readonly timers?: Timers | undefined;
}

export interface TlsListener extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly certificate: LiveCertificate;
  /** For `stats`. */
  counters(): Readonly<Record<string, number>>;
}

/** Watches the end of the certificate until it is disposed. */
export function openTls(options: TlsListenerOptions): TlsListener {
  const { certificate, sockets, limits, clock, log, timers } = options;
  certificate.checkExpiry();
  const handshakes = new Handshakes({
    most: limits.handshakes,
    clock,
    schedule: (work) => void setTimeout(work, PAUSE_MS),
  });
  const endpoint = new TlsEndpoint(sockets, {
    context: () => certificate.context,
    handshakes,
    handshakeMs: limits.handshake_ms,
    plainAnswer: new TextEncoder().encode(new ServerCodec(0).encode(byeFrame(PLAIN_ON_TLS))),
    timers,
  });
  const expiry = new PeriodicTask(() => certificate.checkExpiry(), {
    everyMs: EXPIRY_CHECK_MS,
    onError: (error) => log.error("TLS certificate not checked", { reason: String(error) }),
  });
  return {
    endpoint,
    certificate,
    counters: () => ({ tls_handshakes: handshakes.running, tls_days_left: certificate.daysLeft }),
    [Symbol.asyncDispose]: () => expiry.stop(),
  };
}
