// What a command of this process is given, by its configuration: who the user is, where files are, how to
// connect.

import type { ClientConfig } from "../../config/client.ts";
import { completeTrust, formatServer, pinFileOf } from "../../config/link/chosen_server.ts";
import { RunningClock } from "../../time.ts";
import type { JoinString } from "../../wire/secrets/join_string.ts";
import type { JoinServer } from "../accounts/join.ts";
import type { AccountFiles } from "../accounts/use_token.ts";
import type { ClientContext } from "../context.ts";
import { KeptIdentity, type KeptIdentityOptions } from "../files/identity.ts";
import { PrivateFiles } from "../files/private_files.ts";
import { rememberName } from "../files/remembered_name.ts";
import { openConnection } from "../link/open_connection.ts";
import { processOutput } from "../output/process_output.ts";
import { findFile } from "./configuration_files.ts";
import { signal } from "./interruption.ts";

/** A session reads the clock every 10 s: with a longer gap the process was stopped. */
export const CLOCK: RunningClock = new RunningClock({ usualGapMs: 12_000 });

export interface UserChoice {
  readonly name: string;
  readonly unkept: KeptIdentityOptions["unkept"];
  /** Who gave the name, if later runs use it once the server has accepted it. */
  readonly remembers: "person" | "script" | undefined;
}

export function createContext(
  config: ClientConfig,
  { name, unkept, remembers }: UserChoice,
): ClientContext {
  const context = createUnnamedContext(config);
  const { server, state } = context;
  const welcomed = remembers === undefined
    ? undefined
    : () => rememberName(state, { name, by: remembers });
  const identity = new KeptIdentity(tokensOf(config), { server, name, unkept, welcomed });
  return { ...context, identity };
}

// deno-lint-ignore explicit-function-return-type
export function createUnnamedContext(config: ClientConfig) {
  const server = formatServer(config.server);
  return {
    server,
    state: new PrivateFiles(config.stateDirectory),
    connect: (signal: AbortSignal) => openConnection({ ...config.server, server }, signal),
    clock: CLOCK,
    random: Math.random,
    output: processOutput,
    signal,
  };
}

/** What joining by a string needs; with a pin in it the pin that was kept does not count. */
export function joinServerOf(
  config: ClientConfig,
  { hostname, port, pin }: JoinString,
): JoinServer {
  const address = { hostname, port };
  const sources = { findFile, configDirectory: config.configDirectory };
  const caPath = pin === undefined ? config.caPath : undefined;
  const server = completeTrust({ address, tls: { pin } }, { caPath, sources });
  const { folder, name } = pinFileOf(address);
  const files = new PrivateFiles(config.configDirectory).within(folder);
  return {
    context: createUnnamedContext({ ...config, server }),
    keepPin: async () =>
      pin === undefined ? undefined : await files.write(name, formatServer(server)),
  };
}

export function filesOf(config: ClientConfig): AccountFiles {
  const { name, remembersName: isNameGiven, stateDirectory } = config;
  return { tokens: tokensOf(config), state: new PrivateFiles(stateDirectory), name, isNameGiven };
}

function tokensOf({ configDirectory }: ClientConfig): PrivateFiles {
  return new PrivateFiles(configDirectory).within("tokens");
}
