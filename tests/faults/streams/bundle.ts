// A program as JavaScript, which starts in a fraction of the time that its sources need.

import { assert } from "@std/assert";

/** Bundles it into the folder, under its own name with `.js`. */
export async function bundle(entry: "client.ts" | "server.ts", folder: string): Promise<void> {
  const path = new URL(`../../../${entry}`, import.meta.url).pathname;
  const options = ["--quiet", "--platform", "deno", "--code-splitting", "--outdir", folder];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, path],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}
