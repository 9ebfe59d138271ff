// The goals, in the order in which they are run and told; a line each.

import { crash } from "./crash.ts";
import { durability } from "./durability.ts";
import type { Goal } from "./goal.ts";
import { storageFull } from "./storage_full.ts";
import { clock } from "./clock.ts";
import { databaseFaults } from "./database_faults.ts";
import { floods } from "./floods.ts";
import { herd } from "./herd.ts";
import { hostile } from "./hostile.ts";
import { leaks } from "./leaks.ts";
import { slowConsumers } from "./slow_consumers.ts";
import { twoServers } from "./two_servers.ts";
import { resume } from "./resume.ts";
import { shutdown } from "./shutdown.ts";

export const GOALS: readonly Goal[] = [
  herd,
  floods,
  slowConsumers,
  leaks,
  hostile,
  crash,
  durability,
  shutdown,
  resume,
  twoServers,
  databaseFaults,
  clock,
  storageFull,
];
