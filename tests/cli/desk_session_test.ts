// The session of docs/desk.md, "One asker, two operators": what the page says is typed is typed, into the real
// programs, and what it says is shown is shown, in this order. A failure shows the screens as they are now.

import { assert, assertEquals } from "@std/assert";
import { Home, spawnClient } from "../support/processes/client_process.ts";
import { freePort } from "../support/processes/ports.ts";
import { SERVER_PROGRAM, serverFlags } from "../support/processes/task_flags.ts";
import { hasPty, KEYS, Terminal } from "../support/terminals/pty.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/desk.md", import.meta.url));
const [, SECTION = ""] = /^## One asker, two operators$([^]*?)^## /m.exec(PAGE) ?? [];
const BLOCKS = [...SECTION.matchAll(/^```text\n([^]*?)^```$/gm)]
  .map(([, text = ""]) => text.trimEnd().split("\n"));
const [ASKER = [], CONSOLE = [], CLIENT = []] = BLOCKS;

/** Any time of the day stands for every other one, any day for today. */
function isLike(row: string, line: string): boolean {
  const escaped = line.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replaceAll(/\d{4}-\d\d-\d\d/g, "\\d{4}-\\d\\d-\\d\\d")
    .replaceAll(/\d\d:\d\d/g, "\\d\\d:\\d\\d");
  return new RegExp(`^${pattern}$`).test(row.trim());
}

/** An operator in a terminal, who does what a block of the page says, part by part. */
class Operator {
  readonly #terminal: Terminal;
  readonly #prompt: string;
  readonly #lines: string[];

  constructor(terminal: Terminal, { lines, prompt }: { lines: readonly string[]; prompt: string }) {
    this.#terminal = terminal;
    this.#lines = [...lines];
    this.#prompt = prompt;
  }

  /** Types the next line of the page, if it is one that is typed, and waits for all that it shows. */
  async play(): Promise<void> {
    const typed = this.#lines[0]?.startsWith(this.#prompt) ? this.#lines.shift() : undefined;
    if (typed !== undefined) {
      await this.#terminal.type(typed.slice(this.#prompt.length), KEYS.enter);
    }
    while (this.#lines.length > 0 && !this.#lines[0]?.startsWith(this.#prompt)) {
      const line = this.#lines.shift() ?? "";
      await this.#terminal.until(line, ({ all }) => all.some((row) => isLike(row, line)));
    }
  }

  get left(): number {
    return this.#lines.length;
  }
}

Deno.test({
  name: "desk.md: the session of one asker and two operators goes as the page has it",
  ignore: !hasPty,
  fn: async () => {
    assert(BLOCKS.length === 3, "The section has another form");
    await using desk = await Home.create();
    await using home = await Home.create();
    await using asker = await Home.create();
    const address = `127.0.0.1:${freePort()}`;
    await using server = Terminal.start({
      home: desk,
      program: [...serverFlags({ listen: address }), "--quiet", SERVER_PROGRAM],
      args: ["--listen", address],
      columns: 100,
    });
    await server.untilLast("desk>");
    const token = (await Deno.readTextFile(`${desk.path}/data/admin.token`)).trim();
    const path = `.config/parley/tokens/${encodeURIComponent(address)}/admin.json`;
    await home.write(path, JSON.stringify({ server: address, name: "admin", token }));
    const args = ["--name", "admin", "--server", address];
    await using client = Terminal.start({ home, args, columns: 100 });
    await client.untilLast("#lobby>");
    const operators = [
      new Operator(server, { lines: CONSOLE, prompt: "desk> " }),
      new Operator(client, { lines: CLIENT, prompt: "#lobby> " }),
    ];
    const [command = "", ...expected] = ASKER;
    const [, question = "", options = ""] = /client approve "(.*)" (.*)$/.exec(command) ?? [];
    const approval = spawnClient({
      home: asker,
      args: [
        "approve",
        question,
        ...options.split(" "),
        "--timeout",
        "10m",
        "--server",
        address,
        "--name",
        "deploy",
      ],
    });
    // The question; the first choices; the second ones.
    for (const _ of ["asked", "first", "second"]) {
      for (const operator of operators) await operator.play();
    }
    assertEquals(operators.map(({ left }) => left), [0, 0]);
    const { code, stderr } = await approval.output();
    const rows = new TextDecoder().decode(stderr).trimEnd().split("\n");
    const shown = expected.slice(0, expected.indexOf("$ echo $?"));
    assert(
      rows.length === shown.length && rows.every((row, at) => isLike(row, shown[at] ?? "")),
      rows.join("\n"),
    );
    assertEquals(`${code}`, expected.at(-1));
  },
});
