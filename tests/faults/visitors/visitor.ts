// Another program at the server's SQLite file: the common sqlite3 reads it, creates a backup, stays
// for a while or is killed meanwhile. An SQLite as new as the runtime's would not do: it checks for
// other processes once more before it removes their log.

import { adopt, bury, signal } from "../../support/processes/children.ts";

/** What is over when it has been waited for. */
export const VISITS = ["select", "backup", "vacuum", "checkpoint"] as const;

export type Visit = (typeof VISITS)[number];

/** How long it waits for a lock. */
const TIMEOUT = ".timeout 5000";
const COUNT = "SELECT COUNT(*) FROM sqlite_master;";

/** Whether there is no sqlite3 on this machine. */
export function isVisitorMissing(): boolean {
  try {
    return !new Deno.Command("sqlite3", { args: ["--version"], stdout: "null" }).outputSync()
      .success;
  } catch {
    return true;
  }
}

/** Opens the file, does one thing and closes it. @throws what sqlite3 complains of */
export async function visit(path: string, how: Visit): Promise<void> {
  const copy = `${path}.copy`;
  switch (how) {
    case "select":
      await run(path, COUNT);
      return;
    case "checkpoint":
      await run(path, "PRAGMA wal_checkpoint(TRUNCATE);");
      return;
    case "backup":
      await run(path, `.backup '${copy}'`);
      return await checkCopy(copy);
    case "vacuum":
      await run(path, `VACUUM INTO '${copy}';`);
      return await checkCopy(copy);
  }
}

async function checkCopy(copy: string): Promise<void> {
  const check = await run(copy, "PRAGMA quick_check;");
  await Deno.remove(copy);
  if (check !== "ok") throw new Error(`The copy is damaged: ${check}`);
}

async function run(path: string, command: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sqlite3", {
    args: ["-bail", "-cmd", TIMEOUT, `file:${path}?mode=rw`, command],
    stdin: "null",
  }).output();
  const [posted, why] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
  if (!success) throw new Error(`sqlite3 ${command}: ${why}`);
  return posted ?? "";
}

/** A reader that keeps its place in the file until the brace, where it is killed. */
export class StayingVisitor implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<Deno.CommandStatus>;

  private constructor(path: string) {
    this.#child = adopt(
      new Deno.Command("sqlite3", {
        args: ["-bail", "-cmd", TIMEOUT, `file:${path}?mode=rw`],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn(),
    );
    this.#ended = bury(this.#child);
  }

  /** Resolves when it reads. */
  static async enter(path: string): Promise<StayingVisitor> {
    const visitor = new StayingVisitor(path);
    const input = visitor.#child.stdin.getWriter();
    await input.write(new TextEncoder().encode(`BEGIN;\n${COUNT}\n`)).catch(() => {});
    input.releaseLock();
    const output = visitor.#child.stdout.getReader();
    await output.read();
    output.releaseLock();
    return visitor;
  }

  /** Ends it in order: it closes the file. */
  async leave(): Promise<void> {
    await this.#child.stdin.close();
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signal(this.#child, "SIGKILL");
    await this.#ended;
    await this.#child.stdin.abort().catch(() => {});
    await this.#child.stdout.cancel();
  }
}
