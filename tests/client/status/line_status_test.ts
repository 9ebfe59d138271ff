import { assertEquals } from "@std/assert";
import { parseClientConfig } from "../../../lib/config/client.ts";
import { formatStatus, isForYou, type LineStatus } from "../../../lib/client/status/line_status.ts";
import { findStatusOptions } from "../../../lib/client/status/print_status.ts";

const QUIET: LineStatus = {
  server: "chat.example:65433",
  name: "ada",
  online: true,
  waiting: 0,
  rooms: [],
  time: 1,
};
const OPS = { room: "ops", number: 2, unread: 14, calls: 0 };
const BOB = { room: "@bob", number: 3, unread: 2, calls: 2 };

Deno.test("status: the text is the row above the line, the server without port and pin", () => {
  const busy = { ...QUIET, rooms: [OPS, BOB], waiting: 3 };
  assertEquals(
    formatStatus([busy], "text"),
    "[2:ops 14] [3:@bob 2!] [?:desk 3]  ada@chat.example\n",
  );
  const pinned = { ...QUIET, server: `parley://chat.example:7/#${"x".repeat(22)}`, online: false };
  assertEquals(
    formatStatus([QUIET, pinned], "text"),
    [
      "ada@chat.example\n",
      "ada@chat.example · offline\n",
    ].join(""),
  );
});

Deno.test("status: for tmux it is one line, empty when nothing is new, and tmux expands nothing of it", () => {
  assertEquals(formatStatus([QUIET], "tmux"), "");
  assertEquals(formatStatus([{ ...QUIET, rooms: [OPS] }], "tmux"), "[2:ops 14]\n");
  const several = [{ ...QUIET, rooms: [OPS] }, QUIET, { ...QUIET, name: "eve", online: false }];
  assertEquals(
    formatStatus(several, "tmux"),
    "ada@chat.example [2:ops 14] eve@chat.example offline\n",
  );
  const hostile = { ...OPS, room: "#[fg=red]#(date)\n\x1b[31m" };
  assertEquals(
    formatStatus([{ ...QUIET, rooms: [hostile] }], "tmux"),
    "[2:##[fg=red]##(date)␊␛[31m 14]\n",
  );
});

Deno.test("status: as JSON it is the file, one live line a line", () => {
  const busy = { ...QUIET, rooms: [OPS] };
  assertEquals(
    formatStatus([busy, QUIET], "json"),
    `${JSON.stringify(busy)}\n${JSON.stringify(QUIET)}\n`,
  );
});

Deno.test("status: a mention, a direct message or a waiting inquiry is for the person, news are not", () => {
  assertEquals(isForYou({ ...QUIET, rooms: [OPS] }), false);
  assertEquals(isForYou({ ...QUIET, rooms: [OPS, BOB] }), true);
  assertEquals(isForYou({ ...QUIET, waiting: 1 }), true);
});

/** The command as the whole client parses it. */
function parse(args: readonly string[]): unknown {
  const parsed = parseClientConfig(["status", ...args], {
    version: "",
    exitCodes: "",
    env: (name) => name === "HOME" ? "/home/ada" : undefined,
    isAttended: () => true,
    hasFolder: () => false,
    findFile: () => undefined,
  });
  return "command" in parsed ? parsed.command : undefined;
}

Deno.test("status: what is parsed without the whole client is parsed as by it", () => {
  for (
    const args of [
      [],
      ["--format", "tmux"],
      ["--format", "json", "--name", "ada"],
    ]
  ) {
    const { format, name } = findStatusOptions(args) ?? {};
    const kind = { kind: "status", isAtServer: false };
    assertEquals({ ...kind, format, name }, parse(args), args.join(" "));
  }
  for (
    const args of [
      ["--help"],
      ["--format"],
      ["--format", "html"],
      ["--name", "-x"],
      ["x"],
      [
        "--plain",
        "--name",
        "ada",
      ],
      ["--format=tmux"],
      ["--server", "work"],
    ]
  ) {
    assertEquals(findStatusOptions(args), undefined, args.join(" "));
  }
});
