// All measured parts, in the order in which a message passes them.

import type { Part } from "../workload.ts";
import { decoding } from "./decoding.ts";
import { encoding } from "./encoding.ts";
import { fanout } from "./fanout.ts";
import { framing } from "./framing.ts";
import { groupCommit } from "./group_commit.ts";
import { history } from "./history.ts";
import { queue } from "./queue.ts";
import { requests } from "./requests.ts";

export const PARTS: readonly Part[] = [
  framing,
  decoding,
  groupCommit,
  encoding,
  fanout,
  queue,
  history,
  requests,
];
