// Which server a command uses: the one that is named, else the only one of the person's, else the one
// that was used last. Knows no files.

import { ConfigError } from "../config_error.ts";
import { type ChosenServer, formatServer, parseServer } from "./chosen_server.ts";
import { findProfile, findProfileAt, listProfiles, type Profile } from "./profiles.ts";

export interface Choice {
  /** Without the pin that was kept for it. */
  readonly server: ChosenServer;
  /** The person's server that it is. */
  readonly profile?: Profile | undefined;
  /** Why none is chosen; then nothing may be sent to `server`. */
  readonly undecided?: string;
}

/** The server that a text names: one of the person's, by its name, else an address. @throws {ConfigError} */
export function chooseServer(
  text: string,
  { source, profiles, isTls }: {
    readonly source: string;
    readonly profiles: readonly Profile[];
    readonly isTls: boolean;
  },
): Choice {
  const named = findProfile(profiles, text);
  if (named !== undefined) {
    if (!isTls || named.server.tls !== undefined) return choiceOf(named);
    const why = `${source} ${named.name} is kept as a server without TLS`;
    throw new ConfigError("usage", `${why}: leave --tls out, or give its address`);
  }
  const server = parseServer(text, source, { isTls });
  const profile = findProfileAt(profiles, server);
  // With another key it is another server: nothing that is set for the kept one is for it.
  const pin = server.tls?.pin;
  const isKept = pin === undefined || pin === profile?.server.tls?.pin;
  return { server, profile: isKept ? profile : undefined };
}

function choiceOf(profile: Profile): Choice {
  const { address, tls } = profile.server;
  return { server: tls === undefined ? { address } : { address, tls: {} }, profile };
}

/** The only one of these, else the one that a person used last. A script must name one of several. */
export function defaultServer(
  profiles: readonly [Profile, ...Profile[]],
  { usedAt, isAttended }: {
    /** When the server was used last, as ISO 8601; undefined when it was never used. */
    readonly usedAt: (server: ChosenServer) => string | undefined;
    readonly isAttended: () => boolean;
  },
): Choice {
  const [first, ...others] = profiles;
  if (others.length === 0) return choiceOf(first);
  const used = profiles.map((profile) => ({ profile, at: usedAt(profile.server) ?? "" }))
    .reduce((last, next) => next.at > last.at ? next : last);
  if (used.at !== "" && isAttended()) return choiceOf(used.profile);
  const undecided = `Which server? --server NAME chooses one of ${listProfiles(profiles)}`;
  return { ...choiceOf(first), undecided };
}

/** The folder, in the directory of the state, with a file for each server: when it was used last. */
export const USES_FOLDER = "servers";

/** The name of the server's file there. */
export function useFileOf(server: ChosenServer): string {
  return encodeURIComponent(formatServer(server));
}
