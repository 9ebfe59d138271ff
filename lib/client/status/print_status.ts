// `status`: prints what live lines show, from their files, without a connection. Started for every redraw
// of a status line, it loads little and reads no settings: `client.ts` runs it without the rest of the
// client.

import { EXIT_CODES } from "../../exit_codes.ts";
import { STATUS_FORMATS, type StatusFormat } from "../../config/shell/status_format.ts";
import { formatStatus, isForYou } from "./line_status.ts";
import { readLiveLines } from "./live_lines.ts";

export interface StatusOptions {
  readonly format: StatusFormat;
  /** Only the live lines of this server, as tokens are kept for it. */
  readonly server?: string | undefined;
  /** Only the live lines of this name. */
  readonly name?: string | undefined;
}

export interface StatusResult {
  readonly exitCode: number;
  /** For stdout. */
  readonly text: string;
  /** For a person, when there is no live line. */
  readonly failure?: string;
}

/** @throws {FileFault} */
export function findStatus(
  stateDirectory: string,
  { format, server, name }: StatusOptions,
): StatusResult {
  const lines = readLiveLines(stateDirectory).filter((line) =>
    (server === undefined || line.server === server) &&
    (name === undefined || line.name === name)
  );
  if (lines.length === 0) {
    const which = server === undefined && name === undefined ? "" : " for this server and name";
    const failure = `No live line is running${which}: start one by "client chat"`;
    return { exitCode: EXIT_CODES.unreachable, text: "", failure };
  }
  const exitCode = lines.some(isForYou) ? EXIT_CODES.forYou : EXIT_CODES.done;
  return { exitCode, text: formatStatus(lines, format) };
}

/**
 * The arguments behind `status`. Undefined for all that is not plain (help, a mistake, a server of the
 * configuration): that is parsed by the whole client.
 */
export function findStatusOptions(args: readonly string[]): StatusOptions | undefined {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const [option = "", value] = args.slice(at, at + 2);
    if (!OPTIONS.has(option) || value === undefined || value.startsWith("-")) return undefined;
    given.set(option, value);
  }
  const format = STATUS_FORMATS.find((known) => known === (given.get("--format") ?? "text"));
  if (format === undefined) return undefined;
  return { format, name: given.get("--name") };
}

const OPTIONS: ReadonlySet<string> = new Set(["--format", "--name"]);
