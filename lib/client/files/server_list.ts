// The person's servers in the configuration file. Several processes can change them at once: each change is
// read, made and written under one lock, so that none is lost. Knows no connection.

import type { Fields } from "../../wire/json.ts";
import type { ChosenServer } from "../../config/link/chosen_server.ts";
import { useFileOf, USES_FOLDER } from "../../config/link/choose_server.ts";
import { CONFIG_FILE, parseConfigJson } from "../../config/link/config_file.ts";
import {
  type SeenServer,
  withoutServer,
  withRenamed,
  withServer,
} from "../../config/link/profile_edits.ts";
import {
  findProfile,
  listProfiles,
  parseProfiles,
  type Profile,
  PROFILES_KEY,
} from "../../config/link/profiles.ts";
import { Failure } from "../exit.ts";
import type { PrivateFiles } from "./private_files.ts";

interface ServerListOptions {
  /** The directory of the configuration file. */
  readonly config: PrivateFiles;
  readonly state: PrivateFiles;
  /** The current time, in ms since 1970. */
  readonly now: () => number;
}

/** The file as it is, and as an edit leaves it. */
interface Read {
  readonly file: Fields;
  readonly profiles: readonly Profile[];
}

interface Edited<T> {
  readonly file: Fields;
  readonly result: T;
}

/** The servers of a person. Its methods throw FileFaults. */
export class ServerList {
  readonly #options: ServerListOptions;

  constructor(options: ServerListOptions) {
    this.#options = options;
  }

  /** Keeps a server that has accepted the person. @returns its name, and whether it is a new one */
  async keep(seen: SeenServer): Promise<{ readonly name: string; readonly isNew: boolean }> {
    const kept = await this.#change(({ file, profiles }) => {
      const { file: changed, ...result } = withServer(file, { profiles, seen });
      return { file: changed, result };
    });
    await this.#uses.write(useFileOf(seen.server), new Date(this.#options.now()).toISOString());
    return kept;
  }

  /** When the server was used last, as ISO 8601. */
  usedAt(server: ChosenServer): Promise<string | undefined> {
    return this.#uses.find(useFileOf(server));
  }

  /** @returns how the server was called @throws {Failure} usage */
  rename({ from, to }: { readonly from: string; readonly to: string }): Promise<string> {
    return this.#change(({ file, profiles }) => {
      const { name } = getProfile(profiles, from);
      const other = findProfile(profiles, to);
      if (other !== undefined && other.name !== name) {
        throw new Failure("usage", `Another server is called ${other.name}`);
      }
      return { file: withRenamed(file, { from: name, to }), result: name };
    });
  }

  /** @returns what was removed @throws {Failure} usage */
  async remove(wanted: string): Promise<Profile> {
    const removed = await this.#change(({ file, profiles }) => {
      const profile = getProfile(profiles, wanted);
      return { file: withoutServer(file, profile.name), result: profile };
    });
    await this.#uses.remove(useFileOf(removed.server));
    return removed;
  }

  get #uses(): PrivateFiles {
    return this.#options.state.within(USES_FOLDER);
  }

  /** @throws {ConfigError} when the file was damaged meanwhile: it stays as it is */
  async #change<T>(edit: (read: Read) => Edited<T>): Promise<T> {
    const { config } = this.#options;
    using _lock = await config.lock(CONFIG_FILE);
    const path = config.pathOf(CONFIG_FILE);
    const text = await config.find(CONFIG_FILE);
    const file = text === undefined ? {} : parseConfigJson(text, path);
    const listed = file[PROFILES_KEY] ?? {};
    const profiles = parseProfiles(listed, { path, readSettings: () => new Map() });
    const { file: changed, result } = edit({ file, profiles });
    if (JSON.stringify(changed) !== JSON.stringify(file)) {
      await config.write(CONFIG_FILE, `${JSON.stringify(changed, undefined, 2)}\n`);
    }
    return result;
  }
}

function getProfile(profiles: readonly Profile[], wanted: string): Profile {
  const profile = findProfile(profiles, wanted);
  if (profile !== undefined) return profile;
  const which = profiles.length === 0 ? "there is none" : `there are ${listProfiles(profiles)}`;
  throw new Failure("usage", `There is no server ${wanted}: ${which}`);
}
