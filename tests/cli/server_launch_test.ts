// How the tasks start the programs: in the background of a shell with job control, under nohup, and what
// Ctrl-Z does to them. In a copy of the project, with the tasks as they are shipped.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { untilEnded } from "../support/processes/processes.ts";
import { freePort } from "../support/processes/ports.ts";
import { hasPty } from "../support/terminals/pty.ts";
import { RawClient } from "../support/clients/raw_client.ts";
import { startTestServer } from "../support/server.ts";
import { TaskPlace } from "../support/processes/task_place.ts";

Deno.test({
  name: "server launch: with & it runs on without a console, and leaves the terminal to the shell",
  ignore: !hasPty,
  fn: async () => {
    await using place = await TaskPlace.make();
    const port = freePort();
    using shell = place.openShell();
    await shell.type(
      `PARLEY_NET=127.0.0.1:${port} deno task server:at --listen 127.0.0.1:${port} &\n`,
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
});

Deno.test({
  name:
    "server launch: in the foreground of the same shell it has its console, which only /stop stops",
  ignore: !hasPty,
  fn: async () => {
    await using place = await TaskPlace.make();
    const port = freePort();
    using shell = place.openShell();
    await shell.type(
      `PARLEY_NET=127.0.0.1:${port} deno task server:at --listen 127.0.0.1:${port}\n`,
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
});

Deno.test({
  name: "server launch: under nohup it outlives its terminal, and SIGTERM still stops it",
  ignore: !hasPty,
  fn: async () => {
    await using place = await TaskPlace.make();
    const port = freePort();
    using shell = place.openShell();
    const task = `deno task server:at --listen 127.0.0.1:${port}`;
    await shell.type(`PARLEY_NET=127.0.0.1:${port} nohup ${task} & echo $! > pid\n`);
    const client = await place.connect(port);
    assertEquals((await client.hello("ann")).type, "welcome");
    // The server's own: what the task runner makes of a signal is not ours to promise.
    const runner = Number(Deno.readTextFileSync(`${place.directory}/pid`));
    const children = Deno.readTextFileSync(`/proc/${runner}/task/${runner}/children`);
    const pid = Number(children.trim().split(" ").at(-1));
    // What a shell does to its jobs when its window is closed, and then the window.
    await shell.type("kill -HUP %1; echo hung-$((20+2))\n");
    await shell.until("hung-22");
    shell.hangUp();
    await place.untilLogged("the terminal was closed: continuing without it");
    assertEquals((await client.ask({ type: "ping" })).type, "pong");
    Deno.kill(pid, "SIGTERM");
    assertEquals((await client.until("bye")).code, "restarting");
    await untilEnded(pid);
    assert(place.log.includes('"event":"stopped"'));
    client.close();
  },
});

Deno.test({
  name: "server launch: under nohup it outlives its terminal, also while it waits for its database",
  ignore: !hasPty,
  fn: async () => {
    await using place = await TaskPlace.make();
    // A database that accepts and says nothing.
    using database = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const port = freePort();
    using shell = place.openShell();
    const task = `deno task server:at --listen 127.0.0.1:${port}`;
    const net = `PARLEY_NET=127.0.0.1:${port},127.0.0.1:${database.addr.port}`;
    const address = `PARLEY_DATABASE=mysql://root@127.0.0.1:${database.addr.port}/parley`;
    await shell.type(`${net} ${address} nohup ${task} &\n`);
    using _waiting = await database.accept();
    await shell.type("kill -HUP %1\n");
    await place.untilLogged("the terminal was closed: continuing without it");
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
    await using place = await TaskPlace.make();
    const port = freePort();
    using shell = place.openShell();
    const listen = `--listen 127.0.0.1:${port} --console off`;
    await shell.type(`PARLEY_NET=127.0.0.1:${port} deno task server:at ${listen}\n`);
    await shell.until("Connect with");
    await shell.type("\x1a");
    await shell.until("a task cannot be suspended");
    const client = await place.connect(port);
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
