// Every command of the desk by the real program, on every store, while the server is killed by a restart:
// each waits on, and ends as the operators have decided meanwhile.

import { tokenOf } from "../protocol/scene.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Frame, RawClient } from "../support/clients/raw_client.ts";
import { Relay } from "../support/clients/relay.ts";
import {
  type Finished,
  Home,
  LineReader,
  runClient,
  spawnClient,
} from "../support/processes/client_process.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { type TestDatabase, testDatabases } from "../support/stores/databases.ts";
import { eventually } from "../support/waiting.ts";
import { UNHURRIED } from "../protocol/scene.ts";

/** Two operators who are connected, and a third one in a shell. */
interface Operators {
  readonly bob: RawClient;
  readonly carol: RawClient;
  dora(...args: readonly string[]): Promise<Finished>;
}

/** A command that runs while the server restarts. */
interface Row {
  readonly args: readonly string[];
  /** What operators do before the restart, with its inquiry. */
  before?(operators: Operators, inquiry: number): Promise<unknown>;
  /** What they do after it. */
  after?(operators: Operators, inquiry: number): Promise<unknown>;
  /** Whether its process is killed before it. */
  readonly isKilled?: boolean;
  /** Whether it is interrupted after it. */
  readonly isInterrupted?: boolean;
  readonly code: number;
  readonly out: string;
  /** The state of its question in the end. */
  readonly state: string;
}

const decide = ({ bob }: Operators, inquiry: number, choice: string) =>
  bob.ask({ type: "decide", inquiry, choice });

/** Each asks by its own words, by which its inquiry is found. */
const ROWS: Readonly<Record<string, Row>> = {
  "a text": {
    args: ["ask", "a text"],
    after: ({ dora }, inquiry) => dora("answer", `${inquiry}`, "yes"),
    code: 0,
    out: "yes\n",
    state: "answered",
  },
  "a choice": {
    args: ["ask", "a choice", "--choice", "red,blue", "--queue", "paint"],
    after: (operators, inquiry) => decide(operators, inquiry, "blue"),
    code: 0,
    out: "blue\n",
    state: "decided",
  },
  "an approval by two": {
    args: ["approve", "an approval by two", "--needs", "2", "--key", "two"],
    before: (operators, inquiry) => decide(operators, inquiry, "approve"),
    after: ({ carol }, inquiry) => carol.ask({ type: "decide", inquiry, choice: "approve" }),
    code: 0,
    out: "",
    state: "decided",
  },
  "a denial": {
    args: ["approve", "a denial"],
    after: (operators, inquiry) => decide(operators, inquiry, "deny"),
    code: 3,
    out: "",
    state: "decided",
  },
  "an interruption": {
    args: ["approve", "an interruption"],
    isInterrupted: true,
    code: 130,
    out: "",
    state: "withdrawn",
  },
  "a time-out": {
    args: ["ask", "a time-out", "--choice", "red,blue", "--timeout", "6"],
    code: 124,
    out: "",
    state: "withdrawn or expired",
  },
  "a kill": {
    args: ["approve", "a kill", "--timeout", "6"],
    isKilled: true,
    code: 137,
    out: "",
    state: "expired",
  },
};

/** A place in which commands run against whichever server the relay leads to. */
interface Scene {
  readonly relay: Relay;
  readonly asker: Home;
  readonly desk: Home;
  start(home: Home, args: readonly string[]): Deno.ChildProcess;
  run(home: Home, args: readonly string[]): Promise<Finished>;
}

function sceneOf(parts: Pick<Scene, "relay" | "asker" | "desk">): Scene {
  const nameOf = (home: Home) => home === parts.desk ? "dora" : "deploy";
  const optionsOf = (home: Home, args: readonly string[]) => ({
    home,
    args: [...args, "--server", `127.0.0.1:${parts.relay.port}`, "--name", nameOf(home)],
  });
  return {
    ...parts,
    start: (home, args) => spawnClient(optionsOf(home, args)),
    run: (home, args) => runClient(optionsOf(home, args)),
  };
}

async function operatorsOf(server: TestServer, { desk, run }: Scene): Promise<Operators> {
  const connect = async (name: string) => {
    const client = await server.connect();
    const token = await tokenOf(server, { name, role: "operator" });
    await client.ask({ type: "hello", version: 1, auth: { method: "token", token } });
    return client;
  };
  const dora = (...args: readonly string[]) => run(desk, args);
  return { bob: await connect("bob"), carol: await connect("carol"), dora };
}

/** The inquiries by the words of their questions, once all are asked. */
async function inquiriesOf({ bob }: Operators): Promise<ReadonlyMap<string, number>> {
  const opened = ({ events }: Frame): readonly Frame[] =>
    events.filter(({ change }: Frame) => change === "opened");
  const page = await eventually(
    () => bob.ask({ type: "history", room: "desk", limit: 100 }),
    (page) => opened(page).length === Object.keys(ROWS).length,
  );
  return new Map(opened(page).map(({ content, inquiry }) => [content, inquiry]));
}

/** The client that waits is connected again: without a connection nothing can be withdrawn. */
async function untilBack({ bob }: Operators, inquiry: number): Promise<void> {
  await eventually(
    () => bob.ask({ type: "members", room: `?${inquiry}` }),
    ({ members }) => members.some(({ here }: { here: boolean }) => here),
  );
}

/** Reads the stream of the desk up to its last change. @returns the changes, by their seqs */
async function readDesk(
  stream: Deno.ChildProcess,
  { bob }: Operators,
): Promise<ReadonlyMap<number, string>> {
  const { events: [last] } = await bob.ask({ type: "history", room: "desk", limit: 1 });
  const lines = new LineReader(stream.stdout);
  const changes = new Map<number, string>();
  while (changes.size < last.seq) {
    const { seq, change } = JSON.parse(await lines.next() ?? "null");
    changes.set(seq, change);
  }
  stream.kill("SIGINT");
  assertEquals((await stream.status).code, 130);
  await lines.close();
  await stream.stderr.cancel();
  return changes;
}

async function startOn(database: TestDatabase): Promise<TestServer> {
  const limits = { ...UNHURRIED, inquiries_open_guest: 20, inquiries_burst: 20 };
  return await startTestServer({ driver: await database.open(), limits, pace: 20 });
}

async function finish(child: Deno.ChildProcess): Promise<readonly [number, string]> {
  const { code, stdout } = await child.output();
  return [code, new TextDecoder().decode(stdout)];
}

function countOf(changes: ReadonlyMap<number, string>, wanted: string): number {
  return [...changes.values()].filter((change) => change === wanted).length;
}

async function restartAmid(database: TestDatabase, scene: Scene): Promise<void> {
  const { relay, asker, desk } = scene;
  const children = new Map<string, Deno.ChildProcess>();
  let asked: ReadonlyMap<string, number>;
  let stream: Deno.ChildProcess;
  {
    await using server = await startOn(database);
    relay.target = server.port;
    // From now on the name has a token.
    await scene.run(asker, ["decision", "--key", "none"]);
    const operators = await operatorsOf(server, scene);
    await runClient({
      home: desk,
      args: ["use-token", "--server", `127.0.0.1:${relay.port}`],
      stdin: `${await tokenOf(server, { name: "dora", role: "operator" })}\n`,
    });
    for (const [name, { args }] of Object.entries(ROWS)) {
      children.set(name, scene.start(asker, args));
    }
    stream = scene.start(desk, ["desk", "--json", "--since", "0"]);
    asked = await inquiriesOf(operators);
    for (const [name, { before, isKilled }] of Object.entries(ROWS)) {
      await before?.(operators, asked.get(name) ?? 0);
      if (isKilled === true) children.get(name)?.kill("SIGKILL");
    }
    relay.target = undefined;
  }
  await using server = await startOn(database);
  const operators = await operatorsOf(server, scene);
  relay.target = server.port;
  const listed = await operators.dora("queue", "--json");
  assertStringIncludes(listed.out, '"a text"');
  const painted = await operators.dora("queue", "--queue", "paint", "--json");
  assertEquals(JSON.parse(painted.out).content, "a choice");
  for (const [name, { after, isInterrupted }] of Object.entries(ROWS)) {
    await after?.(operators, asked.get(name) ?? 0);
    if (isInterrupted !== true) continue;
    await untilBack(operators, asked.get(name) ?? 0);
    children.get(name)?.kill("SIGINT");
  }
  for (const [name, { code, out }] of Object.entries(ROWS)) {
    const child = children.get(name);
    if (child !== undefined) assertEquals([name, ...await finish(child)], [name, code, out]);
  }
  for (const [name, { state: expected }] of Object.entries(ROWS)) {
    const { state } = await eventually(
      () => operators.bob.ask({ type: "question", inquiry: asked.get(name) }),
      ({ state }) => expected.includes(state),
    );
    assertStringIncludes(expected, state, name);
  }
  const changes = await readDesk(stream, operators);
  assertEquals([...changes.keys()], [...changes.keys()].map((_, at) => at + 1));
  assertEquals(countOf(changes, "opened"), 7);
  assertEquals(countOf(changes, "decided"), 4);
  assertEquals(countOf(changes, "answered"), 1);
  const later = await scene.run(asker, ["decision", "--key", "two", "--wait"]);
  assertEquals([later.code, later.out], [0, "approve\n"]);
  const { out } = await operators.dora("desk", "report", "--json");
  const report = JSON.parse(out);
  assertEquals([report.asked, report.answered, report.decided, report.waiting], [7, 1, 3, 0]);
}

for (const store of testDatabases()) {
  Deno.test({
    name: `desk commands: each ends as decided, whatever restarts meanwhile [${store.name}]`,
    ignore: store.isMissing,
    fn: async () => {
      await using database = await store.create();
      await using relay = new Relay();
      await using asker = await Home.create();
      await using desk = await Home.create();
      await restartAmid(database, sceneOf({ relay, asker, desk }));
    },
  });
}
