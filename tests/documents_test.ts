// The documents against the project: every path they name exists, every command is one that runs, and
// the page of the architecture covers every folder.

import { assert, assertEquals } from "@std/assert";
import project from "../deno.json" with { type: "json" };
import { parseClientConfig } from "../lib/config/client.ts";
import { parseServerConfig } from "../lib/config/server.ts";
import { parseLineBenchOptions } from "../bench/line/run.ts";
import { parseFanoutOptions } from "../bench/fanout/run.ts";
import { parseBenchOptions } from "../bench/run.ts";

const ROOT = new URL("../", import.meta.url);
const MOST_FILES = 25;
/** Some pages leave out `lib/`. */
const NAMED_PATH = /`((?:lib|tests|bench|sql|docs|packaging)\/[^`\s*<>…]+|[a-z_/]+\/\w+\.ts)`/g;

async function listDocuments(): Promise<string[]> {
  const found = ["README.md", "CONTRIBUTING.md"];
  for (const folder of ["docs", "docs/decisions"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (name.endsWith(".md")) found.push(`${folder}/${name}`);
    }
  }
  return found.toSorted();
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch {
    return false;
  }
}

/** The text under a heading of the second level. */
function section(page: string, heading: string): string {
  const text = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  assert(text !== undefined, `there is no heading "${heading}"`);
  return text;
}

const documents = await listDocuments();
const architecture = read("docs/architecture.md");

Deno.test("documents: every path that is named exists", () => {
  const missing = documents.flatMap((document) =>
    [...read(document).matchAll(NAMED_PATH)]
      .map(([, path = ""]) => path)
      .filter((path) => !exists(path) && !exists(`lib/${path}`))
      .map((path) => `${document}: ${path}`)
  );
  assertEquals(missing, []);
});

Deno.test("documents: every link goes to a file that exists", () => {
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map(([, target = ""]) => new URL(target, new URL(document, ROOT)))
      .filter((target) => !exists(target.href))
      .map((target) => `${document}: ${target.pathname}`)
  );
  assertEquals(broken, []);
});

Deno.test(`architecture: the path of one message has at most ${MOST_FILES} files, each named once`, () => {
  const steps = [...section(architecture, "The path of one message").matchAll(/^\d+\. `([^`]+)`/gm)]
    .map(([, path = ""]) => path);
  assert(steps.length > 15 && steps.length <= MOST_FILES, `${steps.length} files`);
  assertEquals(new Set(steps).size, steps.length);
});

Deno.test("architecture: every folder of lib has a row, and every row is a folder", async () => {
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL("lib", ROOT))) {
    if (isDirectory) folders.push(`lib/${name}`);
  }
  const rows = [...section(architecture, "The folders").matchAll(/^\| `([^`]+)`/gm)]
    .map(([, path = ""]) => path);
  assertEquals(rows.toSorted(), folders.toSorted());
});

Deno.test("architecture: every subfolder is named, and every name is a subfolder", async () => {
  const folders: string[] = [];
  for await (const { name: folder, isDirectory } of Deno.readDir(new URL("lib", ROOT))) {
    if (!isDirectory) continue;
    for await (
      const { name, isDirectory: isFolder } of Deno.readDir(new URL(`lib/${folder}`, ROOT))
    ) {
      if (isFolder) folders.push(`lib/${folder}/${name}`);
    }
  }
  const items = section(architecture, "The subfolders").split(/^- /m).slice(1);
  const named = items.flatMap((item) => {
    const [folder, ...names] = [...item.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    return names.map((name) => `${folder}/${name}`);
  });
  assertEquals(named.toSorted(), folders.toSorted(), "docs/architecture.md, The subfolders");
});

Deno.test("architecture: the glossary explains each word once", () => {
  const words = [...section(architecture, "Glossary").matchAll(/^\| ([a-z][a-z ]*[a-z])\s*\|/gm)]
    .map(([, word = ""]) => word).filter((word) => word !== "word");
  assert(words.length >= 25 && words.length <= 32, `${words.length} words`);
  assertEquals(new Set(words).size, words.length);
});

Deno.test("documents: every task that is named exists", () => {
  const unknown = documents.flatMap((document) =>
    [...read(document).matchAll(/deno task (?:-q )?([a-z][\w:]*)/g)]
      .map(([, task = ""]) => task)
      .filter((task) => !(task in project.tasks))
      .map((task) => `${document}: ${task}`)
  );
  assertEquals(unknown, []);
});

/** These are run, command by command: by cli/readme_test.ts and cli/deploy_test.ts. */
const RUN = ["README.md", "docs/deploy.md"];

/** The commands of the `sh` blocks in the other documents; cli/desk_recipes_test.ts runs whole scripts. */
function listCommands(): string[] {
  const others = documents.filter((document) =>
    document.startsWith("docs/") && !RUN.includes(document)
  );
  return others.flatMap((document) =>
    [...read(document).matchAll(/^```sh\n(?!#!)([^]*?)^```$/gm)].flatMap(([, block = ""]) =>
      block.replaceAll("\\\n", " ").split("\n")
        .map((line) => line.replace(/\s+#.*$/, "").trim())
        .filter((line) => line !== "")
    )
  );
}

/** What tries a command, by its form. Each throws when the program would refuse it. */
const TRIES: readonly [form: RegExp, attempt: (words: readonly string[]) => void][] = [
  [/^deno task bench( |$)/, (words) => void parseBenchOptions(words.slice(3))],
  [/^deno task bench:line( |$)/, (words) => void parseLineBenchOptions(words.slice(3))],
  [/^deno task bench:fanout( |$)/, (words) => void parseFanoutOptions(words.slice(3))],
  [/deno task server(:at)? /, tryServer],
  [/deno task client( |$)/, tryClient],
  // Started like this by the tests of the bus.
  [/^nats-server --addr \S+$/, () => {}],
];

function tryServer(words: readonly string[]): void {
  const task = words.findIndex((word) => word === "task");
  const variables = new Map(
    words.slice(0, task).filter((word) => word.includes("="))
      .map((word): [string, string] => [word.split("=")[0] ?? "", word.split("=")[1] ?? ""]),
  );
  parseServerConfig(words.slice(task + 2), {
    version: "0",
    env: (name) => variables.get(name),
    readFile: () => new Uint8Array(),
  });
}

function tryClient(words: readonly string[]): void {
  const task = words.findIndex((word) => word === "task");
  parseClientConfig(words.slice(task + 2), {
    version: "0",
    exitCodes: "",
    env: (name) => name === "HOME" ? "/home/ada" : undefined,
    isAttended: () => true,
    hasFolder: () => false,
    findFile: () => undefined,
  });
}

/** The words of a command of the shell; those in single quotes are one. */
function splitWords(command: string): readonly string[] {
  return [...command.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ""));
}

Deno.test("documents: every command in docs is accepted by its program", () => {
  const commands = listCommands();
  assert(commands.length >= 5);
  for (const command of commands) {
    const attempt = TRIES.find(([form]) => form.test(command))?.[1];
    assert(attempt !== undefined, `no test tries this command: ${command}`);
    attempt(splitWords(command));
  }
});
