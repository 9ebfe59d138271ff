// What a command of this process is given, by its configuration: who the user is, where files are, how to
// connect.

import type { ClientConfig } from "../../config/client.ts";
import { completeTrust, formatServer } from "../../config/link/chosen_server.ts";
import { ConfigError } from "../../config/config_error.ts";
import { findProfileAt } from "../../config/link/profiles.ts";
import { RunningClock } from "../../time.ts";
import type { JoinString } from "../../wire/secrets/join_string.ts";
import type { JoinServer } from "../accounts/join.ts";
import type { AccountFiles } from "../accounts/use_token.ts";
import type { ClientContext } from "../context.ts";
import { Failure } from "../exit.ts";
import { FileFault } from "../files/file_fault.ts";
import { KeptIdentity, type KeptIdentityOptions } from "../files/identity.ts";
import { PrivateFiles } from "../files/private_files.ts";
import { rememberName } from "../files/remembered_name.ts";
import { ServerList } from "../files/server_list.ts";
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
  /** Whether a person uses the server now, so that it is kept among theirs. */
  readonly keepsServer: boolean;
}

export function createContext(
  config: ClientConfig,
  { name, unkept, remembers, keepsServer }: UserChoice,
): ClientContext {
  const context = createUnnamedContext(config);
  const { server, state } = context;
  const keepServer = keepsServer ? createChatKeeper(config) : undefined;
  const identity = new KeptIdentity(tokensOf(config), {
    server,
    name,
    unkept,
    welcomed: async () => {
      if (remembers !== undefined) await rememberName(state, { name, by: remembers });
      await keepServer?.(remembers === "person" ? name : undefined);
    },
  });
  return { ...context, identity };
}

// deno-lint-ignore explicit-function-return-type
export function createUnnamedContext(config: ClientConfig) {
  const server = formatServer(config.server);
  return {
    server,
    state: new PrivateFiles(config.stateDirectory),
    connect: (signal: AbortSignal) => {
      if (config.undecided !== undefined) throw new Failure("usage", config.undecided);
      return openConnection({ ...config.server, server }, signal);
    },
    clock: CLOCK,
    random: Math.random,
    output: processOutput,
    signal,
  };
}

/** The configuration for the server of a join string; with a pin in it the kept one does not count. */
export function configAt(
  config: ClientConfig,
  { hostname, port, pin }: JoinString,
): ClientConfig {
  const address = { hostname, port };
  const asked = { address, tls: { pin } };
  const profile = findProfileAt(config.profiles, asked);
  const server = completeTrust(asked, {
    keptPin: profile?.server.tls?.pin,
    caPath: pin === undefined ? config.caPath : undefined,
    sources: { findFile, configDirectory: config.configDirectory },
  });
  return { ...config, server, profile, undecided: undefined };
}

/** What joining a server needs. */
export function joinServerOf(config: ClientConfig): JoinServer {
  return { context: createUnnamedContext(config), keepServer: keeperOf(config) };
}

export function filesOf(config: ClientConfig): AccountFiles {
  const { name, remembersName: isNameGiven, isNameInEnvironment, stateDirectory } = config;
  const state = new PrivateFiles(stateDirectory);
  const names = { name, isNameGiven, isNameInEnvironment };
  return { tokens: tokensOf(config), state, ...names, keepServer: keeperOf(config) };
}

/** The servers of the person, in their file. */
export function serverListOf({ configDirectory, stateDirectory }: ClientConfig): ServerList {
  const config = new PrivateFiles(configDirectory);
  return new ServerList({ config, state: new PrivateFiles(stateDirectory), now: CLOCK.now });
}

/** What keeps the configuration's server among the person's, with the user that they are there. */
function keeperOf(
  config: ClientConfig,
): (user: string | undefined) => ReturnType<ServerList["keep"]> {
  const { server } = config;
  const caPath = server.tls?.authority === undefined ? undefined : config.caPath;
  return (user) => serverListOf(config).keep({ server, user, caPath });
}

/** Keeps the server of a chat that has accepted the person; never rejects because of a file. */
function createChatKeeper(config: ClientConfig): (user: string | undefined) => Promise<void> {
  const { profile, profiles, server } = config;
  // One with another key is kept by a login alone.
  const isOtherKey = profile === undefined && findProfileAt(profiles, server) !== undefined;
  let isKept = isOtherKey;
  return async (user) => {
    if (isKept) return;
    isKept = true;
    try {
      await keeperOf(config)(user);
    } catch (error) {
      if (!(error instanceof FileFault) && !(error instanceof ConfigError)) throw error;
    }
  };
}

function tokensOf({ configDirectory }: ClientConfig): PrivateFiles {
  return new PrivateFiles(configDirectory).within("tokens");
}
