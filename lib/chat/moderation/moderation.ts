// The acts of moderators of a room and administrators of the server. Each is checked, stored with its entry
// of the log, and applied here before the reply is sent. Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { BanRecord, UserRecord } from "../../store/records.ts";
import type { ActRecord, NewAct } from "../../store/moderation/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { ActTarget, Standing } from "../../wire/frames/moderation.ts";
import type { Clock } from "../../time.ts";
import { nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";
import type { Room } from "../room.ts";
import type { ActFollower } from "./act_follower.ts";
import { isInNetwork } from "./networks.ts";
import { checkAct } from "./rules.ts";

interface ModerationOptions {
  readonly repository: Pick<Repository, "moderation">;
  readonly clock: Clock;
  readonly follower: ActFollower;
  /** An act was stored: other servers are notified. */
  readonly onAct: () => void;
}

/** An act that a principal asks for. */
export interface ActRequest extends ActTarget {
  readonly act: NewAct["act"];
  readonly principal: Principal;
  /** Undefined: for the server. */
  readonly room: Room | undefined;
  readonly standing?: Standing;
  /** For how many milliseconds; undefined: without an end. */
  readonly forMs?: number | undefined;
  readonly reason?: string | undefined;
  /** Of a panic. */
  readonly on?: boolean;
}

export class Moderation {
  readonly #options: ModerationOptions;

  constructor(options: ModerationOptions) {
    this.#options = options;
  }

  /**
   * Does the act; when this resolves it holds on this server.
   * @returns the number of a new ban
   * @throws {ChatError} when the rules do not allow it
   */
  async act(request: ActRequest): Promise<number | undefined> {
    const { repository, clock, follower, onAct } = this.#options;
    const { act, principal, room, standing, forMs, reason, network, on } = request;
    const target = request.user === undefined ? undefined : await this.findUser(request.user);
    if (network !== undefined) checkNetwork(request, network);
    const now = clock.now();
    const ends = forMs === undefined ? undefined : now + forMs;
    const { ban } = await repository.moderation.act({
      act,
      actor: { user: principal.user, name: principal.name },
      room: room && { id: room.id, name: room.name },
      subject: target !== undefined
        ? { user: target }
        : network === undefined
        ? undefined
        : { network },
      detail: standing ?? (on === undefined ? undefined : on ? "on" : "off"),
      ends,
      reason,
      now,
    }, (facts) =>
      checkAct({
        act,
        actor: { user: principal.user, role: principal.role },
        room: room?.name,
        isHidden: room?.kind === "private",
        target,
        isTargetHere: target !== undefined && room?.isHere(target.id) === true,
        standing,
        ends,
      }, facts));
    onAct();
    await follower.follow();
    return ban;
  }

  /** The bans that hold, of a room or of the server, by number above `after`. */
  async bans(
    room: Room | undefined,
    { after, limit }: { after: number | undefined; limit: number },
  ): Promise<{ readonly bans: readonly BanRecord[]; readonly more: boolean }> {
    const { moderation } = this.#options.repository;
    const found = await moderation.bans({ room: room?.id, after, limit: limit + 1 });
    return { bans: found.slice(0, limit), more: found.length > limit };
  }

  /** The acts in a room, or everywhere the principal may know of them, the latest first. */
  async acts(
    room: Room | undefined,
    options: { principal: Principal; before: number | undefined; limit: number },
  ): Promise<{ readonly acts: readonly ActRecord[]; readonly more: boolean }> {
    const { principal, before, limit } = options;
    const { moderation } = this.#options.repository;
    const reader = principal.user;
    const found = await moderation.acts({ room: room?.id, reader, before, limit: limit + 1 });
    return { acts: found.slice(0, limit), more: found.length > limit };
  }

  /** @throws {ChatError} no_such_user when nobody has this name */
  async findUser(name: string): Promise<UserRecord> {
    const user = await this.#options.repository.moderation.findUser(nameKey(name));
    if (user !== undefined) return user;
    throw new ChatError("no_such_user", `There is no user "${name}"`, { field: "user" });
  }
}

/** @throws {ChatError} */
function checkNetwork({ act, principal, room }: ActRequest, network: string): void {
  if (act === "kick" && room !== undefined) {
    const message = `A network is not a member of "${room.name}": ban it there, or kick a user`;
    throw new ChatError("bad_field", message, { field: "network" });
  }
  const { address } = principal;
  if (act !== "unban" && address !== undefined && isInNetwork(address, network)) {
    const message = `The network ${network} contains your own address`;
    throw new ChatError("forbidden", message, { field: "network" });
  }
}
