// The list of classes: those that are sent, and those that are not, with the reason.

import type { HostileClass } from "./case.ts";
import { FIELD_CLASSES } from "./classes/fields.ts";
import { FRAMING_CLASSES } from "./classes/framing.ts";
import { NAME_CLASSES } from "./classes/names.ts";
import { TEXT_CLASSES } from "./classes/texts.ts";
import { PASSWORD_CLASSES } from "./classes/passwords.ts";
import { WORLD_CLASSES } from "./classes/world.ts";

/** Classes in the order of their numbers. */
export const HOSTILE_CLASSES: readonly HostileClass[] = [
  ...FRAMING_CLASSES,
  ...FIELD_CLASSES,
  ...TEXT_CLASSES,
  ...NAME_CLASSES,
  ...PASSWORD_CLASSES,
  ...WORLD_CLASSES,
].sort((one, other) => one.number - other.number);

/** How many classes there are in all. */
export const CLASS_COUNT = 40;

/** Classes with a test of their own. */
export const OTHER_CLASSES: ReadonlyMap<number, string> = new Map([
  [34, "hostile peers of the port for TLS: hostile_tls_test.ts"],
  [35, "resets and ends at every step: cuts_test.ts"],
  [36, "half-closed, and waiting for answers: cuts_test.ts"],
]);
