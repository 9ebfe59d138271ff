// A place in which every command of the server's program runs: beside a server, and its administrator's.

import { clientEnv } from "../../support/processes/client_process.ts";
import { AdminPlace } from "../../support/processes/server_command.ts";
import { serverFlags } from "../../support/processes/task_flags.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { bundle } from "./bundle.ts";
import { type Ended, runWithStreams, type Streams } from "./kinds.ts";
import type { Row, Scene } from "./rows.ts";
import { NEW_NAME, SERVER_ROWS } from "./server_rows.ts";

export class ServerScene implements Scene, AsyncDisposable {
  readonly rows = SERVER_ROWS;
  /** Lines, and no trace of the program. */
  readonly stderr = /^(?:(?![ \t]*at )[^\n]+\n)*$/;
  readonly #stack: AsyncDisposableStack;
  readonly #place: AdminPlace;
  readonly #program: string;
  #names = 0;

  private constructor(
    parts: { stack: AsyncDisposableStack; place: AdminPlace; program: string },
  ) {
    this.#stack = parts.stack;
    this.#place = parts.place;
    this.#program = parts.program;
  }

  static async open(): Promise<ServerScene> {
    const stack = new AsyncDisposableStack();
    const place = stack.use(await AdminPlace.start({ args: ["--limit", "all=off"] }));
    const folder = stack.use(await temporaryDirectory());
    await bundle("server.ts", folder.path);
    for (const name of ["ada", "bob"]) await place.json("user", "add", name);
    await place.json("ban", "add", "bob");
    return new ServerScene({ stack, place, program: `${folder.path}/server.js` });
  }

  async run(row: Row, streams: Streams): Promise<Ended> {
    await using folder = row.isOperator ? undefined : await temporaryDirectory();
    const { hostname, port } = this.#place.server.address;
    const address = `${hostname}:${port}`;
    const names = row.args.map((arg) => arg === NEW_NAME ? `new-${++this.#names}` : arg);
    const { path } = folder ?? { path: this.#place.directory };
    return await runWithStreams({
      command: [
        Deno.execPath(),
        ...serverFlags({ listen: row.isOperator ? address : "127.0.0.1:0" }),
        this.#program,
        ...names,
        ...(row.isOperator ? ["--listen", address] : []),
      ],
      directory: path,
      env: clientEnv({ path }),
      interruptAt: row.interruptAt,
    }, streams);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}
