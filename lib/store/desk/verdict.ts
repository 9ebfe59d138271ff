// What becomes of a draft that changes an inquiry. Types only.

import type { ErrorCode } from "../../wire/errors.ts";
import type { EventBody } from "../../wire/event.ts";
import type { StoredEvent } from "../records.ts";
import type { InquiryStatus } from "./records.ts";
import type { Inquiry } from "./inquiry_record.ts";
import type { Actor, InquiryAction } from "./inquiry_states.ts";

/** Whether the draft is stored, and with which body. */
export type Verdict =
  | { readonly body: EventBody }
  /** It repeats what is stored already. */
  | { readonly same: StoredEvent }
  /** The inquiry is already as it would be: the body says how. */
  | { readonly unchanged: EventBody }
  | {
    readonly refused: ErrorCode;
    readonly prior?: StoredEvent | undefined;
    readonly found?: InquiryStatus;
  };

/** As whom, and as what action, a draft is judged. */
export interface JudgedAs {
  readonly inquiry: Inquiry;
  readonly actor: Actor;
  readonly action: InquiryAction;
}
