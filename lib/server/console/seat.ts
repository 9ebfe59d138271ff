// The console on the process's own terminal: the live line, what is shown above it, and the log, all
// through one writer. Gives the terminal back however the process ends.

import type { Clock } from "../../chat/clock.ts";
import { notice } from "../../terminal/line.ts";
import { paintColours, paintNothing } from "../../terminal/paint.ts";
import { PromptView } from "../../terminal/prompt_view.ts";
import { Ending } from "../ending.ts";
import { pause } from "../pause.ts";
import { Console, type ConsoleOptions } from "./console.ts";
import { completeConsoleInput } from "./input.ts";
import type { ScreenLog } from "./screen_log.ts";

/** A console with a person at it. */
export interface Seat extends Disposable {
  /** Resolves when the person wants the server to stop. */
  readonly left: Promise<"console">;
}

/**
 * Takes the terminal over. @throws what the store throws
 */
export async function openSeat(
  options: Omit<ConsoleOptions, "screen" | "stop"> & { clock: Clock; log: ScreenLog },
): Promise<Seat> {
  const { promise: left, resolve } = Promise.withResolvers<"console">();
  const stop = () => resolve("console");
  const view = new PromptView({
    clock: { monotonic: () => options.clock.monotonic(), sleep },
    paint: Deno.noColor ? paintNothing : paintColours,
    history: [],
    complete: completeConsoleInput,
    entered: ({ text }) => void seat.enter(text),
    leave: (by) => {
      if (by === "interrupt") stop();
      else view.show([notice("/stop stops the server, Ctrl-C twice as well")]);
    },
  });
  globalThis.addEventListener("unload", () => view.close());
  const seat = new Console({ ...options, screen: view, stop });
  options.log.showOn(view);
  view.setPrompt({ rows: [], before: [{ text: "desk> ", style: "bold" }] });
  try {
    await seat.open();
  } catch (error) {
    view.close();
    throw error;
  }
  const dispose = () => {
    seat.close();
    view.close();
  };
  return { left, [Symbol.dispose]: dispose };
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  const ending = new Ending();
  signal?.addEventListener("abort", () => ending.begin(), { once: true });
  return pause(ms, ending);
}
