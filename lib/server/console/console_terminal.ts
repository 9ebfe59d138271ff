// The console on the process's own terminal: the live line, what is shown above it, and the log, all
// through one writer. Goes when the terminal goes, and never holds the server up.

import { type Clock, sleep } from "../../time.ts";
import type { Log } from "../../log.ts";
import { paintColours, paintNothing } from "../../terminal/paint.ts";
import { PromptView } from "../../terminal/prompt_view.ts";
import { Console, type ConsoleOptions } from "./console.ts";
import { completeConsoleInput } from "./input.ts";
import type { ScreenLog } from "./screen_log.ts";

/** A console with a person at it. */
export interface Seat extends AsyncDisposable {
  /** Resolves when the person wants the server to stop. */
  readonly left: Promise<"console">;
}

export interface SeatOptions extends Omit<ConsoleOptions, "screen" | "stop"> {
  readonly clock: Clock;
  /** Shown on the screen as long as there is one. */
  readonly screenLog: ScreenLog;
  readonly log: Log;
}

/** Takes the terminal over. @throws what the store throws */
export async function openSeat(options: SeatOptions): Promise<Seat> {
  const { clock, log, screenLog } = options;
  const { promise: left, resolve } = Promise.withResolvers<"console">();
  const stop = () => resolve("console");
  const view = new PromptView({
    clock: { monotonic: () => clock.monotonic(), sleep },
    paint: Deno.noColor ? paintNothing : paintColours,
    history: [],
    complete: completeConsoleInput,
    entered: ({ text }) => void seat.enter(text),
    // No key ends the server: a second Ctrl-C is pressed too easily.
    stays: "/stop stops the server",
    leave: () => {
      void close();
      log.warn("console closed: its terminal is gone");
    },
  });
  const seat = new Console({ ...options, screen: view, stop });
  const close = () => {
    seat.close();
    screenLog.leaveScreen();
    return view.close();
  };
  screenLog.showOn(view);
  view.setPrompt({ rows: [], before: [{ text: "desk> ", style: "bold" }] });
  try {
    await seat.open();
  } catch (error) {
    await close();
    throw error;
  }
  return { left, [Symbol.asyncDispose]: close };
}
