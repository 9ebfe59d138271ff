// Whether a terminal reflows its rows, breaks them for the other width, when its window is resized. Most
// do; those that do not cut the rows off. Pure. The names are those of terminfo, the numbers those of
// the secondary device attributes (DA2), which nearly every terminal reports.

/** The Linux console, st and GNU screen; tmux has names of screen, too, but reports itself. */
const CUTTING_NAMES = /^(?:linux|st|screen)\b/;
/** xterm is a VT420 with a patch level; others that report a VT420 have larger versions. */
const VT420 = 41;
const XTERM_VERSIONS = 1_000;
const GNU_SCREEN = 83;

/** What a terminal reports of itself. */
export interface DeviceAttributes {
  readonly terminal: number;
  readonly version: number;
}

/** Asks for the device attributes. */
export const ASK_ATTRIBUTES = "\x1b[>c";

export function reflowsRows(name: string, attributes: DeviceAttributes | undefined): boolean {
  if (attributes === undefined) return !CUTTING_NAMES.test(name);
  const { terminal, version } = attributes;
  return terminal !== GNU_SCREEN && !(terminal === VT420 && version < XTERM_VERSIONS);
}
