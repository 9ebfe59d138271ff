// Finds rooms by name and opens them. It gives out only rooms that `authorize` allows for the named action.
// Knows no socket and no SQL.

import type { Repository } from "../../store/repository.ts";
import type { Membership, RoomId, RoomRecord } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import { isRoomName } from "../../wire/room_ref.ts";
import { authorize, forMember, isForMembers, may, mayBeKnown } from "../access.ts";
import { noSuchRoom } from "../access_refusals.ts";
import { refusalOfResend } from "../resends.ts";
import { nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";
import type { Lease, Room } from "../room.ts";
import { type RoomCreation, roomNameTaken } from "./room_creation.ts";
import type { Access, RoomLookup } from "./room_lookup.ts";
import type { RoomRegistry } from "./room_registry.ts";

/** A room in a list, and what the user who asked is there; `last` is what was delivered here, if more. */
export interface ListedRoom {
  readonly record: RoomRecord;
  readonly last: number;
  readonly membership: Membership | undefined;
}

/** A room in memory, and why the principal may not do there any more what they ask; undefined: they may. */
export interface LeaseForResend extends Lease {
  readonly refusal?: ChatError | undefined;
}

export class RoomDirectory {
  readonly #repository: Pick<Repository, "rooms" | "members">;
  readonly #registry: RoomRegistry;
  readonly #creation: RoomCreation;
  readonly #lookup: RoomLookup;

  constructor(options: {
    repository: Pick<Repository, "rooms" | "members">;
    registry: RoomRegistry;
    creation: RoomCreation;
    lookup: RoomLookup;
  }) {
    this.#repository = options.repository;
    this.#registry = options.registry;
    this.#creation = options.creation;
    this.#lookup = options.lookup;
  }

  /** The room of this name if it is in memory and `authorize` allows the action; asks no store. */
  findLoaded(name: string, { principal, action }: Access): Room | undefined {
    const room = this.#registry.find(name);
    return room !== undefined && may(principal, action, room) ? room : undefined;
  }

  /** The room of this name. @throws {ChatError} as `authorize`, also when there is no such room */
  async open(name: string, { principal, action }: Access): Promise<Lease> {
    const [opened] = await this.openAll([name], { principal, action });
    if (opened === undefined || opened instanceof ChatError) throw opened ?? noSuchRoom({ name });
    return opened;
  }

  /**
   * As `open`, for what the store recognises if it has it: then a room that the principal may see comes
   * with the refusal. A room in which the user may do this costs no more.
   */
  async openForResend(
    name: string,
    { isRecognised, ...access }: Access & { isRecognised: boolean },
  ): Promise<LeaseForResend> {
    try {
      return await this.open(name, access);
    } catch (error) {
      if (!isRecognised) throw error;
      const { principal } = access;
      const refusal = refusalOfResend(error, principal);
      const lease = await this.open(name, { principal, action: "see" });
      return { room: lease.room, refusal, [Symbol.dispose]: () => lease[Symbol.dispose]() };
    }
  }

  /**
   * Several rooms by their names, looked up in the store at once: each as `open` gives it, or its
   * refusal. The caller disposes of the leases.
   */
  async openAll(
    names: readonly string[],
    access: Access,
  ): Promise<readonly (Lease | ChatError)[]> {
    return await this.#lookup.openAll(names, access);
  }

  /**
   * The room of this name, to join it; created when there is none and the principal may create rooms.
   * A name that a hidden room has is refused last, as if by the store: who may create no room learns nothing.
   * @param onCreating is called before a room is created, and may refuse by throwing
   * @throws {ChatError} name_taken, or as `authorize`
   */
  async openOrCreate(
    name: string,
    options: { principal: Principal; kind: "public" | "private"; onCreating: () => void },
  ): Promise<Lease> {
    const { principal } = options;
    const [opened] = await this.openAll([name], { principal, action: "join" });
    // `?42` and its like are references: what they name is created in other ways.
    const isMissing = opened instanceof ChatError && opened.code === "no_such_room";
    if (!isMissing || !isRoomName(name)) {
      if (opened === undefined || opened instanceof ChatError) throw opened;
      return opened;
    }
    const room = this.#registry.candidate(await this.#creation.create(name, options));
    if (!mayBeKnown(principal, room)) throw roomNameTaken(name);
    authorize(principal, "join", room, { name });
    return this.#registry.load(room, nameKey(name));
  }

  /** Reads what the store has of moderation of the room now. @throws what the store throws */
  async refreshSanctions(room: Room): Promise<void> {
    const record = (await this.#repository.rooms.findMany([room.id])).get(room.id);
    if (record !== undefined) room.noteSanctions(record);
  }

  /** The rooms that the principal may see, except direct conversations and inquiries, by name above `after`. */
  async list(
    principal: Principal,
    { after, limit }: { after: string | undefined; limit: number },
  ): Promise<{ readonly rooms: readonly ListedRoom[]; readonly more: boolean }> {
    const { rooms, members } = this.#repository;
    const key = after === undefined ? undefined : nameKey(after);
    const found = await rooms.list({ after: key, limit: limit + 1, member: principal.user });
    const records = found.slice(0, limit)
      .filter((room) => may(principal, "see", isForMembers(room) ? forMember(room) : room));
    const own = await members.among(principal.user, records.map(({ id }) => id));
    return {
      rooms: records.map((record) => ({
        record,
        last: this.#registry.findById(record.id)?.deliveredSeq ?? record.last,
        membership: own.get(record.id),
      })),
      more: found.length > limit,
    };
  }

  /** The names that these rooms have now; for a user who may know of the rooms. @throws what the store throws */
  async namesOf(rooms: readonly RoomId[]): Promise<ReadonlyMap<RoomId, string>> {
    const found = await this.#repository.rooms.findMany(rooms);
    return new Map(Array.from(found, ([id, { name }]) => [id, name]));
  }

  /** Whether the room still exists: as `findGone`. @throws what the store throws */
  async keep(room: Room): Promise<boolean> {
    return !(await this.findGone([room])).has(room);
  }

  /**
   * Those of these rooms that the store has removed as unused; it keeps the others for a while. To be
   * asked before a connection subscribes to them. @throws what the store throws
   */
  async findGone(asked: readonly Room[]): Promise<ReadonlySet<Room>> {
    const unused = [...new Set(asked.filter((room) => room.mayVanish))];
    const ids = unused.map(({ id }) => id);
    const { rooms } = this.#repository;
    if (unused.length === 0 || await rooms.keep(ids) === ids.length) return new Set();
    const existing = await rooms.lastSeqs(ids);
    const gone = unused.filter(({ id }) => !existing.has(id));
    for (const { id } of gone) this.#registry.forget(id);
    return new Set(gone);
  }

  /** Delivers what the store has of these rooms up to these seqs. @throws what the store throws */
  async catchUp(targets: readonly { readonly room: Room; readonly seq: number }[]): Promise<void> {
    const behind = targets.filter(({ room, seq }) => seq > room.deliveredSeq);
    if (behind.length === 0) return;
    const lasts = await this.#repository.rooms.lastSeqs(behind.map(({ room }) => room.id));
    await Promise.all(
      behind.map(({ room, seq }) => room.log.noteStored(Math.min(seq, lasts.get(room.id) ?? 0))),
    );
  }
}
