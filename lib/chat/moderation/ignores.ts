// The users that a user ignores. The list holds on every connection of its user, and changes nothing for
// others; the server still sends the messages. Messages of an ignored user are no mentions and do not count
// as unread.

import type { Ignores, Repository } from "../../store/repository.ts";
import type { UserId, UserRecord } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";

const MOST_IGNORED = 200;

export class IgnoredUsers {
  readonly #repository: Pick<Repository, "ignores" | "moderation">;

  constructor(repository: Pick<Repository, "ignores" | "moderation">) {
    this.#repository = repository;
  }

  /** @returns the number of the other user @throws {ChatError} no_such_user, or forbidden for oneself and above the limit */
  async set(
    { user }: Principal,
    { name, on }: { name: string; on: boolean },
  ): Promise<UserId> {
    const ignored = await this.#repository.moderation.findUser(nameKey(name));
    if (ignored === undefined) {
      throw new ChatError("no_such_user", `There is no user "${name}"`, { field: "user" });
    }
    if (ignored.id === user) {
      throw new ChatError("forbidden", "You cannot ignore yourself", { field: "user" });
    }
    const { ignores }: { ignores: Ignores } = this.#repository;
    const isDone = on
      ? await ignores.add(user, ignored.id, MOST_IGNORED)
      : await ignores.remove(user, ignored.id).then(() => true);
    if (isDone) return ignored.id;
    throw new ChatError("forbidden", `A user may ignore at most ${MOST_IGNORED} others`, {
      field: "user",
    });
  }

  list({ user }: Principal): Promise<readonly UserRecord[]> {
    return this.#repository.ignores.list(user);
  }
}
