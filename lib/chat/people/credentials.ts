// Tokens and codes: lists, creates and ends them. When a token ends, its connections end on every server.
// Knows no socket, no SQL and no secret: tokens come as hashes.

import type { Cluster } from "../../cluster/cluster.ts";
import type { Codes, Tokens, Users } from "../../store/repository.ts";
import type { EndedToken, NewToken, TokenRecord, UserId } from "../../store/records.ts";
import type { CodeRecord, NewCode } from "../../store/repository.ts";
import type { Clock } from "../../time.ts";
import { ChatError } from "../../wire/errors.ts";
import type { Connections } from "../members/membership_events.ts";
import type { Principal } from "./principal.ts";

/** How many ended tokens are remembered, against logins that had begun before. */
const REMEMBERED = 10_000;

export interface CredentialLimits {
  readonly tokens_per_user: number;
  readonly codes_per_user: number;
}

interface CredentialsOptions {
  readonly tokens: Tokens;
  readonly codes: Codes;
  readonly users: Users;
  readonly clock: Clock;
  readonly connections: Pick<Connections, "tokensOf" | "endToken">;
  readonly cluster: Pick<Cluster, "tokensEnded">;
  readonly limits: CredentialLimits;
}

/** A page of a user's tokens. */
interface TokenPage {
  readonly tokens: readonly TokenRecord[];
  readonly more: boolean;
  /** The numbers of those by which a connection to this server is logged in. */
  readonly here: ReadonlySet<number>;
}

export class Credentials {
  readonly codes: Codes;
  readonly #options: CredentialsOptions;
  readonly #ended = new Set<number>();
  /** Tokens that a request here is ending: their connections are sent its reply first. */
  readonly #ending = new Set<number>();
  /** Up to where the endings of other servers were read; undefined before the first look. */
  #lastEnding: number | undefined;

  constructor(options: CredentialsOptions) {
    this.#options = options;
    this.codes = options.codes;
  }

  /** A user's tokens, by number above `after`. */
  async list(
    user: UserId,
    { after, limit }: { after: number; limit: number },
  ): Promise<TokenPage> {
    const { tokens, connections, clock } = this.#options;
    const found = await tokens.list(user, { after, limit: limit + 1, now: clock.now() });
    return {
      tokens: found.slice(0, limit),
      more: found.length > limit,
      here: connections.tokensOf(user),
    };
  }

  /**
   * Stores a token that a user has asked for. @returns its number
   * @throws {ChatError} forbidden when the user has as many as a user may
   */
  async add(user: UserId, token: NewToken): Promise<number> {
    const { tokens, users, limits: { tokens_per_user: most } } = this.#options;
    const found = await tokens.list(user, { after: 0, limit: most, now: token.now });
    if (found.length >= most) {
      const message = `A user may have at most ${most} tokens: end one that is not needed first`;
      throw new ChatError("forbidden", message);
    }
    return await users.addToken(user, token);
  }

  /**
   * Ends a token of one's own, or of any user by an administrator.
   * @returns what ends its connections, to be called behind the reply
   * @throws {ChatError} bad_field
   */
  async end(principal: Principal, token: number): Promise<() => void> {
    const { tokens, clock, cluster } = this.#options;
    const now = clock.now();
    const found = await tokens.find(token, { now });
    const isAllowed = found !== undefined &&
      (found.user === principal.user || principal.hasRole("admin"));
    const refusal = () =>
      new ChatError("bad_field", `You have no token with the number ${token}`, { field: "token" });
    if (!isAllowed) throw refusal();
    this.#ending.add(token);
    try {
      if (!await tokens.end(token, { now })) throw refusal();
    } catch (error) {
      this.#ending.delete(token);
      throw error;
    }
    const ended = { token, user: found.user };
    this.#remember(ended);
    cluster.tokensEnded();
    return () => {
      this.#ending.delete(token);
      this.#options.connections.endToken(ended);
    };
  }

  /** Ends the connections of tokens that have ended with a change of the password, on every server. */
  announceEnded(ended: readonly EndedToken[]): void {
    for (const one of ended) this.#remember(one);
    this.#options.cluster.tokensEnded();
    for (const one of ended) this.#options.connections.endToken(one);
  }

  /** Whether the token was ended a moment ago: its user must not be logged in by what was read before. */
  hasEnded(token: number | undefined): boolean {
    return token !== undefined && this.#ended.has(token);
  }

  /** Ends the connections of tokens that were ended by other servers. @throws what the store throws */
  async poll(): Promise<void> {
    const { tokens, connections } = this.#options;
    const from = this.#lastEnding ?? await tokens.lastEnding();
    const { tokens: ended, last } = await tokens.endings(from);
    this.#lastEnding = Math.max(last, this.#lastEnding ?? 0);
    for (const one of ended) {
      this.#remember(one);
      if (!this.#ending.has(one.token)) connections.endToken(one);
    }
  }

  /** Stores a code. @returns its number @throws {ChatError} forbidden when the user has too many */
  async addCode(code: NewCode): Promise<number> {
    const { codes, limits: { codes_per_user: most } } = this.#options;
    const options = { creator: code.creator, after: 0, limit: most, now: code.now };
    if ((await codes.list(options)).length >= most) {
      const message = `A user may have at most ${most} codes: end one that is not needed first`;
      throw new ChatError("forbidden", message);
    }
    return await codes.add(code);
  }

  /** The codes that can be redeemed: one's own, or for an administrator all; by number above `after`. */
  async listCodes(
    principal: Principal,
    { after, limit }: { after: number; limit: number },
  ): Promise<{ readonly codes: readonly CodeRecord[]; readonly more: boolean }> {
    const { codes, clock } = this.#options;
    const creator = creatorFor(principal);
    const found = await codes.list({ creator, after, limit: limit + 1, now: clock.now() });
    return { codes: found.slice(0, limit), more: found.length > limit };
  }

  /** Ends a code of one's own, or of any user by an administrator. @throws {ChatError} bad_field */
  async endCode(principal: Principal, code: number): Promise<void> {
    if (await this.#options.codes.end(code, { creator: creatorFor(principal) })) return;
    throw new ChatError("bad_field", `You have no code with the number ${code}`, {
      field: "code",
    });
  }

  #remember({ token }: EndedToken): void {
    this.#ended.add(token);
    if (this.#ended.size <= REMEMBERED) return;
    const [oldest] = this.#ended;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }
}

/** Whose codes a user may see and end; undefined: everybody's. */
function creatorFor(principal: Principal): UserId | undefined {
  return principal.hasRole("admin") ? undefined : principal.user;
}
