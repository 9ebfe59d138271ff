// ping, pong and stats: whether the connection works, and the counters of the server (protocol §8).

import type { Command, CommandResult } from "./command.ts";

export const ping: Command<"ping"> = {
  needs: "nobody",
  scope: "none",
  bucket: "free",
  run(_frame, { hub }): CommandResult {
    return { reply: { type: "pong", time: hub.clock.now() } };
  },
};

const NO_REPLY: CommandResult = {};

export const pong: Command<"pong"> = {
  needs: "nobody",
  scope: "none",
  bucket: "free",
  run: () => NO_REPLY,
};

export const stats: Command<"stats"> = {
  needs: "admin",
  scope: "everything",
  bucket: "requests",
  run(_frame, { counters }): CommandResult {
    return { reply: { type: "stats", counters: counters() } };
  },
};
