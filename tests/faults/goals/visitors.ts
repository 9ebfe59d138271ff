// G24: other programs read the server's files, remove them, or do not read its output. Each part is
// a file of tests/faults/visitors/.

import { filesTaken } from "../visitors/files_taken.ts";
import { looksIntoFile } from "../visitors/readers.ts";
import { outputsUnread } from "../visitors/outputs.ts";
import type { Part, Reached } from "../visitors/part.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const PARTS: readonly Part[] = [looksIntoFile, filesTaken, outputsUnread];

export const visitors: Goal = {
  id: "G24",
  title: "visitors",
  asked: PARTS.map(({ asked }) => asked).join("; "),
  async run(size: Size, context: GoalContext): Promise<Verdict> {
    const findings = new Findings();
    const missing: string[] = [];
    const reached: Reached[] = [];
    for (const [index, part] of PARTS.entries()) {
      const lacks = part.missing();
      if (lacks !== undefined) {
        missing.push(lacks);
        continue;
      }
      const directory = `${context.directory}/${index}`;
      Deno.mkdirSync(directory);
      reached.push(await part.run(size, { ...context, directory, findings }));
    }
    const verdict = findings.verdict({
      reached: [...reached.map(({ reached }) => reached), ...missing].join("; "),
      counts: Object.assign({}, ...reached.map(({ counts }) => counts)),
    });
    if (verdict.status !== "pass" || missing.length === 0) return verdict;
    return { ...verdict, status: "not proven" };
  },
};
