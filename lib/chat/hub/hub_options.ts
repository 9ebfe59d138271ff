// The parts from which the chat of one server is created.

import type { Bus } from "../../cluster/bus.ts";
import type { Repository } from "../../store/repository.ts";
import type { Clock } from "../../time.ts";
import type { DeskOptions } from "../desk/desk.ts";
import type { Schedule } from "../fanout.ts";
import type { Connections } from "../members/membership_events.ts";
import type { MembershipsOptions } from "../members/memberships.ts";
import type { DismissibleConnections } from "../moderation/act_follower.ts";
import type { AccountConnections } from "../people/accounts.ts";
import type { CredentialLimits } from "../people/credentials.ts";
import type { DirectConnections } from "../rooms/direct_rooms.ts";
import type { CreateRooms, RoomCreationOptions } from "../rooms/room_creation.ts";

export interface HubOptions {
  readonly repository: Repository;
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly createRooms: CreateRooms;
  readonly deskSettings: DeskOptions["settings"];
  readonly limits:
    & DeskOptions["limits"]
    & RoomCreationOptions["limits"]
    & MembershipsOptions["limits"]
    & CredentialLimits
    & { readonly unused_room_ms: number };
  /** The way to other servers of the same store, when there is one. */
  readonly bus?: Bus | undefined;
  /** The connections of this server. */
  readonly connections:
    & Connections
    & DirectConnections
    & DismissibleConnections
    & AccountConnections;
}
