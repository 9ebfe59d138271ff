// Upgrades the old program's tables in place: decides whether to do it and runs the steps in order,
// each recorded like a migration, so that an interrupted upgrade continues. The result is version 1
// of the schema, as if this program had created it. Knows no statement.

import {
  type AppliedMigration,
  checksumOf,
  createMigrationsTable,
  findAppliedMigrations,
  LEGACY_VERSION,
  recordStart,
  recordSteps,
  statementsOf,
} from "../../store/schema/applied_migrations.ts";
import { conflictingTables, type Migration, SCHEMAS } from "../../store/schema/migrations.ts";
import { findRefusal, formatOffer, formatPlan } from "./plan_description.ts";
import { LEGACY_STEPS, LEGACY_TEXT } from "./steps.ts";
import { findLegacyTables } from "./tables.ts";
import { isSqlError, OpenError, type SchemaSql } from "../../store/sql.ts";

export interface LegacyUpgrade {
  /** Whether to upgrade; otherwise old tables are refused with a description of the upgrade. */
  readonly isWanted: boolean;
  /** The clock: UTC milliseconds. */
  readonly now: () => number;
  /** The key of an account of this name; undefined when no account can have the name. */
  readonly keyOf: (name: string) => string | undefined;
  readonly report?: LegacyReport | undefined;
}

/** Receives the progress of an upgrade. Its methods must return at once and must not throw. */
export interface LegacyReport {
  /** The plan, in lines for a person; not called when an interrupted upgrade continues. */
  onStart(plan: string): void;
  /** Called before each step, and during a step that counts messages. */
  onProgress(progress: LegacyProgress): void;
  onEnd(): void;
}

export interface LegacyProgress {
  /** From 1 to `steps`. */
  readonly step: number;
  readonly steps: number;
  /** What the step does: `numbering messages`. */
  readonly doing: string;
  /** How many messages are done, and their total. */
  readonly messages?: { readonly done: number; readonly of: number };
}

const SCHEMA = SCHEMAS.mysql;

/** How long to wait for other transactions on the tables. */
const LOCK_S = 30;

/**
 * Upgrades the old program's tables if the database holds them and `isWanted`; does nothing if it
 * holds anything else. Must run inside `SqlDriver.withSchemaLock`, before `migrate`.
 *
 * @throws {OpenError} `incompatible`: not wanted, and the message describes the upgrade; or
 * impossible, and the message says why: nothing has been changed then. `in_use`: another program
 * holds the tables; completed steps stay.
 */
export async function upgradeLegacy(sql: SchemaSql, upgrade: LegacyUpgrade): Promise<void> {
  const first = SCHEMA.migrations[0];
  if (first === undefined) throw new Error("There is no version 1 of the schema");
  const recorded = await findAppliedMigrations(sql);
  if (recorded?.has(first.version)) return;
  const started = recorded?.get(LEGACY_VERSION);
  if (started !== undefined) {
    // Otherwise `migrate` refuses the database.
    if (upgrade.isWanted) await runSteps(sql, { upgrade, started, first });
    return;
  }
  if (recorded !== undefined && recorded.size > 0) return;
  const legacy = await findLegacyTables(sql, conflictingTables(await sql.tableNames(), SCHEMA));
  if (legacy === undefined) return;
  const refusal = findRefusal(legacy) ?? (upgrade.isWanted ? undefined : formatOffer(legacy));
  if (refusal !== undefined) throw new OpenError("incompatible", refusal);
  upgrade.report?.onStart(formatPlan(legacy));
  if (recorded === undefined) await createMigrationsTable(sql, SCHEMA.migrationsTable);
  const checksum = await checksumOf(LEGACY_TEXT);
  await recordStart(sql, { version: LEGACY_VERSION, name: "legacy_upgrade", checksum });
  await runSteps(sql, { upgrade, started: { checksum, steps: 0 }, first });
}

/** Runs the steps that are not recorded as complete. */
async function runSteps(
  sql: SchemaSql,
  { upgrade, started, first }: {
    upgrade: LegacyUpgrade;
    started: AppliedMigration;
    first: Migration;
  },
): Promise<void> {
  if (started.checksum !== await checksumOf(LEGACY_TEXT)) {
    throw new OpenError(
      "incompatible",
      "The upgrade of the old program's tables was started by another version of this program: " +
        "start that version with --upgrade-legacy",
    );
  }
  const { report } = upgrade;
  const steps = LEGACY_STEPS.length;
  await sql.execute(`SET SESSION lock_wait_timeout = ${LOCK_S}`);
  for (const [index, { doing, run }] of LEGACY_STEPS.entries()) {
    const step = index + 1;
    if (step <= started.steps) continue;
    report?.onProgress({ step, steps, doing });
    const onMessages = (done: number, of: number) =>
      report?.onProgress({ step, steps, doing, messages: { done, of } });
    await run({ sql, now: upgrade.now(), keyOf: upgrade.keyOf, onMessages }).catch(rethrow);
    await recordSteps(sql, { version: LEGACY_VERSION, steps: step });
  }
  await recordStart(sql, {
    version: first.version,
    name: first.name,
    checksum: await checksumOf(first.sql),
    steps: statementsOf(first.sql).length,
  });
  report?.onEnd();
}

function rethrow(error: unknown): never {
  if (!isSqlError(error, "conflict") && !isSqlError(error, "locked")) throw error;
  throw new OpenError(
    "in_use",
    "Another program is using the old tables: stop it and start again with --upgrade-legacy; completed " +
      "steps are kept",
    error,
  );
}
