// The version of client and server, and their name on the wire.

import config from "../deno.json" with { type: "json" };

export const VERSION: string = config.version;
/** Sent in `hello` and `welcome`. */
export const PROGRAM_NAME = `parley/${VERSION}`;
