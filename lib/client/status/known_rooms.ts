// `rooms --known`: prints the names of rooms that the live lines of this home know, for the completion of a
// shell. It reads their files and needs no connection.

import { EXIT_CODES } from "../../exit_codes.ts";
import { isRoomName } from "../../wire/room_ref.ts";
import { readLiveLines } from "./live_lines.ts";
import { runOnState } from "./status_program.ts";

/** @returns the exit code */
export function runKnownRooms(): number {
  return runOnState((directory) => ({
    text: listKnownRooms(directory),
    exitCode: EXIT_CODES.done,
  }));
}

/**
 * By name, one a line; empty without a live line. Nothing else is in it: a shell takes each line for a word,
 * and bash expands it. @throws {FileFault}
 */
export function listKnownRooms(stateDirectory: string): string {
  const rooms = readLiveLines(stateDirectory).flatMap(({ joined = [] }) => joined);
  const names = [...new Set(rooms)].filter(isRoomName).sort();
  return names.map((name) => `${name}\n`).join("");
}
