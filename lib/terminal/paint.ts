// Colours. They are never the only sign of anything, and can be switched off.

import { bold, dim, rgb8, yellow } from "@std/fmt/colors";
import type { Paint } from "./layout.ts";

/** Colours of names that are readable on a dark and on a light background. */
const NAME_COLOURS = [32, 37, 64, 66, 68, 98, 103, 108, 131, 133, 136, 138, 139, 166, 168, 172];

/** The 256 colours of a terminal; the name of a user always has the same one. */
export const paintColours: Paint = (safe, style) => {
  if (safe === "" || style === "plain") return safe;
  if (style === "dim") return dim(safe);
  if (style === "bold") return bold(safe);
  if (style === "alarm") return yellow(safe);
  const colour = NAME_COLOURS[style.colourOf % NAME_COLOURS.length] ?? 0;
  return rgb8(safe, colour);
};

/** No colours at all. */
export const paintNothing: Paint = (safe) => safe;
