// The directions of import, as one small table. A folder may import only what its row names; what
// is imported for its types alone may come from the second list too. With it run the tests of sizes and
// words, so that this file is all that is held of the sources themselves.

import { assertEquals, assertMatch } from "@std/assert";
import "./layers/sizes.ts";
import { listSources } from "./layers/source.ts";
import "./layers/words.ts";

interface Layer {
  /** Folders and files of lib/ it may import. */
  readonly from: readonly string[];
  /** Those it may import types from. */
  readonly typesFrom?: readonly string[];
}

/** Every folder may import these, and they import nothing else. */
const COLLECTIONS = "lib/collections/";
const COMMON = [COLLECTIONS, "lib/error_message.ts"];

const LAYERS: Readonly<Record<string, Layer>> = {
  [COLLECTIONS]: { from: [] },
  "lib/tls/": { from: ["lib/tls/"] },
  "lib/wire/": { from: ["lib/wire/", "lib/time.ts"] },
  "lib/store/": {
    from: [
      "lib/store/",
      "lib/wire/errors.ts",
      "lib/wire/event.ts",
      "lib/wire/frames/roles.ts",
      "lib/wire/room_ref.ts",
      "lib/config/address.ts",
      "lib/time.ts",
      "sql/",
    ],
    typesFrom: ["lib/wire/"],
  },
  "lib/chat/": {
    from: [
      "lib/chat/",
      "lib/cluster/",
      "lib/store/records.ts",
      "lib/store/repository.ts",
      "lib/store/desk/records.ts",
      "lib/store/moderation/records.ts",
      "lib/wire/errors.ts",
      "lib/wire/codec.ts",
      "lib/wire/limits.ts",
      "lib/wire/room_ref.ts",
      "lib/wire/text.ts",
      "lib/wire/frames/scopes.ts",
      "lib/wire/requests/network.ts",
    ],
    typesFrom: ["lib/wire/", "lib/time.ts"],
  },
  // The client program on the server's own terminal.
  "lib/server/console/": {
    from: [
      "lib/server/console/",
      "lib/client/",
      "lib/terminal/",
      "lib/chat/people/names.ts",
      "lib/time.ts",
    ],
    typesFrom: [
      "lib/server/",
      "lib/wire/",
      "lib/store/records.ts",
      "lib/store/repository.ts",
      "lib/store/desk/records.ts",
      "lib/store/moderation/records.ts",
      "lib/log.ts",
    ],
  },
  "lib/server/": {
    from: [
      "lib/server/",
      "lib/terminal/",
      "lib/chat/",
      "lib/wire/",
      "lib/tls/",
      "lib/store/records.ts",
      "lib/store/repository.ts",
      "lib/store/desk/records.ts",
      "lib/store/moderation/records.ts",
      "lib/config/address.ts",
      "lib/config/config_error.ts",
      "lib/config/database.ts",
      "lib/exit_codes.ts",
      "lib/time.ts",
      "lib/version.ts",
    ],
    typesFrom: ["lib/cluster/bus.ts", "lib/log.ts"],
  },
  "lib/cluster/": {
    from: [
      "lib/cluster/",
      "lib/chat/people/names.ts",
      "lib/config/address.ts",
      "lib/wire/",
      "lib/time.ts",
    ],
    typesFrom: ["lib/chat/fanout.ts", "lib/store/records.ts", "lib/log.ts"],
  },
  "lib/terminal/": {
    from: ["lib/terminal/", "lib/output_queue.ts"],
    typesFrom: ["lib/wire/", "lib/time.ts"],
  },
  // The legacy program's dialect and tables: this folder goes when nobody has that program any more.
  "lib/legacy/": {
    from: [
      "lib/legacy/",
      "lib/server/",
      "lib/chat/",
      "lib/store/",
      "lib/wire/",
      "lib/time.ts",
      "sql/",
    ],
    typesFrom: ["lib/log.ts"],
  },
  "lib/client/": {
    from: [
      "lib/client/",
      "lib/terminal/",
      "lib/wire/",
      "lib/tls/",
      "lib/config/",
      "lib/exit_codes.ts",
      "lib/output_queue.ts",
      "lib/deno_task.ts",
      "lib/time.ts",
      "lib/version.ts",
    ],
  },
  // Commands for the running server: a client with the admin's token.
  "lib/admin/": {
    from: [
      "lib/admin/",
      "lib/client/",
      "lib/terminal/",
      "lib/wire/",
      "lib/config/",
      "lib/exit_codes.ts",
      "lib/time.ts",
    ],
  },
  "lib/config/": {
    from: ["lib/config/", "lib/tls/", "lib/wire/", "lib/log.ts", "lib/exit_codes.ts"],
    typesFrom: ["lib/chat/", "lib/store/"],
  },
};

/** Only these may name what is behind them. */
const KEEPERS: readonly (readonly [name: RegExp, allowed: readonly string[]])[] = [
  [/store\/(mysql|sqlite)\/driver\.ts$/, ["server.ts"]],
  [/^mysql2/, ["lib/store/mysql/"]],
  [/cluster\/nats_bus\.ts$/, ["server.ts"]],
  [/^@nats-io/, ["lib/cluster/nats_bus.ts"]],
  [/^node:sqlite$/, ["lib/store/sqlite/connection.ts"]],
];

/** What rooms must not touch: time, chance and the runtime come in from outside. */
const PURE = "lib/chat/";
const IMPURE = /\bDeno\.|\bconsole\.|\bDate\.now\b|\bMath\.random\b|\bperformance\./;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly isTypeOnly: boolean;
}

async function readImports(): Promise<{ imports: Import[]; texts: Map<string, string> }> {
  const imports: Import[] = [];
  const texts = new Map<string, string>();
  const files = ["server.ts", "client.ts"];
  for await (const file of listSources("lib")) files.push(file);
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    texts.set(file, text);
    for (const [, type, target] of text.matchAll(IMPORT)) {
      imports.push({ file, target: resolve(file, target ?? ""), isTypeOnly: type !== undefined });
    }
    for (const [, target] of text.matchAll(/\bimport\("([^"]+)"\)/g)) {
      imports.push({ file, target: resolve(file, target ?? ""), isTypeOnly: false });
    }
  }
  return { imports, texts };
}

const IMPORT = /^(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;

function resolve(file: string, target: string): string {
  if (!target.startsWith(".")) return target;
  return new URL(target, `file:///${file}`).pathname.slice(1);
}

const { imports, texts } = await readImports();

Deno.test("layers: every folder of lib has a row", () => {
  const unlisted = [...texts.keys()].filter((file) =>
    /^lib\/[^/]+\//.test(file) && !Object.keys(LAYERS).some((layer) => file.startsWith(layer))
  );
  assertEquals(unlisted, []);
});

Deno.test("layers: imports go only in the directions of the table", () => {
  const wrong: string[] = [];
  for (const { file, target, isTypeOnly } of imports) {
    const layer = Object.entries(LAYERS).find(([folder]) => file.startsWith(folder))?.[1];
    if (layer === undefined || !/^(lib|sql|tests|bench)\/|^deno\.json$/.test(target)) continue;
    const allowed = [...COMMON, ...layer.from, ...(isTypeOnly ? layer.typesFrom ?? [] : [])];
    if (!allowed.some((from) => target.startsWith(from))) wrong.push(`${file} -> ${target}`);
  }
  assertEquals(wrong, []);
});

Deno.test("layers: drivers and runtimes are named only by their keepers", () => {
  const wrong = imports.filter(({ file, target }) =>
    KEEPERS.some(([name, allowed]) =>
      name.test(target) && !allowed.some((keeper) => file.startsWith(keeper))
    )
  );
  assertEquals(wrong.map(({ file, target }) => `${file} -> ${target}`), []);
});

Deno.test("layers: the program loads a driver or a bus only when it is wanted", () => {
  const loaded = [...(texts.get("server.ts") ?? "").matchAll(IMPORT)]
    .filter(([, type, target = ""]) =>
      type === undefined && KEEPERS.some(([name]) => name.test(target))
    );
  assertEquals(loaded.map(([, , target]) => target), []);
  for (const name of ["store/mysql/driver.ts", "store/sqlite/driver.ts", "cluster/nats_bus.ts"]) {
    assertMatch(texts.get("server.ts") ?? "", new RegExp(`await import\\("./lib/${name}"\\)`));
  }
});

Deno.test("layers: rooms ask nobody for time, chance or the console", () => {
  const wrong = [...texts].filter(([file, text]) =>
    file.startsWith(PURE) &&
    IMPURE.test(text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ""))
  );
  assertEquals(wrong.map(([file]) => file), []);
});

Deno.test("layers: commands reach the store through the chat alone", () => {
  const wrong = imports.filter(({ file, target, isTypeOnly }) =>
    file.startsWith("lib/server/commands/") && target.startsWith("lib/store/") && !isTypeOnly
  );
  assertEquals(wrong.map(({ file, target }) => `${file} -> ${target}`), []);
});

Deno.test("layers: no file imports itself by a circle, nor for its types alone", () => {
  assertEquals(findCircles(imports), []);
});

/** The circles among imports, each as "a -> b -> a" from its first file in the alphabet. */
function findCircles(edges: readonly Import[]): readonly string[] {
  const graph = new Map<string, string[]>();
  for (const { file, target } of edges) graph.set(file, [...graph.get(file) ?? [], target]);
  const state = new Map<string, "open" | "done">();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (state.get(file) === "open") circles.push(fromFirst(path.slice(path.indexOf(file))));
    if (state.has(file)) return;
    state.set(file, "open");
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, "done");
  };
  for (const file of [...graph.keys()].toSorted()) visit(file, []);
  return [...new Set(circles)].toSorted();
}

function fromFirst(circle: readonly string[]): string {
  const at = circle.indexOf(circle.toSorted()[0] ?? "");
  const turned = [...circle.slice(at), ...circle.slice(0, at)];
  return [...turned, turned[0]].join(" -> ");
}
