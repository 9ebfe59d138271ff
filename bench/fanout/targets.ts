// The servers that a scenario can be run against: ours, with its usual flags and its limits off, plain or
// over TLS, on each store; and NATS, which stores nothing, for comparison.

import { ChildServer } from "../../tests/support/processes/child_server.ts";
import { isNatsMissing, NatsServer } from "../../tests/support/processes/nats_server.ts";
import { temporaryDirectory } from "../../tests/support/temporary.ts";
import {
  createTestCertificate,
  openTlsConn,
  writeCertificateFiles,
} from "../../tests/support/tls.ts";
import { cpuUsOf } from "../cpu_time.ts";
import type { MeasuredStore } from "../stores.ts";
import type { ConnectClient } from "./client_group.ts";
import { type Client, LoadClient } from "./load_client.ts";
import { NatsClient } from "./nats_client.ts";
import type { Scenario } from "./scenarios.ts";

/** A server that runs, ended when disposed. */
export interface RunningTarget extends AsyncDisposable {
  readonly connect: ConnectClient;
  /** CPU time of the server and its database so far, in microseconds. */
  cpuUs(): number;
}

interface Target {
  /** Why it cannot be measured on this machine. */
  readonly missing?: string | undefined;
  nameOf(scenario: Scenario): string;
  readonly start: () => Promise<RunningTarget>;
}

/** How ours is reached, and what is measured beside it. */
export const OVER = ["plain", "tls", "nats", "nats-tls"] as const;

/** The targets of these names, each of ours on each of the stores. */
export function listTargets(
  stores: readonly MeasuredStore[],
  over: readonly string[],
): readonly Target[] {
  const ours = stores.flatMap((store) => [
    ...(over.includes("plain") ? [createTarget(store, "plain")] : []),
    ...(over.includes("tls") ? [createTarget(store, "tls")] : []),
  ]);
  return [
    ...ours,
    ...(over.includes("nats") ? [createNatsTarget("plain")] : []),
    ...(over.includes("nats-tls") ? [createNatsTarget("tls")] : []),
  ];
}

type Encryption = "plain" | "tls";

/** The real program on a store of its own. */
export function createTarget(store: MeasuredStore, encryption: Encryption): Target {
  const suffix = encryption === "tls" ? " TLS" : "";
  return {
    missing: store.missing,
    nameOf: ({ name }) => `server ${store.name} ${name}${suffix}`,
    start: () => startServer(store, encryption),
  };
}

function createNatsTarget(encryption: Encryption): Target {
  const suffix = encryption === "tls" ? " TLS" : "";
  return {
    missing: isNatsMissing() ? "no nats-server is installed" : undefined,
    nameOf: ({ name }) => `nats ${name}${suffix}`,
    start: () => startNats(encryption),
  };
}

async function startServer(store: MeasuredStore, encryption: Encryption): Promise<RunningTarget> {
  const stack = new AsyncDisposableStack();
  const database = stack.use(await store.create());
  const { cert } = await writeFiles(`${database.home}/data`);
  const server = stack.use(
    await ChildServer.start({
      directory: database.home,
      hasTls: encryption === "tls",
      args: ["--limit", "all=off"],
      env: { PARLEY_DATABASE: database.url },
      database: database.address,
    }),
  );
  return {
    async connect(options): Promise<Client> {
      const conn = encryption === "tls"
        ? await openTlsConn({ port: server.tlsAddress.port, cert })
        : await connectTcp(server.address.port);
      return await LoadClient.connect(conn, options);
    },
    cpuUs: () => cpuUsOf(server.pid) + database.cpuUs(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function startNats(encryption: Encryption): Promise<RunningTarget> {
  const stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const { cert, paths } = await writeFiles(directory.path);
  const server = stack.use(await NatsServer.start(encryption === "tls" ? { tls: paths } : {}));
  return {
    async connect(options): Promise<Client> {
      const conn = await connectTcp(server.port);
      return await NatsClient.connect(conn, {
        ...options,
        ...(encryption === "tls" ? { cert } : {}),
      });
    },
    cpuUs: () => cpuUsOf(server.pid),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function writeFiles(
  directory: string,
): Promise<{ cert: string; paths: { certificatePath: string; keyPath: string } }> {
  await Deno.mkdir(directory, { recursive: true });
  const paths = { certificatePath: `${directory}/cert.pem`, keyPath: `${directory}/key.pem` };
  const certificate = await createTestCertificate();
  await writeCertificateFiles(paths, certificate);
  return { cert: certificate.cert, paths };
}

async function connectTcp(port: number): Promise<Deno.TcpConn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  return conn;
}
