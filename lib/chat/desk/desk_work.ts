// The work at the desk: operators claim, release, assign, snooze, resolve and reopen inquiries, and are
// shown them. The store decides who wins; this file checks who may. Knows no socket and no SQL.

import type { Clock } from "../../time.ts";
import type { Users } from "../../store/repository.ts";
import type { Appended, InquiryRecord, StoredEvent } from "../../store/records.ts";
import type { Expectation, InquiryStatus } from "../../store/desk/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { DeskChange, EventBody } from "../../wire/event.ts";
import { inquiryRoom } from "../../wire/room_ref.ts";
import { authorize } from "../access.ts";
import { nameKey } from "../people/names.ts";
import type { Principal } from "../people/principal.ts";
import type { DeskLog } from "./desk_log.ts";
import type { Snoozes } from "./snoozes.ts";

/** What an operator wants to change. */
interface WorkRequest {
  readonly inquiry: number;
  readonly expect?: Expectation | undefined;
}

/** A change, as the store has answered it. */
export interface WorkResult {
  readonly appended: Appended;
  /** How the inquiry is now, when it is stored. */
  readonly status: InquiryStatus | undefined;
}

interface DeskWorkOptions {
  readonly log: DeskLog;
  readonly users: Pick<Users, "findByKeys">;
  readonly clock: Pick<Clock, "now">;
  readonly snoozes: Pick<Snoozes, "note">;
  /** The inquiry of this number. @throws {ChatError} no_such_inquiry, also when it may not be seen */
  readonly find: (principal: Principal, inquiry: number) => Promise<InquiryRecord>;
}

export class DeskWork {
  readonly #options: DeskWorkOptions;

  constructor(options: DeskWorkOptions) {
    this.#options = options;
  }

  /**
   * A change that needs nothing but its name. What is so already changes nothing.
   * @throws {ChatError} forbidden, no_such_inquiry, already_claimed, already_decided, expired, bad_state
   */
  change(
    operator: Principal,
    change: "claimed" | "released" | "resolved" | "reopened" | "seen",
    request: WorkRequest,
  ): Promise<WorkResult> {
    return this.#post(operator, request, { change });
  }

  /** Gives an inquiry to another operator. @throws {ChatError} as `change`, and no_such_user */
  async assign(
    operator: Principal,
    request: WorkRequest & { readonly user: string },
  ): Promise<WorkResult> {
    await this.#find(operator, request.inquiry);
    const key = nameKey(request.user);
    const user = (await this.#options.users.findByKeys([key])).get(key);
    if (user === undefined) throw noSuchOperator(request.user);
    const { id: to, name: assignee } = user;
    return await this.#post(operator, request, { change: "assigned", to, assignee });
  }

  /** Takes an inquiry out of the queue for a while. @throws {ChatError} as `change` */
  async snooze(
    operator: Principal,
    request: WorkRequest & { readonly for_ms: number },
  ): Promise<WorkResult> {
    const { clock, snoozes } = this.#options;
    const until = clock.now() + request.for_ms;
    const result = await this.#post(operator, request, { change: "snoozed", until });
    if (result.status !== undefined) snoozes.note(request.inquiry, until);
    return result;
  }

  async #post(
    operator: Principal,
    { inquiry, expect }: WorkRequest,
    fields: Pick<EventBody, "to" | "assignee" | "until"> & { readonly change: DeskChange },
  ): Promise<WorkResult> {
    await this.#find(operator, inquiry);
    const body = { kind: "desk", content: "", inquiry, ...fields } as const;
    const appended = await this.#options.log.change({ author: operator, body, expect });
    if ("refused" in appended) {
      const refusal = refusalOf(appended, body);
      if (refusal !== undefined) throw refusal;
      return { appended, status: undefined };
    }
    const { state = "open", assignee } = appended.body ?? {};
    return { appended, status: { state, assignee } };
  }

  async #find(operator: Principal, inquiry: number): Promise<void> {
    const { room } = await this.#options.find(operator, inquiry);
    authorize(operator, "work", room, { name: inquiryRoom(inquiry), field: "inquiry" });
  }
}

function noSuchOperator(name: string): ChatError {
  return new ChatError("no_such_user", `There is no operator "${name}"`, { field: "user" });
}

type Refused = Extract<Appended, { refused: string }>;

/** Why the rules of the desk do not allow it; undefined when the store could not store it. */
function refusalOf({ refused, found, prior }: Refused, body: EventBody): ChatError | undefined {
  const { inquiry, assignee = "" } = body;
  const details = { state: found?.state, assignee: found && (found.assignee ?? null) };
  switch (refused) {
    case "already_claimed":
      return new ChatError(
        refused,
        `${found?.assignee} works on inquiry ${inquiry} already`,
        details,
      );
    case "already_decided":
    case "expired":
      return new ChatError(refused, describeEnd(inquiry, prior), details);
    case "forbidden":
      return new ChatError(refused, "Only a person who is an operator now may work at the desk");
    case "bad_field":
      return noSuchOperator(assignee);
    case "bad_state":
      return new ChatError(refused, describeState(body, found), details);
    case "no_such_inquiry":
      return new ChatError(refused, `There is no inquiry "${inquiryRoom(inquiry ?? 0)}"`, {
        field: "inquiry",
      });
    default:
      return undefined;
  }
}

function describeEnd(inquiry: number | undefined, prior: StoredEvent | undefined): string {
  if (prior === undefined) return `The question of inquiry ${inquiry} has ended`;
  const when = new Date(prior.time).toISOString();
  return prior.body.kind === "decision"
    ? `${prior.from} decided inquiry ${inquiry} at ${when}`
    : `The question of inquiry ${inquiry} is ${prior.body.state} since ${when}`;
}

function describeState(
  { inquiry, change }: EventBody,
  { state, assignee }: InquiryStatus = { state: "open" },
): string {
  const holder = assignee === undefined ? "nobody works on it" : `${assignee} works on it`;
  const why = change === "snoozed"
    ? "only an inquiry that waits for an answer can be put off"
    : "this is not possible now";
  return `Inquiry ${inquiry} is ${state}, and ${holder}: ${why}`;
}
