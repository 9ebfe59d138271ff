// Opens inquiries: how many of a user may wait, and which one a question sent again belongs to. Knows no
// room.

import type { Inquiries } from "../../store/repository.ts";
import type { InquiryRecord } from "../../store/records.ts";
import { ChatError } from "../../wire/errors.ts";
import type { DecisionTerms } from "../../wire/event.ts";
import type { Clock } from "../../time.ts";
import { silenced } from "../access_refusals.ts";
import type { Account } from "../people/principal.ts";

/** How a new question is to be decided; `expiresMs` counts from now. */
export interface AskedTerms {
  readonly choices: readonly string[];
  readonly expiresMs?: number | undefined;
  readonly needs?: number | undefined;
}

/** A question that opens an inquiry. */
interface NewQuestion {
  /** The asker's own name for it. */
  readonly cid?: string | undefined;
  /** Undefined when it asks for a text. */
  readonly terms?: AskedTerms | undefined;
  /** The name of the queue in which it waits. */
  readonly queue?: string | undefined;
}

export interface InquiryOpeningOptions {
  readonly inquiries: Pick<Inquiries, "findByCid" | "countOpen" | "open">;
  readonly clock: Pick<Clock, "now">;
  readonly limits: { readonly inquiries_open: number; readonly inquiries_open_guest: number };
  /** Called with each inquiry that was opened, or found by its cid. */
  readonly onOpened: (inquiry: InquiryRecord) => void;
}

export class InquiryOpening {
  readonly #options: InquiryOpeningOptions;

  constructor(options: InquiryOpeningOptions) {
    this.#options = options;
  }

  /**
   * The inquiry in which the asker has sent a question by this cid before; undefined without a cid.
   * @throws {ChatError} cid_conflict when it has other choices, or needs more or fewer operators
   */
  async find(
    asker: Account,
    { cid, terms }: NewQuestion,
  ): Promise<InquiryRecord | undefined> {
    if (cid === undefined) return undefined;
    const found = await this.#options.inquiries.findByCid(asker.user, cid);
    // By this cid an operator has answered in the inquiry of another user.
    if (found !== undefined && found.asker.id !== asker.user) throw cidConflict();
    if (found !== undefined && !haveSameTerms(found.terms, terms)) throw cidConflict();
    return found;
  }

  /**
   * @throws {ChatError} forbidden when as many of the asker's wait for an answer as may; muted while all
   * guests are
   */
  async checkMayOpen(asker: Account): Promise<void> {
    if (asker.isSilenced) throw silenced();
    const { inquiries } = this.#options;
    const mostOpen = this.#mostOpen(asker);
    const open = await inquiries.countOpen(asker.user, { now: this.#options.clock.now() });
    if (open >= mostOpen) throw tooManyOpen(mostOpen);
  }

  /** Opens an inquiry; by a cid used before, finds that one. @throws as `checkMayOpen` */
  async open(
    asker: Account,
    { cid, terms, queue }: NewQuestion,
  ): Promise<InquiryRecord> {
    const mostOpen = this.#mostOpen(asker);
    const now = this.#options.clock.now();
    const opening = await this.#options.inquiries.open({
      asker: asker.user,
      cid,
      terms: terms && termsFrom(terms, now),
      queue,
      mostOpen,
      now,
    });
    if ("refused" in opening) throw tooManyOpen(mostOpen);
    const { inquiry } = opening;
    this.#options.onOpened(inquiry);
    return inquiry;
  }

  #mostOpen({ role }: Account): number {
    const { inquiries_open, inquiries_open_guest } = this.#options.limits;
    return role === "guest" ? inquiries_open_guest : inquiries_open;
  }
}

function termsFrom({ choices, expiresMs, needs }: AskedTerms, now: number): DecisionTerms {
  return {
    choices,
    expires: expiresMs === undefined ? undefined : now + expiresMs,
    needs: needs === 1 ? undefined : needs,
  };
}

/** As much of its terms as a question sent again must have as before; its time may be another. */
type SameTerms = Pick<AskedTerms, "choices" | "needs"> | undefined;

/** Whether a question sent again is decided as it was: never by fewer operators. */
function haveSameTerms(one: SameTerms, other: SameTerms): boolean {
  return JSON.stringify(one?.choices) === JSON.stringify(other?.choices) &&
    (one?.needs ?? 1) === (other?.needs ?? 1);
}

function cidConflict(): ChatError {
  const message = "This cid was used for another message: another room, kind or text";
  return new ChatError("cid_conflict", message, { field: "cid" });
}

function tooManyOpen(most: number): ChatError {
  const inquiries = most === 1 ? "1 inquiry" : `${most} inquiries`;
  return new ChatError(
    "forbidden",
    `At most ${inquiries} of yours may wait for an answer at a time: ` +
      "say more in one of them, or ask when one is answered",
  );
}
