// The goals in the order of their runs, one a line.

import { access } from "./access.ts";
import { bus } from "./bus.ts";
import { clock } from "./clock.ts";
import { costs } from "./costs.ts";
import { crash } from "./crash.ts";
import { databaseFaults } from "./database_faults.ts";
import { desk } from "./desk.ts";
import { durability } from "./durability.ts";
import { floods } from "./floods.ts";
import type { Goal } from "./goal.ts";
import { herd } from "./herd.ts";
import { hostile } from "./hostile.ts";
import { leaks } from "./leaks.ts";
import { legacyUpgradeGoal } from "./legacy_upgrade.ts";
import { liveLine } from "./live_line.ts";
import { load } from "./load.ts";
import { passwords } from "./passwords.ts";
import { resume } from "./resume.ts";
import { shutdown } from "./shutdown.ts";
import { slowConsumers } from "./slow_consumers.ts";
import { storageFull } from "./storage_full.ts";
import { twoServers } from "./two_servers.ts";
import { visitors } from "./visitors.ts";

export const GOALS: readonly Goal[] = [
  load,
  hostile,
  crash,
  durability,
  visitors,
  databaseFaults,
  storageFull,
  slowConsumers,
  floods,
  leaks,
  shutdown,
  twoServers,
  clock,
  resume,
  herd,
  bus,
  costs,
  desk,
  passwords,
  liveLine,
  access,
  legacyUpgradeGoal,
];
