// G26: an upgrade of the old program's database loses nothing, and continues where it was cut off.

import { cutAfterStatements, cutWithinStatements } from "../../legacy/upgrade/cuts.ts";
import { upgradeMany } from "../../legacy/upgrade/many_rows.ts";
import { createMysqlDatabase, isMysqlMissing } from "../../support/stores/mysql.ts";
import { Findings } from "./findings.ts";
import type { Goal, GoalContext, Size, Verdict } from "./goal.ts";

const MESSAGES: Readonly<Record<Size, number>> = { ci: 100_000, long: 1_000_000 };

export const legacyUpgradeGoal: Goal = {
  id: "G26",
  title: "legacy upgrade",
  asked: "an upgrade cut off after each of its statements, and within each that changes the old " +
    "tables, continues to the same result; 100,000 messages keep rows, order and times",
  async run(size: Size, { progress }: GoalContext): Promise<Verdict> {
    if (isMysqlMissing()) {
      return { status: "not proven", reached: "no MySQL or MariaDB", counts: {} };
    }
    const findings = new Findings();
    const attempt = async (what: string, work: () => Promise<number>): Promise<number> => {
      progress(what);
      return await work().catch((error) => {
        findings.fault(error instanceof Error ? error.message : String(error));
        return 0;
      });
    };
    const after = await attempt("cuts after statements", () => cutAfterStatements(1));
    const within = await attempt("cuts within statements", () => cutWithinStatements(1));
    const messages = await attempt("many messages", async () => {
      await using database = await createMysqlDatabase();
      await upgradeMany(database, MESSAGES[size]);
      return MESSAGES[size];
    });
    return findings.verdict({
      reached: `cut after ${after} statements and within ${within}; ${messages} messages`,
      counts: { after, within, messages },
    });
  },
};
