// What a command is: one row of the table for each type of request. A command changes rooms, which send
// events to their subscribers, and returns the reply to its request. No command holds a socket.

import type { CodePolicy } from "../../chat/people/code_rules.ts";
import type { Hub } from "../../chat/hub.ts";
import type { OpenPrincipal, Principal, RequestScope } from "../../chat/people/principal.ts";
import type { TokenOwner } from "../../store/records.ts";
import type { Room } from "../../chat/room.ts";
import type { ChatError } from "../../wire/errors.ts";
import type { ClientFrame, ClientFrameType, ServerFrame } from "../../wire/frame.ts";
import type { Role } from "../../wire/frames/roles.ts";
import type { AccountPolicy, Passwords } from "../admission/passwords.ts";
import type { Limits } from "../../wire/limits.ts";
import type { Admission } from "../addresses.ts";
import type { Subscriptions } from "../connection/subscriptions.ts";

/** The session of a request, as far as commands use it. */
export interface CommandSession {
  /** The principal that the connection acts for; undefined before login. */
  readonly principal: Principal | undefined;
  /** Where the peer comes from, as an address. */
  readonly address: string;
  /** Counts what the peer's address does, against its limits. */
  readonly admission: Admission;
  /** Whether a `hello` has succeeded. */
  readonly isGreeted: boolean;
  /** How long the peer may be silent, in milliseconds; 0 means without limit. */
  readonly idleMs: number;
  /** The program that the peer says it is; empty when it does not. */
  readonly client: string;
  noteClient(client: string | undefined): void;
  greet(options: { idleMs: number }): void;
  /** From now on the connection acts for this principal, and closes it when it ends. */
  logIn(principal: OpenPrincipal): void;
  /** Counts a failed login. Returns what ends the connection after the reply, when there were too many. */
  noteAuthFailure(): (() => void) | undefined;
  /** The rooms that the connection is subscribed to. @throws before login */
  readonly subscriptions: Subscriptions;
}

/** What the commands of one connection work with. */
export interface CommandContext {
  readonly hub: Hub;
  readonly limits: Limits;
  readonly session: CommandSession;
  /** The owners of tokens that are valid only until this process ends. */
  readonly processTokens: ReadonlyMap<string, TokenOwner>;
  /** Who may become an account: every guest, or only with a code, or nobody. */
  readonly accounts: AccountPolicy;
  readonly passwords: Passwords;
  /** Whether members may invite people, or administrators alone. */
  readonly invites: CodePolicy["invites"];
  /** One string by which a person joins with this code; undefined without a public address. */
  readonly joinString: (code: string) => string | undefined;
  /** The counters of the server, for `stats`. */
  readonly counters: () => Readonly<Record<string, number>>;
}

/** The rate limit that a request counts against; `free` requests count against none. */
type Bucket = "messages" | "history" | "requests" | "inquiries" | "free";

/** What a command returns. */
export interface CommandResult {
  /** Sent to the connection of the request alone; without it nothing is sent. */
  readonly reply?: ServerFrame;
  /** Called once the reply is in the queue of the connection; must return at once and must not throw. */
  readonly after?: (() => void) | undefined;
}

/** What the server does with one type of client frame. */
export interface Command<T extends ClientFrameType> {
  /** The least role that may send the request; `nobody`: also before login. */
  readonly needs: Role | "nobody";
  /** What a token with scopes needs for it. In which rooms is asked by `authorize`. */
  readonly scope: RequestScope;
  readonly bucket: Bucket;
  /**
   * The room of the request, if it is in memory and may be used so. Then the next request may begin
   * before this one is answered: `run` gets the room and does all that depends on order before its
   * first await.
   */
  findRoom?(frame: ClientFrame<T>, context: CommandContext): Room | undefined;
  /** @throws {ChatError} for a mistake in the request */
  run(
    frame: ClientFrame<T>,
    context: CommandContext,
    room?: Room,
  ): CommandResult | Promise<CommandResult>;
  /**
   * Answers a request with a `cid` whose text is too long, if it is stored already: other limits may have held.
   * @throws {ChatError} when it is not
   */
  recognise?(
    frame: ClientFrame<T>,
    context: CommandContext,
    refusal: ChatError,
  ): Promise<CommandResult>;
}

export type CommandTable = { readonly [T in ClientFrameType]: Command<T> };

/** The principal of the request. A command that needs a role runs only after login. */
export function principalOf(context: CommandContext): Principal {
  const { principal } = context.session;
  if (principal === undefined) {
    throw new Error("A command that needs a role ran before login");
  }
  return principal;
}
