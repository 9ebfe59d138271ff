// What this server calls itself in `welcome` and to a person.

import config from "../../deno.json" with { type: "json" };

export const VERSION: string = config.version;
export const SERVER_NAME = `parley/${VERSION}`;
