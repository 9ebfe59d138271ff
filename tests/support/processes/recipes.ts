// The recipes of a document: scripts that are run as the page has them, with the real client.

import { clientCommand, clientEnv, type Home } from "./client_process.ts";

const ROOT = new URL("../../../", import.meta.url);
const RECIPE = /<!-- recipe: (\S+) -->\n\n```\w+\n([^]*?)^```$/gm;

/** The scripts of a page, by their names in its comments. */
export function readRecipes(page: string): ReadonlyMap<string, string> {
  const text = Deno.readTextFileSync(new URL(page, ROOT));
  return new Map([...text.matchAll(RECIPE)].map(([, name = "", script = ""]) => [name, script]));
}

/** Writes the scripts into a home in which `client` is the client. @returns the environment to run them in */
export async function installRecipes(
  home: Home,
  { recipes, env }: {
    readonly recipes: ReadonlyMap<string, string>;
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<Record<string, string>> {
  const words = [Deno.execPath(), ...clientCommand([])].map((word) => `'${word}'`);
  await home.write("bin/client", `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  await Deno.chmod(`${home.path}/bin/client`, 0o755);
  for (const [name, text] of recipes) await home.write(name, text);
  return clientEnv(home, { PATH: `${home.path}/bin:${Deno.env.get("PATH")}`, ...env });
}
