// docs/client.md against the program: its list of commands is the table's.

import { assertEquals } from "@std/assert";
import { LINE_TABLE } from "../../../lib/client/slash/line_table.ts";
import { formatHelp } from "../../../lib/client/slash/slash_table.ts";

const LIST =
  /<!-- The commands: generated from the table\. -->\n\n```text\n([^]*?)```\n\n<!-- End of the commands\. -->/;

Deno.test("client.md: the commands are those of the table", async () => {
  const [, written = ""] = LIST.exec(await Deno.readTextFile("docs/client.md")) ?? [];
  const wanted = LINE_TABLE.commands.map((command) => `${formatHelp(command)}\n`).join("");
  assertEquals(written, wanted, `docs/client.md must list:\n${wanted}`);
});

Deno.test("/help: no line is wider than 80 columns", () => {
  const wide = LINE_TABLE.commands.map((command) => `── ${formatHelp(command)}`)
    .filter((line) => line.length > 80);
  assertEquals(wide, []);
});
