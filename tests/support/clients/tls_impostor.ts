// A listener for TLS that is no chat server: it keeps every byte of the protocol that arrives, and sends it
// back.

import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:tls";
import type { TestCertificate } from "../tls.ts";

export interface TlsImpostor extends AsyncDisposable {
  readonly port: number;
  /** Every byte of the protocol that has arrived. */
  readonly received: readonly number[];
}

export async function startTlsImpostor(
  { cert, keyPem }: Pick<TestCertificate, "cert" | "keyPem">,
  maxVersion?: "TLSv1.2",
): Promise<TlsImpostor> {
  const received: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(
    { cert, key: keyPem, ALPNProtocols: ["parley"], ...(maxVersion ? { maxVersion } : {}) },
    (socket) => {
      socket.on("data", (bytes: Uint8Array) => {
        received.push(...bytes);
        socket.write(bytes);
      });
      socket.on("error", () => {});
    },
  );
  server.on("connection", (socket) => sockets.add(socket));
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
