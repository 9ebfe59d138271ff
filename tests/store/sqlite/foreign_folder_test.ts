// A folder that is another user's, and that the server's user may write: volumes of containers. Needs
// the right to start a process as another user.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PROGRAM = "tests/support/stores/sqlite_program.ts";
const BUNDLE = "sqlite_server.js";
const NOBODY = 65534;

const mayActAsNobody = Deno.uid() === 0 && await canRun();

/** Whether that user can run the runtime at all: it may lie in a folder of its owner's. */
async function canRun(): Promise<boolean> {
  try {
    const options = { args: ["--version"], uid: NOBODY, gid: NOBODY, cwd: "/" };
    return (await new Deno.Command(Deno.execPath(), options).output()).success;
  } catch {
    return false;
  }
}

for (
  const [what, mode, gid] of [["everybody", 0o777, 0], ["their group", 0o2770, NOBODY]] as const
) {
  Deno.test({
    name: `sqlite files: a folder of another user's that ${what} may write is used`,
    ignore: !mayActAsNobody,
    async fn(): Promise<void> {
      const base = await Deno.makeTempDir({ prefix: "parley-foreign-" });
      try {
        await Deno.chmod(base, 0o755);
        await bundleProgram(base);
        const folder = `${base}/data`;
        await Deno.mkdir(folder);
        await Deno.chown(folder, 0, gid);
        await Deno.chmod(folder, mode);
        await Deno.mkdir(`${base}/cache`);
        await Deno.chown(`${base}/cache`, NOBODY, NOBODY);
        const posted = await runAsNobody({ base, folder });
        assertStringIncludes(posted, '"seq":1');
        assertEquals((Deno.statSync(`${folder}/parley.db`).mode ?? 0) & 0o777, 0o600);
        assertEquals((Deno.statSync(folder).mode ?? 0) & 0o7777, mode);
      } finally {
        await Deno.remove(base, { recursive: true });
      }
    },
  });
}

/** One file with all that it imports: that user may have no access to the project and the cache. */
async function bundleProgram(base: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--output", `${base}/${BUNDLE}`, PROGRAM],
    cwd: ROOT,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

async function runAsNobody(
  { base, folder }: { readonly base: string; readonly folder: string },
): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "--no-config",
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
      `${base}/${BUNDLE}`,
      `${folder}/parley.db`,
    ],
    cwd: base,
    clearEnv: true,
    env: { DENO_DIR: `${base}/cache`, HOME: base, PATH: "/usr/bin:/bin" },
    uid: NOBODY,
    gid: NOBODY,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
