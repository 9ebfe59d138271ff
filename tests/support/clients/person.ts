// A person in a chat without a terminal: what they see is kept, what they type is given by the test.

import { chat, type ChatOptions, type LineView } from "../../../lib/client/commands/chat.ts";
import type { Failure } from "../../../lib/client/exit.ts";
import { Draft } from "../../../lib/terminal/input/draft.ts";
import { formatRow } from "../../../lib/terminal/layout.ts";
import type { Prompt } from "../../../lib/terminal/prompt_view.ts";
import type { Line } from "../../../lib/terminal/view_lines.ts";
import type { FakeWorld } from "./client_parts.ts";

/** A person without a terminal: what they see is kept, what they type is said by the test. */
export class Person implements LineView {
  readonly lines: Line[] = [];
  prompt: Prompt = { rows: [], before: [] };
  isClosed = false;
  draft = Draft.EMPTY;
  #options: Parameters<ChatOptions["openView"]>[0] | undefined;
  readonly over: Promise<Failure | undefined>;

  constructor(world: FakeWorld, room = "lobby") {
    const openView: ChatOptions["openView"] = (options) => {
      this.#options = options;
      return this;
    };
    this.over = chat(world.context, { room, openView }).then(() => undefined, (error) => error);
  }

  show(lines: readonly Line[]): void {
    this.lines.push(...lines);
  }

  exchangeDraft(draft: Draft): Draft {
    const before = this.draft;
    this.draft = draft;
    return before;
  }

  /** What has called the person. */
  readonly rings: string[] = [];

  ring(text: string): void {
    this.rings.push(text);
  }

  /** Presses any key, or changes the focus of the window. */
  attend(how: "key" | "focus" | "blur"): void {
    this.#options?.attended?.(how);
  }

  setPrompt(prompt: Prompt): void {
    this.prompt = prompt;
  }

  /** What is asked in place of the line, and what the person answers. */
  secrets: { readonly asked: string[]; answers: readonly string[] | undefined } = {
    asked: [],
    answers: undefined,
  };

  askSecrets(questions: readonly string[]): Promise<readonly string[] | undefined> {
    this.secrets.asked.push(...questions);
    return Promise.resolve(this.secrets.answers);
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  type(text: string): void {
    this.#options?.entered({ typed: text, text });
  }

  /** Presses a key that the editor does not use. */
  press(key: string): boolean {
    return this.#options?.shortcut?.(key) ?? false;
  }

  /** Leaves this draft in the line. */
  write(text: string): void {
    this.draft = Draft.of(text);
    this.#options?.typed?.();
  }

  leave(by: "end" | "interrupt"): void {
    this.#options?.leave(by);
  }

  get texts(): readonly string[] {
    return this.lines.map((line) => line.kind === "event" ? line.event.content ?? "" : line.text);
  }

  get line(): string {
    return formatRow(this.prompt.before);
  }

  get pending(): readonly string[] {
    return this.prompt.rows.map((row) => formatRow(row));
  }

  get status(): string {
    return formatRow(this.prompt.status ?? []);
  }
}
