// What a live line shows of its state, as a file keeps it, and as `status` prints it. Pure.

import type { StatusFormat } from "../../config/shell/status_format.ts";
import { formatRoom } from "../../terminal/view_lines.ts";
import { safeJson, safeText } from "../../terminal/safe_text.ts";
import { isBoolean, isCount, isText, listOf, optional, shaped } from "../../wire/shape.ts";

/** A room of the person, and what is new there. */
export interface RoomNews {
  readonly room: string;
  /** Its place in the live line, from 1. */
  readonly number: number;
  /** How many messages of others are not read. */
  readonly unread: number;
  /** How many of them concern the person. */
  readonly calls: number;
}

/** The state of one live line. */
export interface LineStatus {
  /** `chat.example:65433`, or a join string without its code. */
  readonly server: string;
  readonly name: string;
  readonly online: boolean;
  /** How many inquiries wait for an answer, for an operator. */
  readonly waiting: number;
  /** Those in which something is new, by number. */
  readonly rooms: readonly RoomNews[];
  /** Every room of the person; unknown of a line of an older version. */
  readonly joined?: readonly string[] | undefined;
  /** When this state began, UTC milliseconds. */
  readonly time: number;
}

export const isLineStatus = shaped<LineStatus>({
  server: isText,
  name: isText,
  online: isBoolean,
  waiting: isCount,
  rooms: listOf(shaped<RoomNews>({
    room: isText,
    number: isCount,
    unread: isCount,
    calls: isCount,
  })),
  joined: optional(listOf(isText)),
  time: isCount,
});

/** Whether something is there for the person: a message that concerns them, or a waiting inquiry. */
export function isForYou({ rooms, waiting }: LineStatus): boolean {
  return waiting > 0 || rooms.some(({ calls }) => calls > 0);
}

/** `[2:ops 14]`, with `!` when some of it concerns the person. */
export function formatNews({ room, number, unread, calls }: RoomNews): string {
  return `[${number}:${formatRoom(room).replace(/^#/, "")} ${unread}${calls > 0 ? "!" : ""}]`;
}

/** `[?:desk 3]` */
export function formatWaiting(waiting: number): string {
  return `[?:desk ${waiting}]`;
}

/** `ada@chat.example` */
export function formatPerson({ name, server }: Pick<LineStatus, "name" | "server">): string {
  return `${name}@${hostOf(server)}`;
}

/** `chat.example`, of a server as it is written, with its port and perhaps its pin. */
function hostOf(server: string): string {
  return server.replace(/^parley:\/\//, "").replace(/[/#].*$/, "").replace(/:\d+$/, "");
}

/** What `status` prints, with its last newline; nothing when there is nothing to show. */
export function formatStatus(lines: readonly LineStatus[], format: StatusFormat): string {
  if (format === "json") return lines.map((line) => `${safeJson(line)}\n`).join("");
  if (format === "text") return lines.map((line) => `${safeText(formatLong(line))}\n`).join("");
  const texts = lines.map((line) => formatShort(line, { isNamed: lines.length > 1 }));
  const shown = texts.filter((text) => text !== "");
  return shown.length === 0 ? "" : `${escapeTmux(shown.join(" "))}\n`;
}

function formatLong(line: LineStatus): string {
  const news = listNews(line);
  const person = `${formatPerson(line)}${line.online ? "" : " · offline"}`;
  return news.length === 0 ? person : `${news.join(" ")}  ${person}`;
}

function formatShort(line: LineStatus, { isNamed }: { readonly isNamed: boolean }): string {
  const parts = [...listNews(line), ...(line.online ? [] : ["offline"])];
  return parts.length === 0 || !isNamed
    ? parts.join(" ")
    : [formatPerson(line), ...parts].join(" ");
}

function listNews({ rooms, waiting }: LineStatus): readonly string[] {
  return [...rooms.map(formatNews), ...(waiting > 0 ? [formatWaiting(waiting)] : [])];
}

/** tmux expands what follows a `#`, also in the output of a command (FORMATS in tmux(1)). */
function escapeTmux(text: string): string {
  return safeText(text).replaceAll("#", "##");
}
