// What a line of the client acts on, for tests of slash commands: requests are kept, and replied to as the
// test wants.

import type { Session } from "../../../lib/client/link/session.ts";
import { enterLine } from "../../../lib/client/slash/commands.ts";
import type { LineTarget } from "../../../lib/client/slash/line_target.ts";
import type { SlashTable } from "../../../lib/client/slash/slash_table.ts";
import { newConversation } from "../../../lib/client/state/conversation_reducer.ts";
import { TALK } from "../../../lib/client/state/conversation_policies.ts";
import type { Line } from "../../../lib/terminal/view_lines.ts";
import type { Role } from "../../../lib/wire/frames/roles.ts";
import type { Frame } from "./peer.ts";

export interface LineTargetOptions {
  readonly role?: Role;
  /** The current room; #ops when missing. */
  readonly current?: string | null;
  /** The reply to every request; `ok` when missing. */
  readonly reply?: Frame;
  /** What the person answers to questions for secrets. */
  readonly secrets?: readonly string[] | undefined;
  readonly isOnline?: boolean;
  readonly login?: LineTarget["login"];
  /** What the person is in the current room. */
  readonly standing?: string;
  /** What the person is in further rooms. */
  readonly standings?: readonly (readonly [room: string, standing: string])[];
}

/** What lines have done. */
export class Effects {
  /** Requests to the server, and texts given to the sender. */
  readonly done: unknown[] = [];
  readonly shown: Line[] = [];
  /** What was asked for unseen. */
  readonly asked: string[] = [];
  readonly target: LineTarget;

  constructor({ role = "member", current = "ops", ...options }: LineTargetOptions = {}) {
    const { reply = { type: "ok" }, secrets, isOnline = true } = options;
    const conversation = {
      ...newConversation(TALK),
      you: { user: 7, name: "ada", role },
      ...(current === null ? {} : { current }),
      facts: new Map([
        ["ops", { standing: options.standing }],
        ...(options.standings ?? []).map(([room, standing]) => [room, { standing }] as const),
      ]),
    };
    const request = (frame: unknown, take: (reply: Frame) => void) => {
      this.done.push(frame);
      take(reply);
      return Promise.resolve(reply);
    };
    const session = isOnline
      ? { request, welcome: { limits: {} } } as unknown as Session
      : undefined;
    this.target = {
      loop: {
        conversation,
        session,
        heading: undefined,
        headFor: () => () => {},
        ask: (frame) => void this.done.push(frame),
      },
      sender: {
        send: (room, text) => void this.done.push({ say: text, room }),
        ask: (text) => void this.done.push({ ask: text }),
        answer: (inquiry, answer) => void this.done.push({ inquiry, ...answer }),
        answerAnyway: (inquiry) => void this.done.push({ anyway: inquiry }) === undefined,
      },
      show: (lines) => void this.shown.push(...lines),
      leave: (next) => void this.done.push(next === undefined ? "left" : `left for ${next}`),
      login: options.login,
      askSecrets: (questions) => {
        this.asked.push(...questions);
        return Promise.resolve(secrets);
      },
    };
  }

  /** What was shown, as text. */
  get texts(): readonly string[] {
    return this.shown.map((line) => line.kind === "event" ? "event" : line.text);
  }
}

/** Enters a line, and lets all go on that waits for nothing but its turn. */
export async function enterSlash(
  line: string,
  { table, ...options }: LineTargetOptions & { readonly table: SlashTable<LineTarget> },
): Promise<Effects> {
  const effects = new Effects(options);
  enterLine(line, { table, target: effects.target });
  for (let turn = 0; turn < 10; turn++) await undefined;
  return effects;
}
