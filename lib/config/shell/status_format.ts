// What `status` is asked for. Loads nothing, so that `status` starts in milliseconds.

export const STATUS_FORMATS = ["text", "tmux", "json"] as const;
export type StatusFormat = typeof STATUS_FORMATS[number];

/** Which live lines are shown, and how. */
export interface StatusCommand {
  readonly kind: "status";
  readonly format: StatusFormat;
  /** Only those of the server that is chosen. */
  readonly isAtServer: boolean;
  /** Only those of this name. */
  readonly name?: string | undefined;
}
