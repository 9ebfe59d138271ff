// Upgrades the tables of the program this one grew from, in place: whether it is to be done, and the
// steps one after the other, each noted in the ledger, so that an upgrade that was cut off goes on.
// Leaves version 1 of the schema, as if this program had made it. Knows no statement.

import {
  type Applied,
  checksumOf,
  findLedger,
  LEGACY_VERSION,
  makeLedger,
  noteBegun,
  noteSteps,
  statementsOf,
} from "../../store/schema/ledger.ts";
import { type Migration, SCHEMAS, tablesTaken } from "../../store/schema/migrations.ts";
import { findRefusal, formatOffer, formatPlan } from "./plan.ts";
import { LEGACY_STEPS, LEGACY_TEXT } from "./steps.ts";
import { findLegacyTables } from "./tables.ts";
import { isSqlError, OpenError, type SchemaSql } from "../../store/sql.ts";

export interface LegacyUpgrade {
  /** Whether to do it; without it, old tables are refused with what would be done. */
  readonly isWanted: boolean;
  /** The clock: UTC milliseconds. */
  readonly now: () => number;
  /** The key by which a user of this name can be addressed; undefined: nobody can be called so. */
  readonly keyOf: (name: string) => string | undefined;
  readonly report?: LegacyReport | undefined;
}

/** Hears how an upgrade goes on. Its methods must return at once and must not throw. */
export interface LegacyReport {
  /** What will be done, in lines for a person; not told when an interrupted upgrade goes on. */
  begins(plan: string): void;
  /** Before each step, and meanwhile when it counts messages. */
  goesOn(progress: LegacyProgress): void;
  ends(): void;
}

export interface LegacyProgress {
  /** From 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** What the step does: `numbering messages`. */
  readonly doing: string;
  /** How many messages it has done, and of how many. */
  readonly messages?: { readonly done: number; readonly of: number };
}

const SCHEMA = SCHEMAS.mysql;

/** How long to wait until those who use the tables have ended their transactions. */
const LOCK_S = 30;

/**
 * Upgrades the old program's tables, when the database holds them and it is wanted; does nothing when it
 * holds anything else. Must run inside `SqlDriver.withSchemaLock`, before `migrate`.
 *
 * @throws {OpenError} `incompatible`: it is not wanted, and the message says what it would do; or it
 * cannot be done, and the message says why: then nothing has been changed. `in_use`: somebody holds the
 * tables; what has been done stays done.
 */
export async function upgradeLegacy(sql: SchemaSql, upgrade: LegacyUpgrade): Promise<void> {
  const first = SCHEMA.migrations[0];
  if (first === undefined) throw new Error("There is no version 1 of the schema");
  const ledger = await findLedger(sql);
  if (ledger?.has(first.version)) return;
  const begun = ledger?.get(LEGACY_VERSION);
  if (begun !== undefined) {
    // Without the wish, `migrate` refuses it.
    if (upgrade.isWanted) await goOn(sql, { upgrade, begun, first });
    return;
  }
  if (ledger !== undefined && ledger.size > 0) return;
  const legacy = await findLegacyTables(sql, tablesTaken(await sql.tableNames(), SCHEMA));
  if (legacy === undefined) return;
  const refusal = findRefusal(legacy) ?? (upgrade.isWanted ? undefined : formatOffer(legacy));
  if (refusal !== undefined) throw new OpenError("incompatible", refusal);
  upgrade.report?.begins(formatPlan(legacy));
  if (ledger === undefined) await makeLedger(sql, SCHEMA.ledger);
  const checksum = await checksumOf(LEGACY_TEXT);
  await noteBegun(sql, { version: LEGACY_VERSION, name: "legacy_upgrade", checksum });
  await goOn(sql, { upgrade, begun: { checksum, steps: 0 }, first });
}

/** Does what is not noted as done. */
async function goOn(
  sql: SchemaSql,
  { upgrade, begun, first }: { upgrade: LegacyUpgrade; begun: Applied; first: Migration },
): Promise<void> {
  if (begun.checksum !== await checksumOf(LEGACY_TEXT)) {
    throw new OpenError(
      "incompatible",
      "The upgrade of the old program's tables was begun by another version of this program: " +
        "start that one with --upgrade-legacy",
    );
  }
  const { report } = upgrade;
  const steps = LEGACY_STEPS.length;
  await sql.execute(`SET SESSION lock_wait_timeout = ${LOCK_S}`);
  for (const [index, { doing, run }] of LEGACY_STEPS.entries()) {
    const step = index + 1;
    if (step <= begun.steps) continue;
    report?.goesOn({ step, steps, doing });
    const onMessages = (done: number, of: number) =>
      report?.goesOn({ step, steps, doing, messages: { done, of } });
    await run({ sql, now: upgrade.now(), keyOf: upgrade.keyOf, onMessages }).catch(explain);
    await noteSteps(sql, { version: LEGACY_VERSION, steps: step });
  }
  await noteBegun(sql, {
    version: first.version,
    name: first.name,
    checksum: await checksumOf(first.sql),
    steps: statementsOf(first.sql).length,
  });
  report?.ends();
}

function explain(error: unknown): never {
  if (!isSqlError(error, "conflict") && !isSqlError(error, "locked")) throw error;
  throw new OpenError(
    "in_use",
    "Another program is using the old tables: stop it and start again with --upgrade-legacy; what has " +
      "been done is kept",
    error,
  );
}
