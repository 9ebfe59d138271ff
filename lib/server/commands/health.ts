// ping, pong and stats: signs of life and the server's counters (protocol §8).

import type { Command, CommandResult } from "./command.ts";

export const ping: Command<"ping"> = {
  needs: "nobody",
  bucket: "free",
  run(_frame, { hub }): CommandResult {
    return { reply: { type: "pong", time: hub.clock.now() } };
  },
};

const NO_REPLY: CommandResult = {};

export const pong: Command<"pong"> = {
  needs: "nobody",
  bucket: "free",
  run: () => NO_REPLY,
};

export const stats: Command<"stats"> = {
  needs: "admin",
  bucket: "requests",
  run(_frame, { counters }): CommandResult {
    return { reply: { type: "stats", counters: counters() } };
  },
};
