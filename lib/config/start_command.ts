// The command that starts the server with the same arguments and the permissions it lacks, to be copied
// from an error message. Knows the tasks of deno.json; queries nothing of the runtime.

import { type Address, formatAddress } from "./address.ts";
import type { BusConfig } from "./bus.ts";
import type { DatabaseConfig } from "./database.ts";

/** The places that the task `server` may use; a test compares them with deno.json. */
export const TASK_ADDRESSES: readonly string[] = [
  "127.0.0.1:65432",
  "localhost:65432",
  "127.0.0.1:3306",
  "localhost:3306",
];

/** Names the addresses that the task `server:at` may use. */
const NET_VARIABLE = "PARLEY_NET";
/** Further flags of the runtime, in both tasks. */
const ALLOW_VARIABLE = "PARLEY_ALLOW";

/** The addresses that a server listens on and connects to. */
export interface ServerAddresses {
  readonly listen: Address;
  readonly database: DatabaseConfig;
  readonly bus: BusConfig | undefined;
  /** Where it listens for TLS, if it does. */
  readonly tls?: TlsConfig | undefined;
}

/** The listener for TLS: its address and the paths of its certificate and key, PEM. */
export interface TlsConfig {
  readonly listen: Address;
  readonly certificatePath: string;
  readonly keyPath: string;
}

/** The options that name an address to listen on. */
export type ListenOption = "--listen" | "--tls-listen";

/** How the server was started: its arguments, and the settings in its environment (`NAME=value`). */
export interface ServerStart {
  readonly args: readonly string[];
  /** Without secrets: a setting that holds one has the value `…`. */
  readonly settings: readonly string[];
  /** The flags that PARLEY_ALLOW held, if it was set. */
  readonly allowed?: string | undefined;
}

/** Every address that a server of this configuration uses, as in permissions. */
export function addressesOf({ listen, tls, database, bus }: ServerAddresses): readonly string[] {
  const places = [formatAddress(listen)];
  if (tls !== undefined) places.push(formatAddress(tls.listen));
  if (database.kind === "mysql") {
    places.push(formatAddress({ hostname: database.host, port: database.port }));
  }
  if (bus !== undefined) places.push(formatAddress({ hostname: bus.host, port: bus.port }));
  return [...new Set(places)];
}

/** @param flags of the runtime that the task lacks. @returns the command, for a POSIX shell */
export function formatStartCommand(
  { args, settings, allowed = "" }: ServerStart,
  { places, flags = [] }: {
    readonly places: readonly string[];
    readonly flags?: readonly string[];
  },
): string {
  const isOfTask = places.every((place) => TASK_ADDRESSES.includes(place));
  const allow = [...allowed.split(" "), ...flags].filter((flag) => flag !== "").join(" ");
  return [
    ...(isOfTask ? [] : [`${NET_VARIABLE}=${places.join()}`]),
    ...(allow === "" ? [] : [assign(ALLOW_VARIABLE, allow)]),
    ...settings.map((setting) => {
      const [name = "", ...value] = setting.split("=");
      return assign(name, value.join("="));
    }),
    "deno task",
    isOfTask ? "server" : "server:at",
    ...args.map(quote),
  ].join(" ");
}

/** The arguments with another address to listen on. */
export function withListen(
  args: readonly string[],
  address: Address,
  { option = "--listen" }: { readonly option?: ListenOption } = {},
): readonly string[] {
  const kept = args.filter((arg, at) =>
    arg !== option && args[at - 1] !== option && !arg.startsWith(`${option}=`)
  );
  return [...kept, option, formatAddress(address)];
}

/** The flags for a folder's files, or for one file that is only read; undefined: no flag can name it. */
export function flagsFor(
  path: string,
  { access }: { readonly access: "read" | "read and write" },
): readonly string[] | undefined {
  // The runtime splits at commas and has no way to escape one; the task's shell splits at blanks.
  if (/[\s,]/.test(path)) return undefined;
  const read = `--allow-read=${path}`;
  return access === "read" ? [read] : [read, `--allow-write=${path}`];
}

function assign(name: string, value: string): string {
  return `${name}=${quote(value)}`;
}

function quote(word: string): string {
  if (/^[\w@%+=:,./…-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
