// ping, pong and stats: signs of life and the server's counters (protocol §8).

import type { ServerFrame } from "../../wire/frame.ts";
import type { Command } from "./command.ts";

export const ping: Command<"ping"> = {
  needs: "nobody",
  bucket: "free",
  run(_frame, { hub }): ServerFrame {
    return { type: "pong", time: hub.clock.now() };
  },
};

export const pong: Command<"pong"> = {
  needs: "nobody",
  bucket: "free",
  run: () => undefined,
};

export const stats: Command<"stats"> = {
  needs: "admin",
  bucket: "requests",
  run(_frame, { counters }): ServerFrame {
    return { type: "stats", counters: counters() };
  },
};
