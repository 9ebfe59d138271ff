// A MySQL server that refuses: it answers with an error of any number, in place of its greeting or to the
// first statement after a login.

/** Where the error comes. */
export type RefusedAt = "greeting" | "login" | "statement";

export interface FakeMysql extends AsyncDisposable {
  readonly port: number;
}

const encoder = new TextEncoder();

/** @param text what the server says of it, which nobody may be shown */
export function startFakeMysql(
  refusal: { readonly errno: number; readonly text: string; readonly at: RefusedAt },
): FakeMysql {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) await refuse(connection, refusal).catch(() => {});
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      await serving;
    },
  };
}

async function refuse(
  connection: Deno.TcpConn,
  { errno, text, at }: { errno: number; text: string; at: RefusedAt },
): Promise<void> {
  using _closed = connection;
  const error = errorPacket(errno, text);
  if (at === "greeting") return void await connection.write(packet(0, error));
  await connection.write(packet(0, GREETING));
  const buffer = new Uint8Array(4_096);
  await connection.read(buffer);
  if (at === "login") return void await connection.write(packet(2, error));
  await connection.write(packet(2, OK));
  while (await connection.read(buffer) !== null) await connection.write(packet(1, error));
}

/** OK, autocommit. */
const OK = new Uint8Array([0, 0, 0, 2, 0, 0, 0]);

/** Protocol 10, mysql_native_password; of the capabilities what a login needs. */
const GREETING = new Uint8Array([
  10,
  ...encoder.encode("8.0.0-fake\0"),
  ...[1, 0, 0, 0],
  ...encoder.encode("abcdefgh\0"),
  ...[0x09, 0x82],
  ...[45, 2, 0],
  ...[0x08, 0x00],
  21,
  ...new Uint8Array(10),
  ...encoder.encode("ijklmnopqrst\0"),
  ...encoder.encode("mysql_native_password\0"),
]);

function errorPacket(errno: number, text: string): Uint8Array {
  return new Uint8Array([255, errno & 255, errno >> 8, ...encoder.encode(`#HY000${text}`)]);
}

function packet(sequence: number, payload: Uint8Array): Uint8Array {
  return new Uint8Array([payload.length & 255, payload.length >> 8, 0, sequence, ...payload]);
}
