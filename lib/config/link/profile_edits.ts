// Changes of the person's servers in the object of the configuration file. All else that the file holds
// stays as it is. Pure.

import { type Fields, isFields } from "../../wire/json.ts";
import { type ChosenServer, formatServer } from "./chosen_server.ts";
import { findProfileAt, type Profile, PROFILES_KEY, proposeProfileName } from "./profiles.ts";

/** What a login or a chat has shown about a server. */
export interface SeenServer {
  readonly server: ChosenServer;
  /** Who the person is there; undefined when that is not to be kept. */
  readonly user?: string | undefined;
  /** The file of the authority that vouches for the server, if one was named. */
  readonly caPath?: string | undefined;
}

/** The file's object with this server in it, under its name. */
export function withServer(
  file: Fields,
  { profiles, seen: { server, user, caPath } }: {
    readonly profiles: readonly Profile[];
    readonly seen: SeenServer;
  },
): { readonly file: Fields; readonly name: string; readonly isNew: boolean } {
  const known = findProfileAt(profiles, server);
  const name = known?.name ?? proposeProfileName(server, profiles);
  const before = objectAt(objectAt(file, PROFILES_KEY), name);
  const profile = {
    ...before,
    address: formatServer(known !== undefined && !isPinned(server) ? known.server : server),
    ...(user === undefined ? {} : { name: user }),
    ...(caPath === undefined || isPinned(server) ? {} : { ca: caPath }),
  };
  return { file: withProfile(file, { name, profile }), name, isNew: known === undefined };
}

function isPinned({ tls }: ChosenServer): boolean {
  return tls?.pin !== undefined;
}

function withProfile(
  file: Fields,
  { name, profile }: { readonly name: string; readonly profile: Fields },
): Fields {
  return { ...file, [PROFILES_KEY]: { ...objectAt(file, PROFILES_KEY), [name]: profile } };
}

/** The file's object with the profile under another name, in its place. */
export function withRenamed(
  file: Fields,
  { from, to }: { readonly from: string; readonly to: string },
): Fields {
  const profiles = Object.entries(objectAt(file, PROFILES_KEY))
    .map(([name, profile]) => [name === from ? to : name, profile]);
  // The server that is chosen by its name stays chosen.
  const chosen = file.server === from ? { server: to } : {};
  return { ...file, ...chosen, [PROFILES_KEY]: Object.fromEntries(profiles) };
}

/** The file's object without the profile. */
export function withoutServer(file: Fields, name: string): Fields {
  const { [name]: _, ...others } = objectAt(file, PROFILES_KEY);
  return { ...file, [PROFILES_KEY]: others };
}

function objectAt(fields: Fields, key: string): Fields {
  const value = fields[key];
  return isFields(value) ? value : {};
}
