// A program that listens in place of a server and writes what it gets, in hexadecimal, a line for each read:
//   deno run -A impostor.ts HOST PORT [CERTIFICATE KEY]
// With a certificate it speaks TLS, and writes what is inside.

import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** No server says this. */
const ANSWER = '{"type":"impostor"}\n';

const [host = "", port = "", certificatePath, keyPath] = Deno.args;

function write(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function serve(socket: Socket): void {
  socket.on("data", (bytes: Uint8Array) => {
    write(bytes.toHex());
    socket.end(ANSWER);
  });
  socket.on("error", () => {});
}

const server = certificatePath === undefined || keyPath === undefined
  ? createServer(serve)
  : createTlsServer({
    cert: Deno.readTextFileSync(certificatePath),
    key: Deno.readTextFileSync(keyPath),
    ALPNProtocols: ["parley"],
  }, serve);
server.on("tlsClientError", () => {});
server.listen(Number(port), host, () => write("listening"));
