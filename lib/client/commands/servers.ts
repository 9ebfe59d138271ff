// `servers`: lists, renames and removes the person's servers. Needs no connection.

import { formatServer } from "../../config/link/chosen_server.ts";
import type { Profile } from "../../config/link/profiles.ts";
import type { ServersCommand } from "../../config/link/servers_commands.ts";
import { formatClock, formatDay } from "../../terminal/layout.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import { notice } from "../../terminal/view_lines.ts";
import type { ServerList } from "../files/server_list.ts";
import { type Output, writeLine } from "../output/plain_and_json_views.ts";

interface ServersOptions {
  readonly profiles: readonly Profile[];
  readonly list: ServerList;
  readonly output: Output;
}

/** @throws {Failure} usage, when there is no such server; {FileFault} */
export async function servers(
  command: ServersCommand,
  { profiles, list, output }: ServersOptions,
): Promise<void> {
  if (command.does === "rename") {
    const former = await list.rename(command);
    return writeLine(output, notice(`${former} is called ${command.to} now`));
  }
  if (command.does === "remove") {
    const { name, server } = await list.remove(command.name);
    const token = `deno task client logout --server '${formatServer(server)}'`;
    return writeLine(output, notice(`${name} is forgotten; a token for it is ended by ${token}`));
  }
  const rows = await Promise.all(profiles.map(async (profile) => {
    const used = await list.usedAt(profile.server);
    const { address, pin } = placeOf(profile);
    const user = profile.settings.get("name");
    return { name: profile.name, address, user, used, pin };
  }));
  if (command.json) return output.stdout(rows.map((row) => `${safeJson(row)}\n`).join(""));
  if (rows.length === 0) return writeLine(output, notice(NONE));
  output.stdout(layOutTable([
    ["name", "address", "you are", "used last", "pin"],
    ...rows.map(({ name, address, user = "-", used, pin = "-" }) => [
      name,
      address,
      safeText(user),
      formatTime(used),
      pin,
    ]),
  ]));
}

const NONE = "No servers yet: one is kept when you join, log in, or chat there";

function placeOf({ server: { address, tls } }: Profile): {
  readonly address: string;
  readonly pin: string | undefined;
} {
  const place = tls === undefined ? { address } : { address, tls: {} };
  return { address: formatServer(place), pin: tls?.pin };
}

function formatTime(used: string | undefined): string {
  const ms = Date.parse(used ?? "");
  return Number.isNaN(ms) ? "never" : `${formatDay(ms)} ${formatClock(ms)}`;
}

/** Rows of cells as columns of one width each. */
function layOutTable(rows: readonly (readonly string[])[]): string {
  const [first = []] = rows;
  const widths = first.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    `${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()}\n`
  ).join("");
}
