// What this client calls itself in `hello` and to a person.

import config from "../../deno.json" with { type: "json" };

export const VERSION: string = config.version;
export const CLIENT_NAME = `parley/${VERSION}`;
