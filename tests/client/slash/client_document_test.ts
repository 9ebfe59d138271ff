// docs/client.md against the program: its list of commands is the table's.

import { assertEquals } from "@std/assert";
import { LINE_TABLE } from "../../../lib/client/slash/line_table.ts";
import { formatHelp } from "../../../lib/client/slash/slash_table.ts";

const BEGIN = "<!-- The commands: generated from the table. -->";
const END = "<!-- End of the commands. -->";

Deno.test("client.md: the commands are those of the table", async () => {
  const text = await Deno.readTextFile("docs/client.md");
  const written = text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END));
  const rows = written.split("\n").filter((row) => row.startsWith("| `/"))
    .map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
  const wanted = LINE_TABLE.commands.map(({ usage, description, aliases = [] }) => [
    `\`${usage.replaceAll("|", " or ")}\``,
    description,
    aliases.map((alias) => `\`${alias}\``).join(", "),
  ]);
  const generated = wanted.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  assertEquals(rows, wanted, `docs/client.md must list:\n${generated}`);
});

Deno.test("/help: no line is wider than 80 columns", () => {
  const wide = LINE_TABLE.commands.map((command) => `── ${formatHelp(command)}`)
    .filter((line) => line.length > 80);
  assertEquals(wide, []);
});
