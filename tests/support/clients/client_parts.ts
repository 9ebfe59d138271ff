// Parts of a client for tests that need no files and no terminal.

import type { ClientContext } from "../../../lib/client/context.ts";
import { type Identity, KeptIdentity } from "../../../lib/client/files/identity.ts";
import { PrivateFiles } from "../../../lib/client/files/private_files.ts";
import type { Output } from "../../../lib/client/output/plain_and_json_views.ts";
import { FakeClock } from "../fakes/fake_clock.ts";
import { FakeServer } from "./fake_peer.ts";

/** A guest who keeps nothing and takes every refusal for final. */
export function guest(name = "ada"): Identity {
  return {
    name,
    auth: () => Promise.resolve({ method: "guest", name }),
    welcomed: () => Promise.resolve(),
    refused: () => "final",
    helloOver: () => Promise.resolve(),
  };
}

/** What was written, as text. */
export class FakeOutput implements Output {
  out = "";
  err = "";

  stdout(text: string): void {
    this.out += text;
  }

  stderr(text: string): void {
    this.err += text;
  }

  whenRoom(): undefined {
    return undefined;
  }

  /** The terminal that a test makes of it. */
  columns: number | undefined;

  columnsOf(): number | undefined {
    return this.columns;
  }
}

/** A command's whole world: a server in memory, a clock that stands still, files of its own. */
export interface FakeWorld extends AsyncDisposable {
  readonly context: ClientContext;
  readonly server: FakeServer;
  readonly clock: FakeClock;
  readonly output: FakeOutput;
  /** Where the files are. */
  readonly directory: string;
  /** Stops the command, as Ctrl-C does. */
  readonly stop: AbortController;
}

export async function fakeWorld(name = "ada"): Promise<FakeWorld> {
  const directory = await Deno.makeTempDir({ prefix: "parley-client-" });
  const files = new PrivateFiles(directory);
  const server = new FakeServer();
  const clock = new FakeClock();
  const output = new FakeOutput();
  const stop = new AbortController();
  const address = "chat:1";
  return {
    context: {
      server: address,
      identity: new KeptIdentity(files.within("tokens"), {
        server: address,
        name,
        unkept: "fails",
      }),
      state: files.within("state"),
      connect: server.connect,
      clock,
      random: () => 0.5,
      output,
      signal: stop.signal,
    },
    server,
    clock,
    output,
    directory,
    stop,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
