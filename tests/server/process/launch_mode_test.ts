// How the server was started, from what the task hands over and from its terminals.

import { assertEquals } from "@std/assert";
import { describeLaunchMode, type LaunchFacts } from "../../../lib/server/process/launch_mode.ts";

const NONE = { stdin: false, stdout: false, stderr: false };
const ALL = { stdin: true, stdout: true, stderr: true };

function stat(facts: { group: number; terminal: number; foreground: number }): string {
  const { group, terminal, foreground } = facts;
  // The name of a program may hold brackets and blanks.
  return `77 (de) no (x) R 41 ${group} 41 ${terminal} ${foreground} 4194304 1254 0 0\n`;
}

function status(ignored: string, caught = "0000000100000440"): string {
  return `Name:\tdeno\nState:\tR (running)\nSigIgn:\t${ignored}\nSigCgt:\t${caught}\n`;
}

function launch(facts: Partial<LaunchFacts>): ReturnType<typeof describeLaunchMode> {
  return describeLaunchMode({ status: "", os: "linux", terminals: ALL, ...facts });
}

Deno.test("launch: a process outside the terminal's foreground group is in the background", () => {
  const background = (facts: Parameters<typeof stat>[0]) =>
    launch({ status: stat(facts) }).isInBackground;
  assertEquals(background({ group: 77, terminal: 34816, foreground: 41 }), true);
  assertEquals(background({ group: 77, terminal: 34816, foreground: 77 }), false);
  assertEquals(background({ group: 77, terminal: 0, foreground: -1 }), false);
});

Deno.test("launch: without what Linux says of the task, nothing is taken for the background", () => {
  for (const status of ["", "\n", "cat: /proc/self/stat: No such file", "77 (deno) R"]) {
    assertEquals(launch({ status }).isInBackground, false, status);
  }
});

Deno.test("launch: a server whose SIGHUP was ignored goes on without its terminal", () => {
  const foreground = stat({ group: 77, terminal: 34816, foreground: 77 });
  const nohup = launch({ status: foreground + status("0000000000001001") });
  assertEquals(nohup, { isByTask: true, isInBackground: false, stopsOnHangUp: false });
  // As the task's shell hands it over.
  const blanks = (foreground + status("0000000000001001")).replaceAll(/\s/g, " ");
  assertEquals(launch({ status: blanks }), nohup);
  // SIGINT and SIGPIPE are ignored, SIGHUP is not: also where there is no terminal.
  const plain = { status: foreground + status("0000000000001002"), terminals: NONE };
  assertEquals(launch(plain).stopsOnHangUp, true);
  // The runtime of the task catches it already: whether it was ignored is not known any more.
  const hidden = foreground + status("0000000000001000", "0000000100004443");
  assertEquals(launch({ status: hidden, terminals: NONE }).stopsOnHangUp, false);
  assertEquals(launch({ status: hidden, terminals: ALL }).stopsOnHangUp, true);
});

Deno.test("launch: otherwise SIGHUP stops a server that has a terminal nohup would have taken off", () => {
  const stops = (os: LaunchFacts["os"], terminals: Partial<typeof ALL>) =>
    launch({ os, terminals: { ...NONE, ...terminals } }).stopsOnHangUp;
  assertEquals(stops("linux", {}), false);
  assertEquals(stops("linux", { stdin: true }), true);
  assertEquals(stops("darwin", { stdin: true }), false);
  for (const os of ["linux", "darwin", "windows"] as const) {
    assertEquals(stops(os, { stdout: true }), true);
    assertEquals(stops(os, { stderr: true }), true);
  }
});
