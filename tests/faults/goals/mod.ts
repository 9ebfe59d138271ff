// The goals, in the order in which they are run and told; a line each.

import type { Goal } from "./goal.ts";

export const GOALS: readonly Goal[] = [];
