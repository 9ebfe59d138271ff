// How the tasks start the programs: in the background of a shell with job control, under nohup, and what
// Ctrl-Z does to them. In a copy of the project, with the tasks as they are shipped.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { untilEnded } from "../support/processes/processes.ts";
import { freePort } from "../support/processes/ports.ts";
import { hasPty } from "../support/terminals/pty.ts";
import { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import type { JobShell } from "../support/processes/job_shell.ts";
import { ProjectCopy } from "../support/processes/project_copy.ts";
import { eventually, until, within } from "../support/waiting.ts";

/** Connects to a server that is about to start. */
async function connectSoon(port: number): Promise<RawClient> {
  const connect = () =>
    RawClient.connect({ hostname: "127.0.0.1", port }).catch((error) => {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    });
  const client = await eventually(connect, (client) => client !== undefined);
  assert(client !== undefined);
  return client;
}

/** What a program under nohup has written. */
function logOf({ directory }: ProjectCopy): string {
  return Deno.readTextFileSync(`${directory}/nohup.out`);
}

/** A command that starts a server at this port. */
function serverTask(port: number): string {
  return `deno task server:at --listen 127.0.0.1:${port}`;
}

interface Place {
  readonly copy: ProjectCopy;
  readonly shell: JobShell;
  /** A free port. */
  readonly port: number;
}

/** Registers a test with an interactive shell in a copy of the project. */
function testShell(name: string, body: (place: Place) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !hasPty,
    async fn(): Promise<void> {
      await using copy = await ProjectCopy.create();
      using shell = copy.openShell();
      await body({ copy, shell, port: freePort() });
    },
  });
}

testShell(
  "server launch: with & it runs on without a console, and leaves the terminal to the shell",
  async ({ port, shell }) => {
    await shell.type(
      `PARLEY_NET=127.0.0.1:${port} ${serverTask(port)} &\n`,
    );
    await shell.until("Connect with");
    await shell.until("no console: started in the background");
    await shell.type("jobs -l; echo done-$((20+2))\n");
    const jobs = await shell.until("done-22");
    assertStringIncludes(jobs, "Running");
    const client = await RawClient.connect({ hostname: "127.0.0.1", port });
    assertEquals((await client.hello("ann")).type, "welcome");
    await shell.type("kill %1; wait %1; echo ended-$?\n");
    assertEquals((await client.until("bye")).code, "restarting");
    await shell.until("ended-0");
    client.close();
  },
);

testShell(
  "server launch: in the foreground of the same shell it has its console, which only /stop stops",
  async ({ port, shell }) => {
    await shell.type(
      `PARLEY_NET=127.0.0.1:${port} ${serverTask(port)}\n`,
    );
    await shell.until("desk> ");
    await shell.type("\x03\x03");
    await shell.until("/stop stops the server");
    await shell.type("/stop\r");
    await shell.until("stopped");
    await shell.until("bash-");
    await shell.type("echo ended-$?\n");
    await shell.until("ended-0");
  },
);

testShell(
  "server launch: under nohup it outlives its terminal, and SIGTERM still stops it",
  async ({ copy, port, shell }) => {
    await shell.type(`PARLEY_NET=127.0.0.1:${port} nohup ${serverTask(port)} & echo $! > pid\n`);
    const client = await connectSoon(port);
    assertEquals((await client.hello("ann")).type, "welcome");
    // The server's own: what the task runner makes of a signal is not ours to promise.
    const runner = Number(Deno.readTextFileSync(`${copy.directory}/pid`));
    const children = Deno.readTextFileSync(`/proc/${runner}/task/${runner}/children`);
    const pid = Number(children.trim().split(" ").at(-1));
    // What a shell does to its jobs when its window is closed, and then the window.
    await shell.type("kill -HUP %1; echo hung-$((20+2))\n");
    await shell.until("hung-22");
    shell.hangUp();
    await until(() => logOf(copy).includes("the terminal was closed: continuing without it"));
    assertEquals((await client.ask({ type: "ping" })).type, "pong");
    Deno.kill(pid, "SIGTERM");
    assertEquals((await client.until("bye")).code, "restarting");
    await untilEnded(pid);
    assert(logOf(copy).includes('"event":"stopped"'));
    client.close();
  },
);

Deno.test({
  name: "server launch: under nohup it outlives its terminal, also while it waits for its database",
  ignore: !hasPty,
  fn: async () => {
    await using copy = await ProjectCopy.create();
    // A database that accepts and says nothing.
    using database = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = freePort();
    using shell = copy.openShell();
    const net = `PARLEY_NET=127.0.0.1:${port},127.0.0.1:${database.addr.port}`;
    const address = `PARLEY_DATABASE=mysql://root@127.0.0.1:${database.addr.port}/parley`;
    await shell.type(`${net} ${address} nohup ${serverTask(port)} &\n`);
    using _waiting = await within(20_000, database.accept(), "No server connects");
    await shell.type("kill -HUP %1\n");
    await until(() => logOf(copy).includes("the terminal was closed: continuing without it"));
  },
});

Deno.test({
  name: "task launch: Ctrl-Z stops neither a server without a console nor a client, and is told of",
  ignore: !hasPty,
  fn: async () => {
    await using server = await startTestServer();
    const bob = await server.connect();
    await bob.hello("bob");
    const say = (content: string) => bob.ask({ type: "message", room: "lobby", content });
    await say("before");
    await using copy = await ProjectCopy.create();
    const port = freePort();
    using shell = copy.openShell();
    await shell.type(`PARLEY_NET=127.0.0.1:${port} ${serverTask(port)} --console off\n`);
    await shell.until("Connect with");
    await shell.type("\x1a");
    await shell.until("a task cannot be suspended");
    const client = await connectSoon(port);
    assertEquals((await client.hello("ann")).type, "welcome");
    await shell.type("\x03");
    await shell.until('"event":"stopped"');
    client.close();
    const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
    const tail = `tail lobby --history 1 --name ada --server 127.0.0.1:${server.port}`;
    await shell.type(`HOME="$PWD" DENO_DIR="${cache}" deno task client ${tail}; echo ended-$?\n`);
    await shell.until("bob: before");
    await shell.type("\x1a");
    await shell.until("a task cannot be suspended");
    await say("after");
    await shell.until("bob: after");
    await shell.type("\x03");
    await shell.until("ended-130");
  },
});
